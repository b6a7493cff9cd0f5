package main

import (
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/migrations"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/services"
)

// walkMoves brings a server from host to host.
func walkMoves(demo, admin *cloud) {
	var id string
	if !check("moves: a server to move", func() { id = demo.newServer("go-moved").ID }) {
		return
	}
	host := func() string { return admin.serverNow(id).Host }
	check("moves: migrate and confirm", func() {
		before := host()
		done(servers.Migrate(ctx, admin.computeAt(""), id).ExtractErr())
		demo.becomes(id, "VERIFY_RESIZE")
		done(servers.ConfirmResize(ctx, demo.computeAt(""), id).ExtractErr())
		demo.becomes(id, "ACTIVE")
		that(host() != before, "it is on another host")
	})
	check("moves: migrate live", func() {
		before := host()
		done(servers.LiveMigrate(ctx, admin.computeAt(""), id, servers.LiveMigrateOpts{
			BlockMigration: pointer(false), DiskOverCommit: pointer(false),
		}).ExtractErr())
		eventually("it is on another host", func() bool { return host() != before })
		demo.becomes(id, "ACTIVE")
	})
	check("moves: they are listed", func() {
		opts := migrations.ListOpts{InstanceID: pointer(id)}
		listed := all(migrations.List(admin.computeAt("2.59"), opts), migrations.ExtractMigrations)
		equal(len(listed), 2)
	})
	check("moves: evacuate from a host that is down", func() {
		before := host()
		compute := find(all(services.List(admin.computeAt("2.53"), services.ListOpts{Host: before}),
			services.ExtractServices), func(s services.Service) bool { return s.Binary == "nova-compute" })
		down := services.UpdateOpts{ForcedDown: true}
		must(services.Update(ctx, admin.computeAt("2.53"), compute.ID, down).Extract())
		password := must(servers.Evacuate(ctx, admin.computeAt(""), id, servers.EvacuateOpts{
			AdminPass: "away from here", OnSharedStorage: false,
		}).ExtractAdminPass())
		equal(password, "away from here")
		eventually("it is on another host", func() bool { return host() != before })
		demo.becomes(id, "ACTIVE")
	})
	check("moves: delete", func() { demo.deleteServer(id) })
}
