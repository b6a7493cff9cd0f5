"""openstacksdk's cloud layer: what does in one call what takes several of a service's."""

import datetime

from checks import check, connect, equal, has, refused, side_by_side, until
from openstack import exceptions

USUAL_FLAVORS = ["m1.large", "m1.medium", "m1.small", "m1.tiny", "m1.xlarge"]


def names(things):
    return sorted(thing.name for thing in things)


class Outside:
    """A network of the project's own behind a router, and the way out."""

    def __init__(self):
        self.admin = connect(cloud="chronova-admin")
        self.cloud = connect()
        self.external = self.admin.create_network("public", external=True)
        self.admin.create_subnet(
            "public", cidr="203.0.113.0/24", subnet_name="public-v4", enable_dhcp=False
        )
        self.network = self.cloud.create_network("inside")
        self.subnet = self.cloud.create_subnet(
            "inside", cidr="10.50.0.0/24", subnet_name="inside-v4"
        )
        self.router = self.cloud.create_router("way", ext_gateway_net_id=self.external.id)
        self.cloud.add_router_interface(self.router, subnet_id=self.subnet.id)


class Addresses:
    """Servers that are given floating IPs."""

    def __init__(self, outside):
        self.cloud = outside.cloud

    def run(self):
        check("create_server(auto_ip=True, wait=True)", self.auto_ip)
        check("create_floating_ip, add_ips_to_server, detach_ip_from_server", self.given)
        check("add_auto_ip takes an address that is free", self.reused)
        check("delete_server(delete_ips=True)", self.delete)

    def boot(self, name, **options):
        return self.cloud.create_server(
            name, image="cirros", flavor="m1.tiny", network="inside", wait=True, **options
        )

    def public(self, name):
        """Its public address; what create_server gives has none yet."""
        return self.cloud.get_server(name).public_v4

    def auto_ip(self):
        server = self.boot("floating", auto_ip=True)
        public = self.public("floating")
        assert public.startswith("203.0.113."), public
        kinds = [one["OS-EXT-IPS:type"] for one in server.addresses["inside"]]
        equal(kinds, ["fixed", "floating"])
        equal([one.floating_ip_address for one in self.cloud.list_floating_ips()], [public])
        equal(self.cloud.get_server_public_ip(server), public)

    def given(self):
        server = self.boot("given", auto_ip=False)
        equal(self.public("given"), "")
        address = self.cloud.create_floating_ip(network="public", wait=True)
        self.cloud.add_ips_to_server(server, ips=[address.floating_ip_address], wait=True)
        equal(self.public("given"), address.floating_ip_address)
        equal(self.cloud.detach_ip_from_server(server.id, address.id), True)
        equal(self.cloud.get_floating_ip(address.id).port_id, None)
        until(lambda: self.public("given"), lambda public: public == "")

    def reused(self):
        free = self.cloud.available_floating_ip(network="public")
        server = self.cloud.get_server("given")
        self.cloud.add_auto_ip(server, wait=True)
        equal(self.public("given"), free.floating_ip_address)
        equal(len(self.cloud.list_floating_ips()), 2)

    def delete(self):
        for name in ("floating", "given"):
            equal(self.cloud.delete_server(name, wait=True, delete_ips=True), True)
        equal(self.cloud.list_floating_ips(), [])
        equal(self.cloud.delete_server("floating"), False)


class Servers:
    """Servers of images and of volumes."""

    def __init__(self):
        self.cloud = connect()
        self.options = {
            "flavor": "m1.tiny",
            "network": "private",
            "auto_ip": False,
            "wait": True,
        }

    def run(self):
        check("create_server(boot_from_volume=True, terminate_volume=True)", self.of_volume)
        check("create_server(boot_volume=…, volumes=[…])", self.with_volumes)
        check("attach_volume, detach_volume", self.attach)
        check("create_server with all that it may be told", self.told)
        check("update_server, rebuild_server", self.changed)
        check("create_image_snapshot(wait=True)", self.snapshot)
        check("get_server_console, get_server_meta, get_server_id", self.tells)
        check("security groups of a server", self.groups)
        check("search_servers, list_servers", self.search)
        check("create_server(group=…)", self.grouped)
        check("create_server of what is not there", self.unknown)

    def of_volume(self):
        server = self.cloud.create_server(
            "on-volume",
            image="cirros",
            boot_from_volume=True,
            volume_size=1,
            terminate_volume=True,
            **self.options,
        )
        volume = server.attached_volumes[0].id
        has(self.cloud.get_volume(volume), status="in-use", is_bootable=True)
        self.cloud.delete_server("on-volume", wait=True)
        until(lambda: self.cloud.get_volume(volume), lambda left: left is None)

    def with_volumes(self):
        root = self.cloud.create_volume(1, image="cirros", wait=True, name="root")
        more = self.cloud.create_volume(2, wait=True, name="more")
        server = self.cloud.create_server(
            "two-volumes", boot_volume=root.id, volumes=[more.id], **self.options
        )
        equal(sorted(one.id for one in server.attached_volumes), sorted([root.id, more.id]))
        equal(names(self.cloud.get_volumes(server)), ["more", "root"])
        self.cloud.delete_server("two-volumes", wait=True)
        until(
            lambda: [self.cloud.get_volume(one).status for one in ("root", "more")],
            lambda both: both == ["available", "available"],
        )

    def attach(self):
        server = self.cloud.create_server("it", image="cirros", **self.options)
        volume = self.cloud.get_volume("more")
        self.cloud.attach_volume(server, volume, wait=True)
        volume = self.cloud.get_volume("more")
        device = self.cloud.get_volume_attach_device(volume, server.id)
        assert device.startswith("/dev/"), device
        self.cloud.detach_volume(server, volume, wait=True)
        equal(self.cloud.get_volume("more").status, "available")
        equal(self.cloud.delete_volume("more", wait=True), True)

    def told(self):
        key = self.cloud.create_keypair("mine")
        server = self.cloud.create_server(
            "told",
            image="cirros",
            meta={"a": "1"},
            key_name=key.name,
            userdata="#!/bin/sh\n",
            config_drive=True,
            security_groups=["default"],
            availability_zone="nova",
            description="words",
            tags=["red"],
            **self.options,
        )
        has(
            server,
            key_name="mine",
            has_config_drive="True",
            metadata={"a": "1"},
            description="words",
            availability_zone="nova",
        )
        equal(list(server.tags), ["red"])
        self.cloud.delete_server("told", wait=True)
        equal(self.cloud.delete_keypair("mine"), True)

    def changed(self):
        equal(self.cloud.update_server("it", name="it-2", description="new").name, "it-2")
        self.cloud.update_server("it-2", name="it")
        server = self.cloud.get_server("it")
        self.cloud.set_server_metadata(server.id, {"a": "1", "b": "2"})
        self.cloud.delete_server_metadata(server.id, ["a"])
        image = self.cloud.get_image("cirros").id
        rebuilt = self.cloud.rebuild_server(server.id, image, admin_pass="sesame", wait=True)
        has(rebuilt, status="ACTIVE", metadata={"b": "2"})

    def snapshot(self):
        image = self.cloud.create_image_snapshot("snap", "it", wait=True, kind="nightly")
        has(image, name="snap", status="active")
        equal(self.cloud.get_image("snap").properties["kind"], "nightly")
        server = self.cloud.create_server("copy", image="snap", **self.options)
        equal(server.image.id, image.id)
        self.cloud.delete_server("copy", wait=True)
        equal(self.cloud.delete_image("snap", wait=True), True)

    def tells(self):
        server = self.cloud.get_server("it")
        equal(self.cloud.get_server_id("it"), server.id)
        assert "login:" in self.cloud.get_server_console(server)
        equal(len(self.cloud.get_server_console("it", length=2).splitlines()), 2)
        variables = self.cloud.get_server_meta(server)["server_vars"]
        equal((variables["name"], variables["private_v4"]), ("it", server.private_v4))
        assert server.private_v4.startswith("10.0.0."), server.private_v4

    def groups(self):
        server = self.cloud.get_server("it")
        listed = lambda: sorted(
            group["name"] for group in self.cloud.list_server_security_groups(server)
        )
        equal(listed(), ["default"])
        self.cloud.create_security_group("web", "for the web")
        equal(self.cloud.add_server_security_groups(server, "web"), True)
        equal(listed(), ["default", "web"])
        equal(self.cloud.remove_server_security_groups(server, "web"), True)
        equal(listed(), ["default"])

    def search(self):
        found = self.cloud.search_servers("it", filters={"status": "ACTIVE"})
        equal(names(found), ["it"])
        equal(names(self.cloud.search_servers(filters={"status": "SHUTOFF"})), [])
        equal(names(self.cloud.list_servers(bare=True, filters={"name": "^it$"})), ["it"])
        refused(
            exceptions.ForbiddenException, "", lambda: self.cloud.list_servers(all_projects=True)
        )
        self.cloud.delete_server("it", wait=True)
        equal(self.cloud.get_server("it"), None)

    def grouped(self):
        group = self.cloud.create_server_group("apart", policy="anti-affinity")
        servers = [
            self.cloud.create_server(f"apart-{one}", image="cirros", group="apart", **self.options)
            for one in (1, 2)
        ]
        assert servers[0].host_id != servers[1].host_id, servers
        shown = self.cloud.get_server_group("apart")
        equal(sorted(shown.member_ids), sorted(one.id for one in servers))
        equal(names(self.cloud.search_server_groups("apart")), ["apart"])
        for one in servers:
            self.cloud.delete_server(one.id, wait=True)
        equal(self.cloud.delete_server_group("apart"), True)
        equal(self.cloud.get_server_group(group.id), None)

    def unknown(self):
        for changes, words in (
            ({"image": "none"}, "none"),
            ({"image": "cirros", "flavor": "none"}, "none"),
            ({"image": "cirros", "network": "none"}, "none"),
        ):
            options = {**self.options, **changes}
            refused(
                exceptions.SDKException, words, lambda: self.cloud.create_server("no", **options)
            )


class Compute:
    """Flavors, keypairs, hosts, aggregates, quotas, usage."""

    def __init__(self):
        self.cloud = connect(cloud="chronova-admin")

    def run(self):
        check("flavors", self.flavors)
        check("flavor access", self.access)
        check("keypairs", self.keypairs)
        check("hypervisors, availability zones", self.hosts)
        check("aggregates", self.aggregates)
        check("compute quotas, limits", self.quotas)
        check("compute usage", self.usage)

    def flavors(self):
        equal(names(self.cloud.list_flavors()), USUAL_FLAVORS)
        equal(self.cloud.get_flavor_by_ram(1000).name, "m1.small")
        equal(self.cloud.get_flavor_by_ram(512, include="m1").name, "m1.tiny")
        equal(self.cloud.get_flavor("m1.tiny").ram, 512)
        equal(self.cloud.get_flavor_by_id("1").name, "m1.tiny")
        equal(self.cloud.get_flavor("none"), None)
        equal(names(self.cloud.search_flavors(filters={"vcpus": 8})), ["m1.xlarge"])
        made = self.cloud.create_flavor("own", 512, 1, 1, ephemeral=1, swap=64, rxtx_factor=2.0)
        self.cloud.set_flavor_specs(made.id, {"hw:cpu_policy": "shared", "own:a": "1"})
        self.cloud.unset_flavor_specs(made.id, ["own:a"])
        shown = self.cloud.get_flavor("own", get_extra=True)
        equal(shown.extra_specs, {"hw:cpu_policy": "shared"})
        equal(self.cloud.delete_flavor("own"), True)
        equal(self.cloud.delete_flavor("own"), False)

    def access(self):
        made = self.cloud.create_flavor("hidden", 64, 1, 1, is_public=False)
        demo = self.cloud.get_project("demo").id
        self.cloud.add_flavor_access(made.id, demo)
        equal([one["tenant_id"] for one in self.cloud.list_flavor_access(made.id)], [demo])
        assert "hidden" in names(connect().list_flavors())
        self.cloud.remove_flavor_access(made.id, demo)
        assert "hidden" not in names(connect().list_flavors())
        self.cloud.delete_flavor("hidden")

    def keypairs(self):
        made = self.cloud.create_keypair("mine")
        assert "PRIVATE KEY" in made.private_key, made
        public = made.public_key
        equal(self.cloud.get_keypair("mine").public_key.split()[1], public.split()[1])
        equal(self.cloud.create_keypair("same", public).fingerprint, made.fingerprint)
        equal(names(self.cloud.search_keypairs()), ["mine", "same"])
        for name in ("mine", "same"):
            equal(self.cloud.delete_keypair(name), True)
        equal(self.cloud.delete_keypair("mine"), False)

    def hosts(self):
        hosts = [f"compute-{one}" for one in (1, 2, 3, 4)]
        equal(sorted(one.name for one in self.cloud.list_hypervisors()), hosts)
        equal(self.cloud.list_availability_zone_names(), ["nova"])

    def aggregates(self):
        made = self.cloud.create_aggregate("fast", availability_zone="quick")
        self.cloud.add_host_to_aggregate("fast", "compute-4")
        self.cloud.set_aggregate_metadata("fast", {"ssd": "true"})
        equal(self.cloud.update_aggregate("fast", name="faster").name, "faster")
        shown = self.cloud.get_aggregate("faster")
        has(shown, id=made.id, hosts=["compute-4"])
        equal(shown.metadata["ssd"], "true")
        equal(names(self.cloud.search_aggregates(filters={"availability_zone": "quick"})), ["faster"])
        self.cloud.remove_host_from_aggregate("faster", "compute-4")
        equal(self.cloud.delete_aggregate("faster"), True)
        equal(self.cloud.delete_aggregate("faster"), False)

    def quotas(self):
        self.cloud.set_compute_quotas("demo", cores=40, instances=30)
        has(self.cloud.get_compute_quotas("demo"), cores=40, instances=30)
        refused(
            exceptions.SDKException, "", lambda: self.cloud.set_compute_quotas("demo", nonsense=1)
        )
        equal(self.cloud.get_compute_limits("demo").total_cores, 40)

    def usage(self):
        start = datetime.datetime.now() - datetime.timedelta(days=7)
        usage = self.cloud.get_compute_usage("demo", start=start)
        equal(usage.project_id, self.cloud.get_project("demo").id)


if __name__ == "__main__":
    outside = check("a network behind a router", Outside)
    compute = Compute()
    check("quotas for what follows", compute.quotas)
    works = [compute.run, Servers().run]
    side_by_side(*works, *([Addresses(outside).run] if outside else []))
