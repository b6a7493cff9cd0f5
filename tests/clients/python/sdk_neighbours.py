"""openstacksdk with the neighbours: networks, identity, images, volumes; cloud layer and proxies."""

import hashlib
import io

from checks import check, connect, equal, gone, has, refused, side_by_side, until
from openstack import exceptions


def names(things):
    return sorted(thing.name for thing in things)


class Networks:
    def __init__(self):
        self.cloud = connect()
        self.network = self.cloud.network
        self.admin = connect(cloud="chronova-admin")

    def run(self):
        for name, work in (
            ("networks", self.networks),
            ("subnets", self.subnets),
            ("ports", self.ports),
            ("routers", self.routers),
            ("floating IPs", self.floating_ips),
            ("security groups and rules", self.security_groups),
            ("address scopes, subnet pools, RBAC policies", self.pools),
            ("tags", self.tags),
            ("quotas, extensions, availability zones, agents", self.others),
        ):
            check(f"network: {name}", work)

    def networks(self):
        made = self.cloud.create_network("net", mtu_size=1400, port_security_enabled=True)
        has(made, name="net", mtu=1400, is_shared=False, is_router_external=False)
        equal(self.cloud.update_network("net", name="net-2").name, "net-2")
        self.network.update_network(made, description="words", is_admin_state_up=False)
        has(self.network.get_network(made), description="words", is_admin_state_up=False)
        equal(names(self.cloud.search_networks("net-2")), ["net-2"])
        equal(self.network.find_network("net-2").id, made.id)
        assert "private" in names(self.network.networks(is_shared=True))
        refused(
            exceptions.ForbiddenException, "", lambda: self.cloud.create_network("no", shared=True)
        )
        equal(self.cloud.delete_network("net-2"), True)
        equal(self.cloud.delete_network("net-2"), False)

    def subnets(self):
        net = self.cloud.create_network("with-subnets")
        made = self.cloud.create_subnet(
            "with-subnets",
            cidr="10.60.0.0/24",
            subnet_name="v4",
            gateway_ip="10.60.0.254",
            allocation_pools=[{"start": "10.60.0.10", "end": "10.60.0.20"}],
            dns_nameservers=["9.9.9.9"],
        )
        has(made, cidr="10.60.0.0/24", gateway_ip="10.60.0.254", network_id=net.id)
        changed = self.cloud.update_subnet("v4", subnet_name="v4-2", disable_gateway_ip=True)
        has(changed, name="v4-2", gateway_ip=None)
        six = self.network.create_subnet(
            network_id=net.id,
            name="v6",
            ip_version=6,
            cidr="fd00:60::/64",
            ipv6_ra_mode="slaac",
            ipv6_address_mode="slaac",
        )
        equal(names(self.network.subnets(network_id=net.id)), ["v4-2", "v6"])
        refused(
            exceptions.BadRequestException,
            "overlaps",
            lambda: self.cloud.create_subnet("with-subnets", cidr="10.60.0.128/25"),
        )
        self.network.delete_subnet(six)
        equal(self.cloud.delete_subnet("v4-2"), True)
        self.cloud.delete_network("with-subnets")

    def ports(self):
        net = self.cloud.create_network("with-ports")
        subnet = self.cloud.create_subnet("with-ports", cidr="10.61.0.0/24")
        made = self.cloud.create_port(
            net.id,
            name="one",
            fixed_ips=[{"subnet_id": subnet.id, "ip_address": "10.61.0.7"}],
            mac_address="02:00:00:00:00:07",
            allowed_address_pairs=[{"ip_address": "10.61.0.99"}],
        )
        has(made, mac_address="02:00:00:00:00:07", status="DOWN", device_id="")
        equal(made.fixed_ips, [{"subnet_id": subnet.id, "ip_address": "10.61.0.7"}])
        equal(self.cloud.update_port("one", name="two").name, "two")
        updated = self.network.update_port(
            made, is_port_security_enabled=False, security_groups=[], allowed_address_pairs=[]
        )
        has(updated, is_port_security_enabled=False, security_group_ids=[])
        found = self.network.ports(fixed_ips="ip_address=10.61.0.7")
        equal([port.id for port in found], [made.id])
        equal(names(self.cloud.search_ports(filters={"network_id": net.id})), ["two"])
        refused(
            exceptions.ConflictException, "", lambda: self.network.delete_network(net, False)
        )
        equal(self.cloud.delete_port("two"), True)
        self.cloud.delete_network("with-ports")
        equal(self.network.find_subnet(subnet.id), None)

    def routers(self):
        self.external = self.admin.create_network("outside", external=True)
        self.admin.create_subnet("outside", cidr="198.51.100.0/24", enable_dhcp=False)
        self.inside = self.cloud.create_network("inside")
        subnet = self.cloud.create_subnet("inside", cidr="10.62.0.0/24", subnet_name="inside-v4")
        made = self.cloud.create_router("way", ext_gateway_net_id=self.external.id)
        equal(made.external_gateway_info["network_id"], self.external.id)
        self.cloud.add_router_interface(made, subnet_id=subnet.id)
        interfaces = self.cloud.list_router_interfaces(made, interface_type="internal")
        equal([one.fixed_ips[0]["ip_address"] for one in interfaces], ["10.62.0.1"])
        routes = [{"destination": "10.70.0.0/16", "nexthop": "10.62.0.9"}]
        self.network.add_extra_routes_to_router(made, {"router": {"routes": routes}})
        equal(self.network.get_router(made).routes, routes)
        self.network.remove_extra_routes_from_router(made, {"router": {"routes": routes}})
        equal(self.cloud.update_router("way", name="way-2").name, "way-2")
        refused(exceptions.ConflictException, "", lambda: self.network.delete_router(made, False))

    def floating_ips(self):
        subnet = self.network.find_subnet("inside-v4")
        port = self.network.create_port(network_id=self.inside.id, name="target")
        address = self.cloud.create_floating_ip("outside", port=port.id)
        has(address, port_id=port.id, fixed_ip_address=port.fixed_ips[0]["ip_address"])
        self.network.update_ip(address, port_id=None)
        equal(self.network.get_ip(address).status, "DOWN")
        free = [one.id for one in self.network.ips(status="DOWN")]
        equal(free, [address.id])
        equal(self.network.find_available_ip().id, address.id)
        equal(self.cloud.delete_unattached_floating_ips(), 1)
        self.network.delete_port(port)
        router = self.network.find_router("way-2")
        self.cloud.remove_router_interface(router, subnet_id=subnet.id)
        equal(self.cloud.delete_router("way-2"), True)
        self.cloud.delete_network("inside")

    def security_groups(self):
        group = self.cloud.create_security_group("web", "for the web")
        equal(len(group.security_group_rules), 2)
        rule = self.cloud.create_security_group_rule(
            "web", port_range_min=80, port_range_max=443, protocol="tcp", remote_ip_prefix="10.0.0.0/8"
        )
        has(rule, direction="ingress", ether_type="IPv4", port_range_max=443)
        refused(
            exceptions.ConflictException,
            "exists",
            lambda: self.cloud.create_security_group_rule(
                "web",
                port_range_min=80,
                port_range_max=443,
                protocol="tcp",
                remote_ip_prefix="10.0.0.0/8",
            ),
        )
        made = self.network.create_security_group_rules(
            [
                {"security_group_id": group.id, "direction": "egress", "protocol": "udp"},
                {"security_group_id": group.id, "direction": "ingress", "remote_group_id": group.id},
            ]
        )
        equal(len(list(made)), 2)
        equal(len(list(self.network.security_group_rules(security_group_id=group.id))), 5)
        equal(self.cloud.delete_security_group_rule(rule.id), True)
        equal(self.cloud.update_security_group("web", description="other").description, "other")
        equal(names(self.cloud.search_security_groups("web")), ["web"])
        equal(self.cloud.delete_security_group("web"), True)

    def pools(self):
        scope = self.network.create_address_scope(name="scope", ip_version=4)
        pool = self.network.create_subnet_pool(
            name="pool", prefixes=["10.80.0.0/16"], default_prefix_length=26, address_scope_id=scope.id
        )
        net = self.network.create_network(name="pooled")
        subnet = self.network.create_subnet(
            network_id=net.id, ip_version=4, subnet_pool_id=pool.id, name="pooled-v4"
        )
        equal(subnet.cidr, "10.80.0.0/26")
        policy = self.network.create_rbac_policy(
            object_type="network",
            object_id=net.id,
            action="access_as_shared",
            target_project_id=self.admin.current_project_id,
        )
        assert "pooled" in names(self.admin.network.networks())
        self.network.delete_rbac_policy(policy)
        self.network.delete_network(net)
        self.network.delete_subnet_pool(pool)
        self.network.delete_address_scope(scope)
        equal(list(self.network.subnet_pools(name="pool")), [])

    def tags(self):
        net = self.network.create_network(name="tagged")
        self.network.set_tags(net, ["red", "blue"])
        equal(names(self.network.networks(tags="red,blue")), ["tagged"])
        equal(names(self.network.networks(any_tags="red,green")), ["tagged"])
        equal(names(self.network.networks(name="tagged", not_tags="red")), [])
        self.network.delete_network(net)

    def others(self):
        project = self.cloud.current_project_id
        self.admin.set_network_quotas(project, network=7)
        equal(self.admin.get_network_quotas(project).networks, 7)
        details = self.admin.get_network_quotas(project, details=True)
        equal(details.networks["limit"], 7)
        self.admin.delete_network_quotas(project)
        assert {"router", "security-group"} <= {one.alias for one in self.network.extensions()}
        equal({zone.name for zone in self.network.availability_zones()}, {"nova"})
        equal(list(self.admin.network.agents(host="nowhere")), [])


class Identity:
    def __init__(self):
        self.cloud = connect(cloud="chronova-admin")
        self.identity = self.cloud.identity

    def run(self):
        for name, work in (
            ("projects", self.projects),
            ("users", self.users),
            ("groups", self.groups),
            ("roles and assignments", self.roles),
            ("domains", self.domains),
            ("services, endpoints, regions", self.catalog),
            ("application credentials", self.application_credentials),
            ("tokens, refusals", self.tokens),
        ):
            check(f"identity: {name}", work)

    def projects(self):
        made = self.cloud.create_project("alpha", "default", description="words")
        has(made, name="alpha", description="words", is_enabled=True)
        equal(self.cloud.update_project("alpha", enabled=False).is_enabled, False)
        self.identity.update_project(made, name="alpha-2", is_enabled=True)
        equal(names(self.cloud.search_projects("alpha-2")), ["alpha-2"])
        equal(self.identity.find_project("alpha-2").id, made.id)
        refused(
            exceptions.ConflictException,
            "Conflict occurred",
            lambda: self.cloud.create_project("alpha-2", "default"),
        )
        equal(self.cloud.delete_project("alpha-2"), True)
        equal(self.cloud.get_project("alpha-2"), None)

    def users(self):
        made = self.cloud.create_user(
            "alice", password="open-sesame", email="a@example.org", domain_id="default"
        )
        has(made, name="alice", email="a@example.org", is_enabled=True)
        equal(self.cloud.update_user("alice", description="words").description, "words")
        self.cloud.update_user("alice", enabled=False)
        equal(self.identity.get_user(made).is_enabled, False)
        assert "alice" in names(self.cloud.list_users())
        equal(names(self.cloud.search_users("alice")), ["alice"])
        equal(self.cloud.delete_user("alice"), True)
        equal(self.identity.find_user("alice"), None)

    def groups(self):
        group = self.cloud.create_group("team", "words")
        user = self.cloud.create_user("bob", password="open-sesame", domain_id="default")
        self.cloud.add_user_to_group("bob", "team")
        equal(self.cloud.is_user_in_group("bob", "team"), True)
        equal(names(self.identity.group_users(group)), ["bob"])
        equal(names(self.identity.user_groups(user)), ["team"])
        self.cloud.remove_user_from_group("bob", "team")
        equal(self.cloud.is_user_in_group("bob", "team"), False)
        equal(self.cloud.update_group("team", description="other").description, "other")
        equal(self.cloud.delete_group("team"), True)
        self.cloud.delete_user("bob")

    def roles(self):
        role = self.cloud.create_role("auditor")
        user = self.cloud.create_user("carol", password="open-sesame", domain_id="default")
        project = self.cloud.create_project("beta", "default")
        equal(self.cloud.grant_role("auditor", user="carol", project="beta"), True)
        equal(self.cloud.grant_role("auditor", user="carol", project="beta"), False)
        equal(self.identity.validate_user_has_project_role(project, user, role), True)
        granted = self.cloud.list_role_assignments({"user": user.id, "project": project.id})
        equal([one.role["id"] for one in granted], [role.id])
        equal(names(self.identity.role_assignments_filter(user=user, project=project)), ["auditor"])
        as_carol = self.cloud.connect_as(
            username="carol", password="open-sesame", project_name="beta"
        )
        equal(as_carol.current_project.name, "beta")
        equal(self.cloud.revoke_role("auditor", user="carol", project="beta"), True)
        equal(self.cloud.list_role_assignments({"user": user.id}), [])
        self.cloud.delete_user("carol")
        self.cloud.delete_project("beta")
        equal(self.cloud.update_role("auditor", name="auditor-2").name, "auditor-2")
        equal(self.cloud.delete_role("auditor-2"), True)

    def domains(self):
        made = self.cloud.create_domain("partners", "words")
        equal(self.cloud.get_domain(name_or_id="partners").id, made.id)
        refused(
            exceptions.ForbiddenException, "", lambda: self.identity.delete_domain(made, False)
        )
        self.cloud.update_domain(made.id, enabled=False)
        equal(self.cloud.delete_domain(made.id), True)

    def catalog(self):
        kinds = {service.type for service in self.cloud.list_services()}
        assert {"compute", "identity", "image", "network"} <= kinds, kinds
        service = self.cloud.create_service("clock", type="clock", description="tells the time")
        endpoints = self.cloud.create_endpoint(
            "clock", public_url="http://clock.example.org", region="RegionOne"
        )
        has(endpoints[0], interface="public", service_id=service.id)
        equal([one.id for one in self.identity.endpoints(service_id=service.id)], [endpoints[0].id])
        equal(self.cloud.delete_endpoint(endpoints[0].id), True)
        equal(self.cloud.delete_service("clock"), True)
        equal([region.id for region in self.identity.regions()], ["RegionOne"])

    def application_credentials(self):
        cloud = connect()
        user = cloud.current_user_id
        made = cloud.identity.create_application_credential(
            user, "robot", description="words", unrestricted=False
        )
        assert made.secret, made
        listed = cloud.identity.application_credentials(user)
        equal([one.id for one in listed], [made.id])
        cloud.identity.delete_application_credential(user, made)
        equal(cloud.identity.find_application_credential(user, "robot"), None)

    def tokens(self):
        member = connect()
        equal(member.current_project.name, "demo")
        refused(exceptions.ForbiddenException, "", lambda: member.list_users())
        refused(exceptions.ForbiddenException, "", lambda: member.create_project("no", "default"))
        refused(
            exceptions.NotFoundException, "none", lambda: self.identity.get_user("none")
        )


class Images:
    def __init__(self):
        self.cloud = connect()
        self.image = self.cloud.image
        self.bytes = b"chronova" * 4096

    def run(self):
        for name, work in (
            ("create_image, download_image", self.life),
            ("properties, tags, visibility", self.changes),
            ("lists", self.lists),
            ("members", self.members),
            ("deactivate, reactivate, delete", self.ends),
        ):
            check(f"image: {name}", work)

    def life(self):
        self.mine = self.cloud.create_image(
            "mine",
            data=self.bytes,
            disk_format="raw",
            container_format="bare",
            min_disk=1,
            wait=True,
            os_distro="debian",
        )
        has(self.image.get_image(self.mine), status="active", size=len(self.bytes), min_disk=1)
        shown = self.image.get_image(self.mine)
        equal((shown.hash_algo, shown.hash_value), ("sha512", hashlib.sha512(self.bytes).hexdigest()))
        equal(self.image.download_image(self.mine).content, self.bytes)
        output = io.BytesIO()
        self.cloud.download_image("mine", output_file=output)
        equal(output.getvalue(), self.bytes)

    def changes(self):
        self.image.update_image(self.mine, name="mine-2", min_ram=64, kind="nightly")
        has(self.image.get_image(self.mine), name="mine-2", min_ram=64)
        equal(self.image.get_image(self.mine).properties["kind"], "nightly")
        self.cloud.update_image_properties(image=self.image.get_image(self.mine), kind="weekly")
        equal(self.cloud.get_image("mine-2").properties["kind"], "weekly")
        self.image.add_tag(self.mine, "red")
        self.image.add_tag(self.mine, "blue")
        self.image.remove_tag(self.mine, "red")
        equal(self.image.get_image(self.mine).tags, ["blue"])
        self.image.update_image(self.mine, name="mine", visibility="shared")
        refused(
            exceptions.ForbiddenException,
            "",
            lambda: self.image.update_image(self.mine, visibility="public"),
        )

    def lists(self):
        self.image.create_image(name="empty", disk_format="raw", container_format="bare")
        equal(names(self.image.images()), ["cirros", "empty", "mine"])
        equal(names(self.image.images(visibility="public")), ["cirros"])
        equal(names(self.image.images(status="queued")), ["empty"])
        equal(names(self.image.images(tag="blue")), ["mine"])
        equal(names(self.image.images(limit=1)), ["cirros", "empty", "mine"])
        equal(names(self.cloud.search_images("mine")), ["mine"])
        equal(self.image.find_image("mine").id, self.mine.id)
        equal([one.name for one in self.image.images(sort="name:desc")], ["mine", "empty", "cirros"])
        self.image.delete_image(self.image.find_image("empty"))

    def members(self):
        admin = connect(cloud="chronova-admin")
        project = admin.current_project_id
        self.image.add_member(self.mine, member_id=project)
        equal([one.status for one in self.image.members(self.mine)], ["pending"])
        admin.image.update_member(project, self.mine, status="accepted")
        equal(names(admin.image.images(visibility="shared", member_status="accepted")), ["mine"])
        self.image.remove_member(project, self.mine)
        equal(list(self.image.members(self.mine)), [])

    def ends(self):
        admin = connect(cloud="chronova-admin")
        admin.image.deactivate_image(self.mine)
        equal(self.image.get_image(self.mine).status, "deactivated")
        # The SDK says of the 403 that its checksum is another than the image's.
        refused(exceptions.SDKException, "", lambda: self.image.download_image(self.mine))
        admin.image.reactivate_image(self.mine)
        self.image.update_image(self.mine, is_protected=True)
        refused(exceptions.ForbiddenException, "", lambda: self.image.delete_image(self.mine))
        self.image.update_image(self.mine, is_protected=False)
        equal(self.cloud.delete_image("mine", wait=True), True)
        gone(exceptions.NotFoundException, lambda: self.image.get_image(self.mine))


class Volumes:
    def __init__(self):
        self.cloud = connect()
        self.volume = self.cloud.block_storage
        self.admin = connect(cloud="chronova-admin")

    def run(self):
        for name, work in (
            ("create_volume, update, metadata, extend", self.volumes),
            ("snapshots", self.snapshots),
            ("volumes of an image, and an image of a volume", self.images),
            ("volume types", self.types),
            ("quotas, limits, services", self.quotas),
            ("what is refused", self.refusals),
        ):
            check(f"volume: {name}", work)

    def becomes(self, volume, status="available"):
        return until(lambda: self.volume.get_volume(volume), lambda one: one.status == status)

    def volumes(self):
        made = self.cloud.create_volume(1, name="disk", wait=True, metadata={"a": "1"})
        has(made, status="available", size=1, metadata={"a": "1"}, is_bootable=False)
        equal(self.cloud.update_volume("disk", description="words").description, "words")
        self.volume.set_volume_metadata(made, b="2")
        self.volume.delete_volume_metadata(self.volume.get_volume(made), ["a"])
        equal(self.volume.get_volume_metadata(made).metadata, {"b": "2"})
        self.volume.extend_volume(made, 2)
        equal(self.becomes(made).size, 2)
        self.cloud.set_volume_bootable("disk", True)
        equal(self.volume.get_volume(made).is_bootable, True)
        equal(names(self.cloud.search_volumes("disk")), ["disk"])
        equal(names(self.volume.volumes(status="available")), ["disk"])
        equal(names(self.admin.block_storage.volumes(all_projects=True)), ["disk"])
        equal(self.cloud.get_volume_id("disk"), made.id)

    def snapshots(self):
        disk = self.volume.find_volume("disk")
        made = self.cloud.create_volume_snapshot(disk.id, wait=True, name="snap")
        has(made, status="available", volume_id=disk.id, size=2)
        self.volume.update_snapshot(made, description="words")
        equal(names(self.cloud.search_volume_snapshots("snap")), ["snap"])
        copy = self.cloud.create_volume(2, snapshot_id=made.id, wait=True, name="copy")
        equal(copy.snapshot_id, made.id)
        refused(exceptions.SDKException, "", lambda: self.volume.delete_volume(disk, False))
        equal(self.cloud.delete_volume_snapshot("snap", wait=True), True)
        for name in ("copy", "disk"):
            equal(self.cloud.delete_volume(name, wait=True), True)

    def images(self):
        made = self.cloud.create_volume(1, image="cirros", wait=True, name="root")
        equal(made.is_bootable, True)
        equal(self.volume.get_volume(made).volume_image_metadata["image_name"], "cirros")
        self.volume.upload_volume_to_image(made, "of-volume")
        until(
            lambda: self.cloud.image.find_image("of-volume"),
            lambda one: one is not None and one.status == "active",
        )
        self.becomes(made)
        equal(self.cloud.delete_volume("root", wait=True), True)
        self.cloud.delete_image("of-volume")

    def types(self):
        proxy = self.admin.block_storage
        made = proxy.create_type(name="fast", description="words", is_public=False)
        proxy.update_type_extra_specs(made, disk="ssd")
        equal(proxy.get_type(made).extra_specs, {"disk": "ssd"})
        proxy.delete_type_extra_specs(made, ["disk"])
        assert "fast" not in names(self.volume.types())
        project = self.cloud.current_project_id
        proxy.add_type_access(made, project)
        assert "fast" in names(self.volume.types())
        equal([one["project_id"] for one in proxy.get_type_access(made)], [project])
        volume = self.cloud.create_volume(1, volume_type="fast", wait=True, name="of-type")
        equal(volume.volume_type, "fast")
        self.cloud.delete_volume("of-type", wait=True)
        proxy.remove_type_access(made, project)
        proxy.delete_type(made)

    def quotas(self):
        project = self.cloud.current_project_id
        self.admin.set_volume_quotas(project, volumes=7)
        equal(self.admin.get_volume_quotas(project).volumes, 7)
        self.admin.delete_volume_quotas(project)
        equal(self.admin.get_volume_quotas(project).volumes, 10)
        equal(self.cloud.get_volume_limits().absolute.max_total_volumes, 10)
        binaries = {one.binary for one in self.admin.block_storage.services()}
        assert "cinder-volume" in binaries, binaries
        equal({zone.name for zone in self.volume.availability_zones()}, {"nova"})

    def refusals(self):
        refused(exceptions.BadRequestException, "", lambda: self.volume.create_volume(size=-1))
        refused(
            exceptions.SDKException,
            "VolumeSizeExceedsAvailableQuota",
            lambda: self.volume.create_volume(size=100_000),
        )
        refused(exceptions.NotFoundException, "", lambda: self.volume.get_volume("none"))
        equal(self.cloud.delete_volume("none"), False)


if __name__ == "__main__":
    side_by_side(Networks().run, Identity().run, Images().run, Volumes().run)
