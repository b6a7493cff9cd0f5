"""The command `nova`, which clouds' older scripts still run; commands in one process, one by one."""

import contextlib
import io
import json
import re

from checks import check, connect, equal, until
from novaclient import shell


class Nova:
    """Runs commands as a user of a cloud, and gives what they print."""

    def __init__(self, cloud):
        self.connection = connect(cloud=cloud)
        auth = self.connection.config.config["auth"]
        self.options = [
            "--os-auth-url", auth["auth_url"],
            "--os-username", auth["username"],
            "--os-password", auth["password"],
            "--os-project-name", auth["project_name"],
            "--os-user-domain-id", auth["user_domain_id"],
            "--os-project-domain-id", auth["project_domain_id"],
        ]  # fmt: skip

    def run(self, line, version=None):
        """Gives standard output; raises with standard error when the command fails."""
        out, errors = io.StringIO(), io.StringIO()
        pinned = [] if version is None else ["--os-compute-api-version", version]
        words = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", line)]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            try:
                shell.OpenStackComputeShell().main([*self.options, *pinned, *words])
            except SystemExit as end:
                raise AssertionError(f"{line}: {end.code} {errors.getvalue()}") from end
        return out.getvalue()

    def table(self, line, version=None):
        """The rows of the table that a command prints, each a dictionary."""
        lines = [one for one in self.run(line, version).splitlines() if one.startswith("|")]
        rows = [[cell.strip() for cell in one.strip("|").split("|")] for one in lines]
        return [dict(zip(rows[0], row)) for row in rows[1:]] if rows else []

    def one(self, line, version=None):
        """What a command says of one thing: property to value."""
        return {row["Property"]: row["Value"] for row in self.table(line, version)}

    def column(self, line, name, version=None):
        return sorted(row[name] for row in self.table(line, version))

    def becomes(self, name, status):
        until(
            lambda: self.one(f"show {name}"),
            lambda one: (one["status"], one["OS-EXT-STS:task_state"]) == (status, "-"),
        )

    def refused(self, line, words):
        try:
            out = self.run(line)
        except Exception as refusal:
            assert words in str(refusal), refusal
            return
        raise AssertionError(f"was not refused: {out}")


ADMIN = Nova("chronova-admin")
BOOT = "boot --flavor m1.tiny --image cirros --nic net-name=private"

# What is done to a server, and the status that it comes to.
ACTIONS = (
    ("stop it", "SHUTOFF"),
    ("start it", "ACTIVE"),
    ("reboot it", "ACTIVE"),
    ("reboot --hard it", "ACTIVE"),
    ("pause it", "PAUSED"),
    ("unpause it", "ACTIVE"),
    ("suspend it", "SUSPENDED"),
    ("resume it", "ACTIVE"),
    ("rescue --password open-sesame it", "RESCUE"),
    ("unrescue it", "ACTIVE"),
    ("rebuild it cirros", "ACTIVE"),
    ("shelve it", "SHELVED_OFFLOADED"),
    ("unshelve it", "ACTIVE"),
    ("resize it m1.small", "VERIFY_RESIZE"),
    ("resize-revert it", "ACTIVE"),
    ("migrate it", "VERIFY_RESIZE"),
    ("resize-confirm it", "ACTIVE"),
    ("live-migration it", "ACTIVE"),
    ("reset-state it", "ERROR"),
    ("reset-state --active it", "ACTIVE"),
    ("image-create it snap", "ACTIVE"),
    ("backup it bak daily 1", "ACTIVE"),
    ("trigger-crash-dump it", "ACTIVE"),
    ("lock --reason busy it", "ACTIVE"),
    ("unlock it", "ACTIVE"),
)


def servers():
    def boot():
        made = ADMIN.one(f"{BOOT} --meta a=1 --poll it")
        equal([made["name"], made["status"]], ["it", "BUILD"])
        equal(json.loads(ADMIN.one("show it")["metadata"]), {"a": "1"})

    def lists():
        equal(ADMIN.column("list", "Name"), ["it"])
        for filters in ("--name ^i", "--status ACTIVE", "--flavor m1.tiny", "--image cirros"):
            equal(ADMIN.column(f"list {filters}", "Name"), ["it"])
        equal(ADMIN.column("list --name nobody", "Name"), [])
        equal(ADMIN.column("list --all-tenants --fields name,host", "Name"), ["it"])

    def changes():
        ADMIN.run("meta it set b=2")
        ADMIN.run("meta it delete a")
        ADMIN.run("update --description words it")
        ADMIN.run("server-tag-add it red blue")
        ADMIN.run("server-tag-delete it red")
        equal(ADMIN.column("server-tag-list it", "Tag"), ["blue"])
        shown = ADMIN.one("show it")
        equal(json.loads(shown["metadata"]), {"b": "2"})
        equal(shown["description"], "words")

    def tells():
        assert "login:" in ADMIN.run("console-log it")
        actions = ADMIN.table("instance-action-list it")
        equal(sorted({row["Action"] for row in actions} & {"create", "stop"}), ["create", "stop"])
        shown = ADMIN.one(f"instance-action it {actions[0]['Request_ID']}")
        equal(shown["action"], actions[0]["Action"])
        assert "state" in ADMIN.one("diagnostics it")
        equal(len(ADMIN.table("interface-list it")), 1)
        statuses = ADMIN.column("migration-list", "Status")
        equal(statuses, ["completed", "confirmed", "reverted"])

    def deletes():
        ADMIN.run(f"{BOOT} --min-count 2 --poll twin")
        ADMIN.run("delete it twin-1 twin-2")
        until(
            lambda: ADMIN.column("list --deleted", "Name"),
            lambda names: names == ["it", "twin-1", "twin-2"],
        )
        ADMIN.refused("show it", "No server with a name or ID of 'it' exists")

    check("boot --poll", boot)
    check("list", lists)
    check("meta, update, server-tag-add", changes)
    for command, status in ACTIONS:
        check(command, lambda: (ADMIN.run(command), ADMIN.becomes("it", status)))
    check("console-log, instance-action-list, diagnostics, interface-list, migration-list", tells)
    check("boot --min-count, delete", deletes)


def things():
    def flavors():
        made = ADMIN.table("flavor-create --swap 64 --ephemeral 1 own auto 512 1 1")[0]
        equal([made["Name"], made["Memory_MiB"]], ["own", "512"])
        ADMIN.run("flavor-key own set hw:cpu_policy=dedicated")
        shown = ADMIN.one("flavor-show own")
        equal(json.loads(shown["extra_specs"]), {"hw:cpu_policy": "dedicated"})
        assert "own" in ADMIN.column("flavor-list", "Name")
        ADMIN.run("flavor-delete own")

    def groups():
        ADMIN.run("server-group-create --rule max_server_per_host=2 apart anti-affinity")
        listed = ADMIN.table("server-group-list")
        equal([listed[0]["Name"], listed[0]["Policy"]], ["apart", "anti-affinity"])
        ADMIN.run(f"server-group-get {listed[0]['Id']}")
        ADMIN.run(f"server-group-delete {listed[0]['Id']}")

    def hosts():
        names = [f"compute-{one}" for one in (1, 2, 3, 4)]
        equal(ADMIN.column("hypervisor-list", "Hypervisor hostname"), names)
        first = ADMIN.table("hypervisor-list --matching compute-1")[0]["ID"]
        equal(ADMIN.one(f"hypervisor-show {first}")["hypervisor_hostname"], "compute-1")
        equal(ADMIN.column("service-list --binary nova-compute", "Host"), names)
        service = ADMIN.table("service-list --host compute-4")[0]["Id"]
        ADMIN.run(f"service-disable --reason fans {service}")
        equal(ADMIN.column("service-list --host compute-4", "Status"), ["disabled"])
        ADMIN.run(f"service-enable {service}")
        ADMIN.run(f"service-force-down {service}")
        equal(ADMIN.column("service-list --host compute-4", "State"), ["down"])
        ADMIN.run(f"service-force-down --unset {service}")
        equal(ADMIN.column("availability-zone-list", "Name").count("nova"), 1)

    def aggregates():
        ADMIN.run("aggregate-create fast quick")
        ADMIN.run("aggregate-add-host fast compute-3")
        ADMIN.run("aggregate-set-metadata fast ssd=true")
        shown = ADMIN.table("aggregate-show fast")[0]
        equal([shown["Availability Zone"], shown["Hosts"]], ["quick", "'compute-3'"])
        # By name it asks the image service for what that does not know.
        ADMIN.run(f"aggregate-cache-images fast {ADMIN.connection.image.find_image('cirros').id}")
        ADMIN.run("aggregate-remove-host fast compute-3")
        ADMIN.run("aggregate-delete fast")

    def quotas():
        project = ADMIN.connection.current_project_id
        ADMIN.run(f"quota-update --cores 21 {project}")
        shown = {row["Quota"]: row["Limit"] for row in ADMIN.table(f"quota-show --tenant {project}")}
        equal(shown["cores"], "21")
        ADMIN.run(f"quota-delete --tenant {project}")
        shown = {row["Quota"]: row["Limit"] for row in ADMIN.table("quota-defaults")}
        equal(shown["cores"], "20")
        assert re.search(r"\| Cores +\| \d+ +\| 20 ", ADMIN.run("limits")), ADMIN.run("limits")
        equal(ADMIN.column("usage-list", "Tenant ID"), [project])
        assert float(ADMIN.table("usage")[0]["CPU Hours"]) >= 0

    def versions():
        listed = ADMIN.table("version-list")
        equal([(row["Id"], row["Status"]) for row in listed][-1], ("v2.1", "CURRENT"))

    def keypairs():
        # Older than 2.92: keys are still made for who asks.
        assert "PRIVATE KEY" in ADMIN.run("keypair-add mine", "2.91")
        equal(ADMIN.column("keypair-list", "Name"), ["mine"])
        assert "ssh-rsa" in ADMIN.run("keypair-show mine")
        ADMIN.run("keypair-delete mine")

    check("flavor-create, flavor-key, flavor-delete", flavors)
    check("server-group-create, list, get, delete", groups)
    check("hypervisor-list, service-list, service-disable, availability-zone-list", hosts)
    check("aggregate-create and all that follows", aggregates)
    check("quota-update, quota-show, limits, usage", quotas)
    check("version-list", versions)
    check("keypair-add, list, show, delete", keypairs)


if __name__ == "__main__":
    servers()
    things()
