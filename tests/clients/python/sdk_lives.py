"""A server's life by openstacksdk, at several microversions side by side."""

import datetime
import inspect

from checks import check, connect, equal, side_by_side
from openstack import exceptions
from openstack.common import tag

# None: what the SDK and the server agree on.
MICROVERSIONS = (None, "2.1", "2.26", "2.53", "2.90", "2.100")

# Older releases ask for tags at 2.1 unless they are told another, and there no server has any.
NEGOTIATES_TAGS = "microversion" in inspect.getsource(tag)


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Life:
    """A server's life at one microversion."""

    def __init__(self, microversion):
        self.label = microversion or "negotiated"
        self.pinned = microversion is not None
        self.minor = 10**6 if microversion is None else int(microversion.split(".")[1])
        self.cloud = connect(microversion)
        self.compute = self.cloud.compute
        self.name = "sdk-" + self.label.replace(".", "-")
        self.began = now()
        self.server = None

    def run(self):
        self.server = self.check("create_server(wait=True)", self.create)
        if self.server is None:
            return
        self.check("get_server, find_server by name", self.find)
        self.check("list_servers, servers()", self.list)
        self.check("update_server", self.update)
        self.check("metadata", self.metadata)
        if self.minor >= 26 and (self.pinned or NEGOTIATES_TAGS):
            self.check("tags", self.tags)
        self.check("lock and unlock", self.lock)
        self.check("changes_since shows what changed", lambda: self.changed("ACTIVE"))
        self.check("delete_server(wait=True)", self.delete)
        self.check("changes_since shows what is deleted", lambda: self.changed("DELETED"))

    def check(self, name, work):
        return check(f"{self.label}: {name}", work)

    def create(self):
        server = self.cloud.create_server(
            self.name,
            image="cirros",
            flavor="m1.tiny",
            network="private",
            meta={"made": "here"},
            wait=True,
            timeout=30,
        )
        equal(server.status, "ACTIVE")
        equal(server.name, self.name)
        assert server.admin_password, "there is no password"
        assert server.private_v4 or server.addresses["private"], "there is no address"
        return server

    def find(self):
        equal(self.compute.get_server(self.server.id).name, self.name)
        equal(self.compute.find_server(self.name).id, self.server.id)
        equal(self.cloud.get_server(self.name).id, self.server.id)
        equal(self.compute.find_server("no-such-server"), None)

    def list(self):
        assert self.server.id in [server.id for server in self.cloud.list_servers()]
        found = list(self.compute.servers(name=f"^{self.name}$"))
        equal([server.id for server in found], [self.server.id])
        short = list(self.compute.servers(details=False, status="ACTIVE"))
        assert self.server.id in [server.id for server in short]

    def update(self):
        changes = {"name": f"{self.name}-renamed"}
        if self.minor >= 19:
            changes["description"] = "changed"
        equal(self.compute.update_server(self.server.id, **changes).name, changes["name"])
        server = self.compute.get_server(self.server.id)
        equal(server.name, changes["name"])
        equal(server.description, changes.get("description"))
        self.name = changes["name"]

    def metadata(self):
        self.compute.set_server_metadata(self.server.id, color="blue", size="small")
        server = self.compute.get_server_metadata(self.server.id)
        equal(server.metadata, {"made": "here", "color": "blue", "size": "small"})
        self.compute.delete_server_metadata(self.server.id, ["size"])
        self.cloud.delete_server_metadata(self.server.id, ["made"])
        equal(self.compute.get_server(self.server.id).metadata, {"color": "blue"})

    def tags(self):
        server = self.compute.get_server(self.server.id)
        server.set_tags(self.compute, ["red", "green"])
        server.add_tag(self.compute, "blue")
        server.remove_tag(self.compute, "red")
        equal(sorted(server.fetch_tags(self.compute).tags), ["blue", "green"])
        found = list(self.compute.servers(tags="blue,green"))
        # Others tag their servers alike meanwhile.
        assert self.server.id in [one.id for one in found], found
        server.remove_all_tags(self.compute)
        equal(server.fetch_tags(self.compute).tags, [])

    def lock(self):
        self.compute.lock_server(self.server.id)
        try:
            self.compute.delete_server(self.server.id)
            raise AssertionError("a locked server was deleted")
        except exceptions.ConflictException as refusal:
            assert "is locked" in str(refusal), refusal
        self.compute.unlock_server(self.server.id)

    def delete(self):
        equal(self.cloud.delete_server(self.server.id, wait=True, timeout=30), True)
        equal(self.compute.find_server(self.server.id), None)
        try:
            self.compute.get_server(self.server.id)
            raise AssertionError("a deleted server was found")
        except exceptions.NotFoundException:
            pass

    def changed(self, status):
        changed = list(self.compute.servers(changes_since=self.began))
        mine = [server.status for server in changed if server.id == self.server.id]
        equal(mine, [status])


def pages():
    """A list longer than a page, and a page shorter than the list."""
    cloud = connect(None)
    for number in range(7):
        cloud.create_server(
            f"page-{number}", image="cirros", flavor="m1.tiny", network="private", wait=False
        )
    for limit in (1, 2, 3, 7, 100):
        names = [server.name for server in cloud.compute.servers(name="^page-", limit=limit)]
        equal(names, [f"page-{number}" for number in reversed(range(7))])
    first = list(cloud.compute.servers(name="^page-", limit=3, paginated=False))
    equal(len(first), 3)
    for server in cloud.compute.servers(name="^page-"):
        cloud.compute.delete_server(server)
        cloud.compute.wait_for_delete(server, interval=0.2, wait=30)


def refusals():
    """What the SDK makes of refusals."""
    cloud = connect(None, cloud="chronova-reader")
    try:
        cloud.create_server("no", image="cirros", flavor="m1.tiny", network="private")
        raise AssertionError("a reader made a server")
    except exceptions.HttpException as refusal:
        equal(refusal.status_code, 403)
        assert "os_compute_api:servers:create" in str(refusal), refusal


if __name__ == "__main__":
    side_by_side(*[Life(microversion).run for microversion in MICROVERSIONS])
    check("servers() pages through a list with limit", pages)
    check("create_server as a reader is forbidden", refusals)
