"""openstacksdk's compute proxy: what the lives of sdk_lives.py and the cloud layer leave out."""

from checks import check, connect, equal, gone, has, refused, until
from openstack import exceptions


class Actions:
    """A server of an administrator's, and the actions of the proxy's."""

    def __init__(self):
        self.cloud = connect(cloud="chronova-admin")
        self.compute = self.cloud.compute
        self.image = self.cloud.image.find_image("cirros")

    def run(self):
        self.server = check("create_server, wait_for_server", self.create)
        for name, work in (
            ("stop, start, reboot, pause, suspend", self.power),
            ("rescue_server, unrescue_server", self.rescue),
            ("rebuild_server", self.rebuild),
            ("resize_server, confirm, revert", self.resize),
            ("migrate_server, live_migrate_server", self.moves),
            ("evacuate_server", self.evacuate),
            ("shelve_server, unshelve_server", self.shelve),
            ("create_server_image, backup_server", self.images),
            ("lock_server, reset_server_state, trigger_server_crash_dump", self.states),
            ("change_server_password, get_server_password", self.passwords),
            ("server_interfaces", self.interfaces),
            ("volume_attachments", self.volumes),
            ("add_security_group_to_server", self.groups),
            ("server_actions, get_server_action", self.actions),
            ("get_server_diagnostics, get_server_console_output, server_ips", self.tells),
            ("create_server_remote_console", self.console),
            ("create_server_external_events", self.external_events),
            ("delete_server(force=True)", self.delete),
        ):
            check(name, work)

    def create(self):
        server = self.compute.create_server(
            name="it",
            image_id=self.image.id,
            flavor_id="1",
            networks=[{"uuid": self.cloud.network.find_network("private").id}],
            metadata={"a": "1"},
        )
        server = self.compute.wait_for_server(server, interval=0.2, wait=30)
        has(server, status="ACTIVE", metadata={"a": "1"})
        return server

    def show(self):
        return self.compute.get_server(self.server.id)

    def becomes(self, status):
        return until(self.show, lambda one: one.status == status and one.task_state is None)

    def power(self):
        for action, status in (
            (self.compute.stop_server, "SHUTOFF"),
            (self.compute.start_server, "ACTIVE"),
            (lambda one: self.compute.reboot_server(one, "SOFT"), "ACTIVE"),
            (lambda one: self.compute.reboot_server(one, "HARD"), "ACTIVE"),
            (self.compute.pause_server, "PAUSED"),
            (self.compute.unpause_server, "ACTIVE"),
            (self.compute.suspend_server, "SUSPENDED"),
            (self.compute.resume_server, "ACTIVE"),
        ):
            action(self.server)
            self.becomes(status)
        refused(
            exceptions.ConflictException,
            "Cannot 'start'",
            lambda: self.compute.start_server(self.server),
        )

    def rescue(self):
        self.compute.rescue_server(self.server, admin_pass="sesame", image_ref=self.image.id)
        self.becomes("RESCUE")
        self.compute.unrescue_server(self.server)
        self.becomes("ACTIVE")

    def rebuild(self):
        rebuilt = self.compute.rebuild_server(
            self.server, image=self.image.id, name="it", admin_password="sesame", metadata={"b": "2"}
        )
        equal(rebuilt.admin_password, "sesame")
        equal(self.becomes("ACTIVE").metadata, {"b": "2"})

    def resize(self):
        for end in (self.compute.revert_server_resize, self.compute.confirm_server_resize):
            self.compute.resize_server(self.server, "2")
            self.becomes("VERIFY_RESIZE")
            end(self.server)
            self.becomes("ACTIVE")
        equal(self.show().flavor.original_name, "m1.small")

    def moves(self):
        began = self.show().compute_host
        to = "compute-2" if began == "compute-1" else "compute-1"
        self.compute.migrate_server(self.server, host=to)
        equal(self.becomes("VERIFY_RESIZE").compute_host, to)
        self.compute.confirm_server_resize(self.server)
        self.becomes("ACTIVE")
        self.compute.live_migrate_server(self.server, block_migration="auto")
        assert self.becomes("ACTIVE").compute_host != to
        equal(list(self.compute.server_migrations(self.server)), [])
        done = self.compute.migrations(instance_uuid=self.server.id)
        equal(
            [(one.migration_type, one.status) for one in done],
            [
                ("live-migration", "completed"),
                ("migration", "confirmed"),
                ("resize", "confirmed"),
                ("resize", "reverted"),
            ],
        )

    def evacuate(self):
        began = self.show().compute_host
        service = next(self.compute.services(host=began, binary="nova-compute"))
        self.compute.update_service_forced_down(service, began, "nova-compute", forced=True)
        self.compute.evacuate_server(self.server)
        assert self.becomes("SHUTOFF").compute_host != began
        # Not before its service was started anew.
        self.compute.get(f"/os-hosts/{began}/reboot", microversion="2.1")
        until(
            lambda: list(self.compute.migrations(migration_type="evacuation")),
            lambda moves: [one.status for one in moves] == ["completed"],
        )
        self.compute.update_service_forced_down(service, began, "nova-compute", forced=False)
        self.compute.start_server(self.server)
        self.becomes("ACTIVE")

    def shelve(self):
        self.compute.shelve_server(self.server)
        self.becomes("SHELVED_OFFLOADED")
        self.compute.unshelve_server(self.server, host="compute-4")
        equal(self.becomes("ACTIVE").compute_host, "compute-4")

    def images(self):
        made = self.compute.create_server_image(
            self.server, "snap", metadata={"kind": "nightly"}, wait=True, timeout=30
        )
        equal(made.properties["kind"], "nightly")
        self.becomes("ACTIVE")
        self.compute.backup_server(self.server, "bak", "daily", 1)
        until(
            lambda: self.cloud.image.find_image("bak"),
            lambda one: one is not None and one.status == "active",
        )
        self.becomes("ACTIVE")

    def states(self):
        self.compute.lock_server(self.server, locked_reason="busy")
        has(self.show(), is_locked=True, locked_reason="busy")
        self.compute.unlock_server(self.server)
        self.compute.reset_server_state(self.server, "error")
        equal(self.show().status, "ERROR")
        self.compute.reset_server_state(self.server, "active")
        equal(self.show().status, "ACTIVE")
        self.compute.trigger_server_crash_dump(self.server)

    def passwords(self):
        self.compute.change_server_password(self.server, "sesame")
        self.becomes("ACTIVE")
        equal(self.compute.get_server_password(self.server), "")
        self.compute.clear_server_password(self.server)

    def interfaces(self):
        listed = lambda: list(self.compute.server_interfaces(self.server))
        first = listed()[0]
        has(
            self.compute.get_server_interface(first, server=self.server),
            port_id=first.port_id,
            port_state="ACTIVE",
        )
        made = self.compute.create_server_interface(
            self.server, net_id=self.cloud.network.find_network("private").id
        )
        until(listed, lambda all: len(all) == 2)
        self.compute.delete_server_interface(made.port_id, server=self.server)
        until(listed, lambda all: len(all) == 1)

    def volumes(self):
        volume = self.cloud.block_storage.create_volume(size=1, name="disk")
        status = lambda: self.cloud.block_storage.get_volume(volume.id).status
        until(status, lambda now: now == "available")
        made = self.compute.create_volume_attachment(
            self.server, volume=volume, tag="data", delete_on_termination=False
        )
        has(made, volume_id=volume.id, tag="data")
        until(status, lambda now: now == "in-use")
        listed = self.compute.volume_attachments(self.server)
        equal([one.volume_id for one in listed], [volume.id])
        self.compute.update_volume_attachment(
            self.server, volume, volume_id=volume.id, delete_on_termination=True
        )
        shown = self.compute.get_volume_attachment(self.server, volume)
        equal(shown.delete_on_termination, True)
        self.compute.delete_volume_attachment(self.server, volume)
        until(status, lambda now: now == "available")

    def groups(self):
        names = lambda: sorted(one.name for one in self.show_groups())
        group = self.cloud.network.create_security_group(name="web")
        self.compute.add_security_group_to_server(self.server, group)
        equal(names(), ["default", "web"])
        self.compute.remove_security_group_from_server(self.server, group)
        equal(names(), ["default"])

    def show_groups(self):
        server = self.show()
        self.compute.fetch_server_security_groups(server)
        return [self.cloud.network.find_security_group(one["name"]) for one in server.security_groups]

    def actions(self):
        actions = list(self.compute.server_actions(self.server))
        names = {one.action for one in actions}
        assert {"create", "stop", "rebuild", "evacuate", "live-migration"} <= names, names
        create = self.compute.get_server_action(actions[-1].request_id, self.server)
        equal(create.action, "create")
        equal({event.result for event in create.events}, {"Success"})
        first = [one.request_id for one in self.compute.server_actions(self.server, limit=3)]
        equal(first, [one.request_id for one in actions])

    def tells(self):
        has(self.compute.get_server_diagnostics(self.server), state="running", num_cpus=1)
        output = self.compute.get_server_console_output(self.server, length=2)["output"]
        equal(len(output.splitlines()), 2)
        labels = {one.network_label for one in self.compute.server_ips(self.server)}
        equal(labels, {"private"})

    def console(self):
        console = self.compute.create_server_remote_console(
            self.server, protocol="vnc", type="novnc"
        )
        assert console.url.startswith("http"), console
        token = console.url.split("token%3D")[-1]
        has(self.compute.validate_console_auth_token(token), instance_uuid=self.server.id)

    def external_events(self):
        event = {"server_uuid": self.server.id, "name": "network-changed"}
        has(next(self.compute.create_server_external_events([event])), code=200)

    def delete(self):
        self.compute.delete_server(self.server, force=True)
        self.compute.wait_for_delete(self.server, interval=0.2, wait=30)
        gone(exceptions.NotFoundException, self.show)


class Things:
    """What needs no machine."""

    def __init__(self):
        self.compute = connect(cloud="chronova-admin").compute
        self.member = connect()

    def run(self):
        for name, work in (
            ("flavors", self.flavors),
            ("keypairs", self.keypairs),
            ("server_groups", self.server_groups),
            ("aggregates", self.aggregates),
            ("services", self.services),
            ("hypervisors", self.hypervisors),
            ("quota sets and quota class sets", self.quotas),
            ("limits, usages, availability_zones", self.limits),
            ("images of the compute service's", self.images),
        ):
            check(name, work)

    def flavors(self):
        made = self.compute.create_flavor(
            name="own", ram=512, vcpus=1, disk=1, ephemeral=1, swap=64, description="words"
        )
        equal(self.compute.update_flavor(made, description="other").description, "other")
        self.compute.create_flavor_extra_specs(made, {"hw:cpu_policy": "shared", "own:a": "1"})
        self.compute.update_flavor_extra_specs_property(made, "own:a", "2")
        equal(self.compute.get_flavor_extra_specs_property(made, "own:a"), "2")
        self.compute.delete_flavor_extra_specs_property(made, "own:a")
        specs = self.compute.fetch_flavor_extra_specs(made).extra_specs
        equal(specs, {"hw:cpu_policy": "shared"})
        found = self.compute.find_flavor("own", get_extra_specs=True)
        has(found, id=made.id, ephemeral=1, swap=64)
        paged = [one.id for one in self.compute.flavors(limit=2)]
        assert made.id in paged and len(paged) == len(set(paged)) == 6, paged
        self.compute.delete_flavor(made)
        equal(self.compute.find_flavor("own"), None)

    def keypairs(self):
        made = self.compute.create_keypair(name="mine", type="ssh", public_key=PUBLIC_KEY)
        has(self.compute.get_keypair("mine"), fingerprint=made.fingerprint, type="ssh")
        equal([one.name for one in self.compute.keypairs()], ["mine"])
        user = self.member.current_user_id
        self.compute.create_keypair(name="theirs", public_key=PUBLIC_KEY, user_id=user)
        equal([one.name for one in self.compute.keypairs(user_id=user)], ["theirs"])
        self.compute.delete_keypair("theirs", user_id=user)
        self.compute.delete_keypair(made)
        equal(self.compute.find_keypair("mine"), None)

    def server_groups(self):
        made = self.compute.create_server_group(
            name="apart", policy="anti-affinity", rules={"max_server_per_host": 2}
        )
        has(
            self.compute.get_server_group(made),
            policy="anti-affinity",
            rules={"max_server_per_host": 2},
            member_ids=[],
        )
        equal(self.compute.find_server_group("apart", all_projects=True).id, made.id)
        equal([one.id for one in self.compute.server_groups(all_projects=True)], [made.id])
        self.compute.delete_server_group(made)
        equal(list(self.compute.server_groups()), [])

    def aggregates(self):
        made = self.compute.create_aggregate(name="fast", availability_zone="quick")
        self.compute.add_host_to_aggregate(made, "compute-3")
        self.compute.set_aggregate_metadata(made, {"ssd": "true"})
        self.compute.update_aggregate(made, name="faster")
        found = self.compute.find_aggregate("faster")
        has(found, id=made.id, hosts=["compute-3"])
        image = connect().image.find_image("cirros")
        self.compute.aggregate_precache_images(made, [image.id])
        self.compute.remove_host_from_aggregate(made, "compute-3")
        self.compute.delete_aggregate(made)
        equal(list(self.compute.aggregates()), [])

    def services(self):
        service = next(self.compute.services(host="compute-4", binary="nova-compute"))
        self.compute.disable_service(service, "compute-4", "nova-compute", "new fans")
        shown = self.compute.find_service("nova-compute", host="compute-4")
        has(shown, status="disabled", disabled_reason="new fans", state="up")
        self.compute.enable_service(service, "compute-4", "nova-compute")
        enabled = next(self.compute.services(host="compute-4"))
        has(enabled, status="enabled", is_forced_down=False)

    def hypervisors(self):
        names = sorted(one.name for one in self.compute.hypervisors(details=True))
        equal(names, [f"compute-{one}" for one in (1, 2, 3, 4)])
        found = self.compute.find_hypervisor("compute-2", details=True)
        has(self.compute.get_hypervisor(found), name="compute-2", state="up", status="enabled")
        listed = self.compute.hypervisors(hypervisor_hostname_pattern="compute-2", details=True)
        equal([one.id for one in listed], [found.id])
        paged = [one.id for one in self.compute.hypervisors(limit=3)]
        equal(len(set(paged)), 4)

    def quotas(self):
        project = self.member.current_project_id
        equal(self.compute.get_quota_set_defaults(project).cores, 20)
        self.compute.update_quota_set(project, cores=22)
        equal(self.compute.get_quota_set(project).cores, 22)
        equal(self.compute.get_quota_set(project, usage=True).usage["instances"], 0)
        self.compute.revert_quota_set(project)
        equal(self.compute.get_quota_set(project).cores, 20)
        self.compute.update_quota_class_set("default", key_pairs=90)
        equal(self.compute.get_quota_class_set("default").key_pairs, 90)
        self.compute.update_quota_class_set("default", key_pairs=100)

    def limits(self):
        has(self.member.compute.get_limits().absolute, instances=10, instances_used=0)
        equal(self.compute.get_usage(self.member.current_project_id).server_usages, None)
        zones = {one.name: one for one in self.compute.availability_zones(details=True)}
        equal(sorted(zones["nova"].hosts), [f"compute-{one}" for one in (1, 2, 3, 4)])
        refused(
            exceptions.ForbiddenException, "Policy", lambda: list(self.member.compute.usages())
        )

    def images(self):
        # Below 2.36 only; the SDK asks for them at 2.1.
        equal([one.name for one in connect("2.1").compute.images()][:1], ["cirros"])


PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a@b"


if __name__ == "__main__":
    Things().run()
    Actions().run()
