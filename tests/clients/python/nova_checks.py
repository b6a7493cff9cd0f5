"""python-novaclient against a running cloud, as an administrator, at several microversions."""

import base64
import datetime

from checks import check, connect, equal, gone, has, refused, side_by_side, until
from novaclient import api_versions
from novaclient import client as nova_client
from novaclient import exceptions

# The oldest, one in the middle, and the newest that the client knows.
MICROVERSIONS = ("2.1", "2.47", nova_client.novaclient.API_MAX_VERSION.get_string())

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a@b"


class Cloud:
    """What a subject's checks need: the client at one microversion, and what it is not for."""

    def __init__(self, microversion, cloud="chronova-admin"):
        self.label = microversion
        self.minor = int(microversion.split(".")[1])
        self.sdk = connect(cloud=cloud)
        self.nova = nova_client.Client(microversion, session=self.sdk.session)
        self.image = self.sdk.image.find_image("cirros").id
        self.network = self.sdk.network.find_network("private").id
        self.project = self.sdk.current_project_id
        self.user = self.sdk.current_user_id

    def check(self, name, work):
        return check(f"{self.label}: {name}", work)

    def boot(self, name, **options):
        """Makes a server and waits until it is active."""
        nics = [{"net-id": self.network}]
        made = self.nova.servers.create(name, self.image, "1", **{"nics": nics, **options})
        return self.becomes(made, "ACTIVE"), made

    def becomes(self, server, status):
        return until(
            lambda: self.nova.servers.get(server),
            lambda one: one.status == status and getattr(one, "OS-EXT-STS:task_state") is None,
        )

    def delete(self, server):
        self.nova.servers.delete(server)
        gone(exceptions.NotFound, lambda: self.nova.servers.get(server))


class Servers(Cloud):
    """A server, and all that can be done to it where it is."""

    def run(self):
        self.name = "nova-" + self.label.replace(".", "-")
        self.server = self.check("servers.create", self.create)
        if self.server is None:
            return
        self.check("servers.get, find, list, list(search_opts)", self.find)
        self.check("servers.update", self.update)
        self.check("metadata", self.metadata)
        self.check("tags", self.tags)
        self.check("lock, unlock", self.lock)
        self.check("stop, start, reboot", self.power)
        self.check("pause, suspend, rescue and back", self.pauses)
        self.check("rebuild", self.rebuild)
        self.check("create_image, backup", self.images)
        self.check("shelve, shelve_offload, unshelve", self.shelve)
        self.check("resize, confirm_resize, revert_resize", self.resize)
        self.check("get_console_output, diagnostics, topology", self.tells)
        self.check("get_console_url", self.consoles)
        self.check("passwords", self.passwords)
        self.check("reset_state, trigger_crash_dump", self.states)
        self.check("interface_attach, interface_list, interface_detach", self.interfaces)
        self.check("security groups", self.security_groups)
        self.check("volumes: attach, list, detach", self.volumes)
        self.check("instance_action.list, get", self.actions)
        self.check("servers.delete", lambda: self.delete(self.server))
        self.check("force_delete, several by min_count", self.several)

    def create(self):
        options = {"description": "made here"} if self.minor >= 19 else {}
        if self.minor >= 52:
            options["tags"] = ["red"]
        if self.minor >= 90:
            options["hostname"] = "own-name"
        server, made = self.boot(
            self.name,
            meta={"a": "1"},
            userdata="#!/bin/sh\n",
            config_drive=True,
            admin_pass="open-sesame",
            availability_zone="nova",
            disk_config="MANUAL",
            access_ip_v4="192.0.2.1",
            access_ip_v6="2001:db8::1",
            **options,
        )
        equal(made.adminPass, "open-sesame")
        has(
            server,
            name=self.name,
            metadata={"a": "1"},
            config_drive="True",
            accessIPv4="192.0.2.1",
            accessIPv6="2001:db8::1",
        )
        equal(list(server.networks), ["private"])
        if self.minor >= 3:
            user_data = getattr(server, "OS-EXT-SRV-ATTR:user_data")
            equal(base64.b64decode(user_data).decode(), "#!/bin/sh\n")
        if self.minor >= 90:
            equal(getattr(server, "OS-EXT-SRV-ATTR:hostname"), "own-name")
        return server

    def find(self):
        servers = self.nova.servers
        equal(servers.find(name=self.name).id, self.server.id)
        assert self.server.id in [one.id for one in servers.list(detailed=False)]
        equal([one.id for one in servers.list(search_opts={"name": self.name})], [self.server.id])
        options = {"all_tenants": 1, "status": "ACTIVE", "name": f"^{self.name}$"}
        equal([one.id for one in servers.list(search_opts=options, limit=-1)], [self.server.id])
        equal(servers.list(search_opts={"name": "nobody"}), [])
        refused(exceptions.NotFound, "nobody", lambda: servers.find(name="nobody"))
        refused(exceptions.NotFound, "could not be found", lambda: servers.get("0" * 36))
        equal(list(servers.ips(self.server)), ["private"])

    def update(self):
        changes = {"name": self.name + "-new"}
        if self.minor >= 19:
            changes["description"] = "other"
        if self.minor >= 90:
            changes["hostname"] = "other-host"
        self.server.update(**changes)
        server = self.nova.servers.get(self.server)
        equal(server.name, changes["name"])
        if self.minor >= 19:
            equal(server.description, "other")
        self.server.update(name=self.name)

    def metadata(self):
        servers = self.nova.servers
        servers.set_meta(self.server, {"b": "2", "c": "3"})
        servers.set_meta_item(self.server, "b", "4")
        servers.delete_meta(self.server, ["c"])
        equal(servers.get(self.server).metadata, {"a": "1", "b": "4"})
        if hasattr(servers, "list_meta"):
            equal(servers.list_meta(self.server), {"metadata": {"a": "1", "b": "4"}})
            equal(servers.get_meta(self.server, "b"), {"meta": {"b": "4"}})

    def tags(self):
        if self.minor < 26:
            refused(exceptions.VersionNotFoundForAPIMethod, "tag", self.server.tag_list)
            return
        self.server.set_tags(["red", "green"])
        self.server.add_tag("blue")
        self.server.delete_tag("red")
        equal(sorted(self.server.tag_list()), ["blue", "green"])
        self.server.delete_all_tags()
        equal(self.server.tag_list(), [])

    def lock(self):
        if self.minor >= 73:
            self.server.lock(reason="hands off")
            equal(self.nova.servers.get(self.server).locked_reason, "hands off")
        else:
            self.server.lock()
        if self.minor >= 9:
            equal(self.nova.servers.get(self.server).locked, True)
        self.server.unlock()

    def power(self):
        self.server.stop()
        self.becomes(self.server, "SHUTOFF")
        refused(exceptions.Conflict, "Cannot 'stop'", self.server.stop)
        self.server.start()
        self.becomes(self.server, "ACTIVE")
        for kind in ("SOFT", "HARD"):
            self.server.reboot(kind)
            self.becomes(self.server, "ACTIVE")

    def pauses(self):
        for there, status, back in (
            (self.server.pause, "PAUSED", self.server.unpause),
            (self.server.suspend, "SUSPENDED", self.server.resume),
        ):
            there()
            self.becomes(self.server, status)
            back()
            self.becomes(self.server, "ACTIVE")
        _, body = self.server.rescue(password="open-sesame", image=self.image)
        equal(body, {"adminPass": "open-sesame"})
        self.becomes(self.server, "RESCUE")
        self.server.unrescue()
        self.becomes(self.server, "ACTIVE")

    def rebuild(self):
        options = {"description": "rebuilt"} if self.minor >= 19 else {}
        if self.minor >= 54:
            options["key_name"] = None
        rebuilt = self.server.rebuild(self.image, password="sesame", meta={"d": "5"}, **options)
        equal(rebuilt.adminPass, "sesame")
        equal(self.becomes(self.server, "ACTIVE").metadata, {"d": "5"})

    def images(self):
        image = self.server.create_image(self.name, {"kind": "snapshot"})
        until(lambda: self.sdk.image.get_image(image), lambda one: one.status == "active")
        self.becomes(self.server, "ACTIVE")
        self.server.backup(self.name + "-backup", "daily", 1)
        until(
            lambda: self.sdk.image.find_image(self.name + "-backup"),
            lambda one: one is not None and one.status == "active",
        )
        self.becomes(self.server, "ACTIVE")

    def shelve(self):
        self.server.shelve()
        self.becomes(self.server, "SHELVED_OFFLOADED")
        refused(exceptions.Conflict, "shelveOffload", self.server.shelve_offload)
        options = {"availability_zone": "nova"} if self.minor >= 77 else {}
        self.server.unshelve(**options)
        self.becomes(self.server, "ACTIVE")

    def resize(self):
        self.server.resize("2")
        self.becomes(self.server, "VERIFY_RESIZE")
        self.server.revert_resize()
        self.becomes(self.server, "ACTIVE")
        self.server.resize("2", disk_config="AUTO")
        self.becomes(self.server, "VERIFY_RESIZE")
        self.server.confirm_resize()
        flavor = self.becomes(self.server, "ACTIVE").flavor
        equal(flavor.get("original_name", flavor.get("id")) in ("2", "m1.small"), True)

    def tells(self):
        output = self.server.get_console_output()
        assert output.endswith(self.server.get_console_output(length=2)), output
        _, diagnostics = self.server.diagnostics()
        assert ("state" if self.minor >= 48 else "memory") in diagnostics, diagnostics
        if self.minor >= 78:
            assert "nodes" in self.server.topology(), self.server.topology()

    def consoles(self):
        for kind in ("novnc", "spice-html5", "serial"):
            body = self.server.get_console_url(kind)
            console = body.get("remote_console", body.get("console"))
            equal(console["type"], kind)
            assert "token" in console["url"], console

    def passwords(self):
        self.server.change_password("open-sesame")
        self.becomes(self.server, "ACTIVE")
        equal(self.server.get_password(), "")
        self.server.clear_password()

    def states(self):
        self.server.reset_state()
        equal(self.nova.servers.get(self.server).status, "ERROR")
        self.server.reset_state("active")
        equal(self.nova.servers.get(self.server).status, "ACTIVE")
        if self.minor >= 17:
            self.server.trigger_crash_dump()
        refused(exceptions.ClientException, "HTTP 410", self.server.reset_network)

    def interfaces(self):
        before = [one.port_id for one in self.server.interface_list()]
        equal(len(before), 1)
        made = self.server.interface_attach(None, self.network, None)
        equal(made.net_id, self.network)
        until(self.server.interface_list, lambda all: len(all) == 2)
        self.server.interface_detach(made.port_id)
        until(self.server.interface_list, lambda all: len(all) == 1)

    def security_groups(self):
        name = self.name + "-group"
        self.sdk.network.create_security_group(name=name)
        self.server.add_security_group(name)
        names = [group.name for group in self.server.list_security_group()]
        equal(sorted(names), sorted(["default", name]))
        self.server.remove_security_group(name)
        equal([group.name for group in self.server.list_security_group()], ["default"])

    def volumes(self):
        volumes = self.nova.volumes
        status = lambda: self.sdk.block_storage.get_volume(disk).status
        disk = self.sdk.block_storage.create_volume(size=1, name=self.name).id
        until(status, lambda now: now == "available")
        made = volumes.create_server_volume(self.server.id, disk)
        equal(made.volumeId, disk)
        until(status, lambda now: now == "in-use")
        equal([one.volumeId for one in volumes.get_server_volumes(self.server.id)], [disk])
        equal(volumes.get_server_volume(self.server.id, disk).serverId, self.server.id)
        volumes.delete_server_volume(self.server.id, disk)
        until(status, lambda now: now == "available")
        equal(volumes.get_server_volumes(self.server.id), [])

    def actions(self):
        actions = self.nova.instance_action.list(self.server)
        names = [one.action for one in actions]
        equal(names[-1], "create")
        assert {"stop", "start", "reboot", "rebuild", "shelve", "resize"} <= set(names), names
        action = self.nova.instance_action.get(self.server, actions[-1].request_id)
        equal([event["result"] for event in action.events if event["result"] != "Success"], [])
        if self.minor >= 58:
            page = self.nova.instance_action.list(
                self.server, limit=2, marker=actions[0].request_id
            )
            equal([one.request_id for one in page], [one.request_id for one in actions[1:3]])

    def several(self):
        options = {"min_count": 2, "max_count": 2, "reservation_id": True}
        nics = [{"net-id": self.network}]
        reservation = self.nova.servers.create(
            self.name + "-twin", self.image, "1", nics=nics, **options
        )
        made = self.nova.servers.list(search_opts={"reservation_id": reservation})
        equal(sorted(one.name for one in made), [f"{self.name}-twin-{one}" for one in (1, 2)])
        for one in made:
            one.force_delete()
            gone(exceptions.NotFound, lambda: self.nova.servers.get(one))


class Things(Cloud):
    """Flavors, keypairs, server groups, quotas, limits, versions: what needs no machine."""

    def run(self):
        self.name = "nova-" + self.label.replace(".", "-")
        self.check("flavors", self.flavors)
        self.check("flavor_access", self.flavor_access)
        self.check("keypairs", self.keypairs)
        self.check("server_groups", self.server_groups)
        self.check("limits", self.limits)
        self.check("versions", self.versions)
        self.check("availability_zones", self.zones)

    def flavors(self):
        flavors = self.nova.flavors
        options = {"description": "words"} if self.minor >= 55 else {}
        made = flavors.create(
            self.name, 512, 1, 5, ephemeral=1, swap=64, rxtx_factor=2.0, is_public=True, **options
        )
        equal((made.ram, made.vcpus, made.disk, made.ephemeral), (512, 1, 5, 1))
        made.set_keys({"hw:cpu_policy": "dedicated", "own:a": "1"})
        made.unset_keys(["own:a"])
        equal(flavors.get(made).get_keys(), {"hw:cpu_policy": "dedicated"})
        if self.minor >= 55:
            equal(flavors.update(made, "other words").description, "other words")
        equal(flavors.find(name=self.name).id, made.id)
        small = [one.name for one in flavors.list(min_ram=8192, min_disk=160)]
        equal(small, ["m1.xlarge"])
        after = flavors.list(marker="1", limit=1, sort_key="flavorid", sort_dir="asc")
        equal([one.id > "1" for one in after], [True])
        made.delete()
        refused(exceptions.NotFound, "could not be found", lambda: flavors.get(made))

    def flavor_access(self):
        own = self.nova.flavors.create(self.name + "-own", 64, 1, 1, is_public=False)
        access = self.nova.flavor_access
        access.add_tenant_access(own, self.project)
        equal([one.tenant_id for one in access.list(flavor=own)], [self.project])
        refused(
            exceptions.Conflict,
            "already exists",
            lambda: access.add_tenant_access(own, self.project),
        )
        access.remove_tenant_access(own, self.project)
        equal(access.list(flavor=own), [])
        assert own.id in [one.id for one in self.nova.flavors.list(is_public=None)]
        own.delete()

    def keypairs(self):
        keypairs = self.nova.keypairs
        made = keypairs.create(self.name, PUBLIC_KEY)
        has(keypairs.get(self.name), public_key=PUBLIC_KEY, fingerprint=made.fingerprint)
        assert self.name in [one.name for one in keypairs.list()]
        if self.minor < 92:
            generated = keypairs.create(self.name + "-generated")
            assert "PRIVATE KEY" in generated.private_key
            generated.delete()
        if self.minor >= 10:
            equal(keypairs.get(self.name, user_id=self.user).name, self.name)
        if self.minor >= 35:
            equal(len(keypairs.list(limit=1)), 1)
        refused(exceptions.Conflict, self.name, lambda: keypairs.create(self.name, PUBLIC_KEY))
        refused(exceptions.BadRequest, "", lambda: keypairs.create(self.name + "-2", "nonsense"))
        made.delete()
        refused(exceptions.NotFound, self.name, lambda: keypairs.get(self.name))

    def server_groups(self):
        groups = self.nova.server_groups
        if self.minor >= 64:
            made = groups.create(self.name, "anti-affinity", {"max_server_per_host": 2})
            has(made, policy="anti-affinity", rules={"max_server_per_host": 2})
        else:
            made = groups.create(self.name, "affinity")
            equal(made.policies, ["affinity"])
        equal(groups.get(made.id).members, [])
        assert made.id in [one.id for one in groups.list()]
        assert made.id in [one.id for one in groups.list(all_projects=True, limit=50)]
        made.delete()
        refused(exceptions.NotFound, made.id, lambda: groups.get(made.id))

    def limits(self):
        limits = self.nova.limits.get(tenant_id=self.project)
        absolute = {one.name: one.value for one in limits.absolute}
        equal(absolute["maxTotalInstances"], 60)
        equal("maxPersonality" in absolute, self.minor < 57)
        equal("maxTotalFloatingIps" in absolute, self.minor < 36)
        equal(list(limits.rate), [])

    def versions(self):
        current = self.nova.versions.get_current()
        has(current, id="v2.1", status="CURRENT", min_version="2.1")
        equal([one.id for one in self.nova.versions.list()], ["v2.0", "v2.1"])
        found = api_versions.discover_version(self.nova, api_versions.APIVersion("2.latest"))
        equal(found.get_string(), MICROVERSIONS[-1])

    def zones(self):
        names = [zone.zoneName for zone in self.nova.availability_zones.list(detailed=False)]
        equal(names, ["nova"])
        zones = {zone.zoneName: zone for zone in self.nova.availability_zones.list()}
        equal(sorted(zones["nova"].hosts), [f"compute-{one}" for one in (1, 2, 3, 4)])
        has(zones["nova"], zoneState={"available": True})


class Hosts(Cloud):
    """Services, hypervisors, aggregates, migrations, quotas, usage: one after another."""

    def run(self):
        self.name = "nova-" + self.label.replace(".", "-")
        self.check("services", self.services)
        self.check("hypervisors", self.hypervisors)
        self.check("aggregates", self.aggregates)
        self.check("migrate, live_migrate, migrations.list", self.moves)
        self.check("evacuate", self.evacuate)
        self.check("quotas, quota_classes", self.quotas)
        self.check("usage, instance_usage_audit_log", self.usage)
        self.check("server_external_events", self.external_events)

    def service(self, host):
        return self.nova.services.list(host=host, binary="nova-compute")[0]

    def service_of(self, host):
        """How a service is named when it is changed."""
        return (self.service(host).id,) if self.minor >= 53 else (host, "nova-compute")

    def services(self):
        services = self.nova.services
        binaries = [one.binary for one in services.list()]
        equal(sorted(set(binaries)), ["nova-compute", "nova-conductor", "nova-scheduler"])
        named = self.service_of("compute-4")
        services.disable_log_reason(*named, "new fans")
        has(self.service("compute-4"), status="disabled", disabled_reason="new fans", state="up")
        services.enable(*named)
        has(self.service("compute-4"), status="enabled")
        services.disable(*named)
        services.enable(*named)
        if self.minor >= 11:
            services.force_down(*named, True)
            has(self.service("compute-4"), state="down", forced_down=True)
            services.force_down(*named, False)
            has(self.service("compute-4"), state="up")

    def hypervisors(self):
        hypervisors = self.nova.hypervisors
        names = [one.hypervisor_hostname for one in hypervisors.list()]
        equal(sorted(names), [f"compute-{one}" for one in (1, 2, 3, 4)])
        found = hypervisors.search("compute-2")
        equal([one.hypervisor_hostname for one in found], ["compute-2"])
        one = hypervisors.get(found[0])
        has(one, hypervisor_hostname="compute-2", state="up", status="enabled")
        equal(hasattr(one, "memory_mb"), self.minor < 88)
        equal(hypervisors.uptime(found[0]).hypervisor_hostname, "compute-2")
        if self.minor >= 33:
            equal(len(hypervisors.list(limit=2)), 2)
        if self.minor < 88:
            equal(hypervisors.statistics().count, 4)
        server, _ = self.boot(self.name + "-on")
        host = getattr(server, "OS-EXT-SRV-ATTR:host")
        on = hypervisors.search(host, servers=True)[0].servers
        assert server.id in [one["uuid"] for one in on], on
        self.delete(server)
        refused(exceptions.NotFound, "", lambda: hypervisors.search("nowhere"))

    def aggregates(self):
        made = self.nova.aggregates.create(self.name, "zone-" + self.name)
        made.add_host("compute-3")
        made.set_metadata({"ssd": "true"})
        made.update({"name": self.name + "-new"})
        shown = self.nova.aggregates.get(made)
        has(
            shown,
            name=self.name + "-new",
            hosts=["compute-3"],
            metadata={"ssd": "true", "availability_zone": "zone-" + self.name},
        )
        assert made.id in [one.id for one in self.nova.aggregates.list()]
        if self.minor >= 81:
            made.cache_images([self.image])
        refused(exceptions.Conflict, "already has host", lambda: made.add_host("compute-3"))
        refused(exceptions.BadRequest, "not empty", made.delete)
        made.remove_host("compute-3")
        made.delete()
        refused(exceptions.NotFound, "", lambda: self.nova.aggregates.get(made))

    def moves(self):
        server, _ = self.boot(self.name)
        host = lambda: getattr(self.nova.servers.get(server), "OS-EXT-SRV-ATTR:host")
        began = host()
        to = "compute-2" if began == "compute-1" else "compute-1"
        options = {"host": to} if self.minor >= 56 else {}
        server.migrate(**options)
        self.becomes(server, "VERIFY_RESIZE")
        server.confirm_resize()
        self.becomes(server, "ACTIVE")
        assert host() != began, began
        began = host()
        if self.minor >= 25:
            server.live_migrate(host=None, block_migration="auto")
        else:
            server.live_migrate(host=None, block_migration=False, disk_over_commit=False)
        self.becomes(server, "ACTIVE")
        assert host() != began, began
        statuses = [
            one.status for one in self.nova.migrations.list(instance_uuid=server.id)
        ]
        equal(sorted(statuses), ["completed", "confirmed"])
        if self.minor >= 23:
            live = self.nova.migrations.list(instance_uuid=server.id, migration_type="live-migration")
            equal([one.status for one in live], ["completed"])
            equal(self.nova.server_migrations.list(server), [])
        if self.minor >= 24:
            refused(
                exceptions.Conflict,
                "abort live migration",
                lambda: self.nova.server_migrations.live_migration_abort(server, "1"),
            )
        if self.minor >= 59:
            equal(len(self.nova.migrations.list(instance_uuid=server.id, limit=1)), 1)
        self.delete(server)

    def evacuate(self):
        if self.minor < 11:
            return
        server, _ = self.boot(self.name)
        began = getattr(server, "OS-EXT-SRV-ATTR:host")
        refused(exceptions.BadRequest, "", server.evacuate)
        named = self.service_of(began)
        self.nova.services.force_down(*named, True)
        server.evacuate(**({} if self.minor >= 14 else {"on_shared_storage": False}))
        moved = self.becomes(server, "SHUTOFF" if self.minor >= 95 else "ACTIVE")
        assert getattr(moved, "OS-EXT-SRV-ATTR:host") != began, began
        # Not before its service was started anew.
        self.sdk.compute.get(f"/os-hosts/{began}/reboot", microversion="2.1")
        until(
            lambda: [one.status for one in self.nova.migrations.list(instance_uuid=server.id)],
            lambda statuses: statuses == ["completed"],
        )
        self.nova.services.force_down(*named, False)
        self.delete(server)

    def quotas(self):
        quotas = self.nova.quotas
        demo = self.sdk.identity.find_project("demo").id
        equal(quotas.defaults(demo).cores, 20)
        quotas.update(demo, cores=21, ram=2048, force=True)
        has(quotas.get(demo), cores=21, ram=2048)
        equal(hasattr(quotas.get(demo), "floating_ips"), self.minor < 36)
        equal(quotas.get(demo, detail=True).cores, {"limit": 21, "in_use": 0, "reserved": 0})
        refused(exceptions.BadRequest, "", lambda: quotas.update(demo, cores=-2))
        quotas.delete(demo)
        equal(quotas.get(demo).cores, 20)
        classes = self.nova.quota_classes
        equal(classes.update("default", key_pairs=90).key_pairs, 90)
        equal(classes.get("default").key_pairs, 90)
        equal(quotas.defaults(demo).key_pairs, 90)
        classes.update("default", key_pairs=100)

    def usage(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        start, end = now - datetime.timedelta(days=1), now + datetime.timedelta(days=1)
        mine = self.nova.usage.get(self.project, start, end)
        assert mine.total_vcpus_usage > 0, mine
        assert len(mine.server_usages) > 0, mine
        ids = [one.tenant_id for one in self.nova.usage.list(start, end, detailed=True)]
        assert self.project in ids, ids
        if self.minor >= 40:
            first = self.nova.usage.get(self.project, start, end, limit=1).server_usages
            equal(len(first), 1)
        log = self.nova.instance_usage_audit_log.get()
        assert log.num_hosts >= 0, log

    def external_events(self):
        server, _ = self.boot(self.name)
        event = {"server_uuid": server.id, "name": "network-changed"}
        equal(self.nova.server_external_events.create([event])[0]["code"], 200)
        self.delete(server)


def members():
    """What a member is refused."""
    member = Cloud(MICROVERSIONS[-1], cloud="chronova")
    for name, work in (
        ("hypervisors.list", member.nova.hypervisors.list),
        ("services.list", member.nova.services.list),
        ("migrations.list", member.nova.migrations.list),
        ("aggregates.list", member.nova.aggregates.list),
        ("flavors.create", lambda: member.nova.flavors.create("no", 1, 1, 1)),
    ):
        refused(exceptions.Forbidden, "Policy doesn't allow", work)


def other_microversions():
    """What becomes of microversions that one of them does not have."""
    session = connect(cloud="chronova-admin").session
    refused(
        exceptions.UnsupportedVersion,
        "2.999",
        lambda: nova_client.Client("2.999", session=session).servers.list(),
    )
    oldest = nova_client.Client("2.1", session=session).client
    headers = {"OpenStack-API-Version": "compute 2.999"}
    refused(
        exceptions.NotAcceptable,
        "Version 2.999 is not supported",
        lambda: oldest.get("/servers", headers=headers),
    )


if __name__ == "__main__":
    raised = Cloud("2.1")
    raised.nova.quotas.update(raised.project, instances=60, cores=100, ram=204800)
    check("microversions that are not there", other_microversions)
    check("as a member", members)
    side_by_side(*[Servers(one).run for one in MICROVERSIONS])
    side_by_side(*[Things(one).run for one in MICROVERSIONS])
    for one in MICROVERSIONS:
        Hosts(one).run()
