package main

import (
	"context"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/diagnostics"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/instanceactions"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/tags"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/usage"
	"github.com/gophercloud/gophercloud/v2/pagination"
)

func walkServers(demo, admin *cloud) {
	var server *servers.Server
	if !check("servers: create, with what is asked for", func() {
		opts := demo.serverOf("go-server")
		opts.Metadata = map[string]string{"color": "blue"}
		opts.UserData = []byte("#!/bin/sh\ntrue\n")
		opts.ConfigDrive = pointer(true)
		opts.AdminPass = "a pass of ours"
		opts.Tags = []string{"first"}
		made := must(servers.Create(ctx, demo.computeAt("2.52"), opts, nil).Extract())
		equal(made.AdminPass, "a pass of ours")
		demo.becomes(made.ID, "ACTIVE")
		server = demo.serverNow(made.ID)
		equal(server.Name, "go-server")
		equal(server.TenantID, demo.projectID)
		equal(server.UserID, demo.userID)
		equal(server.Image["id"], any(demo.imageID))
		equal(server.Metadata, map[string]string{"color": "blue"})
		equal(*server.Tags, []string{"first"})
		that(server.ConfigDrive, "it has a config drive")
		that(server.HostID != "", "it has a host id")
		that(server.LaunchedAt.After(server.Created.Add(-time.Second)), "it was launched")
		that(server.TerminatedAt.IsZero(), "it was not terminated")
		equal(server.PowerState, servers.RUNNING)
	}) {
		return
	}
	client := demo.computeAt("2.96")
	check("servers: what only admins see", func() {
		seen := admin.serverNow(server.ID)
		that(seen.Host != "" && seen.HypervisorHostname != "", "its host")
		that(seen.InstanceName != "", "its name on the host")
		that(*seen.RootDeviceName != "" && *seen.ReservationID != "", "its disk and reservation")
		equal(server.Host, "")
	})
	check("servers: list, by page and by what is asked for", func() {
		second := must(servers.Create(ctx, client, demo.serverOf("go-second"), nil).Extract())
		demo.becomes(second.ID, "ACTIVE")
		pages, seen := 0, map[string]bool{}
		done(servers.List(client, servers.ListOpts{Limit: 1}).EachPage(ctx,
			func(_ context.Context, page pagination.Page) (bool, error) {
				pages++
				for _, one := range must(servers.ExtractServers(page)) {
					seen[one.Name] = true
				}
				return true, nil
			}))
		that(pages >= 2 && seen["go-server"] && seen["go-second"], "each page has one server")
		byName := servers.ListOpts{Name: "go-sec", Status: "ACTIVE"}
		equal(len(all(servers.List(client, byName), servers.ExtractServers)), 1)
		byTag := servers.ListOpts{Tags: "first"}
		equal(all(servers.ListSimple(client, byTag), servers.ExtractServers)[0].ID, server.ID)
		everyones := servers.ListOpts{AllTenants: true, TenantID: demo.projectID}
		equal(len(all(servers.List(admin.computeAt(""), everyones), servers.ExtractServers)), 2)
		demo.deleteServer(second.ID)
	})
	check("servers: update", func() {
		change := servers.UpdateOpts{
			Name: "go-renamed", AccessIPv4: "192.0.2.7", AccessIPv6: "2001:db8::7", Hostname: pointer("go-host"),
		}
		changed := must(servers.Update(ctx, client, server.ID, change).Extract())
		equal(changed.Name, "go-renamed")
		equal(changed.AccessIPv4+" "+changed.AccessIPv6, "192.0.2.7 2001:db8::7")
		equal(*demo.serverNow(server.ID).Hostname, "go-host")
	})
	check("servers: metadata", func() { checkMetadata(client, server.ID) })
	check("servers: tags", func() { checkTags(client, server.ID) })
	check("servers: addresses", func() {
		pages := must(servers.ListAddresses(client, server.ID).AllPages(ctx))
		addresses := must(servers.ExtractAddresses(pages))
		that(len(addresses["private"]) == 1, "it has one address")
		pages = must(servers.ListAddressesByNetwork(client, server.ID, "private").AllPages(ctx))
		equal(must(servers.ExtractNetworkAddresses(pages)), addresses["private"])
	})
	check("servers: console output", func() {
		whole := must(servers.ShowConsoleOutput(ctx, client, server.ID, servers.ShowConsoleOutputOpts{}).Extract())
		that(strings.Contains(whole, "\n"), "a machine that has started has written lines")
		last := must(servers.ShowConsoleOutput(ctx, client, server.ID,
			servers.ShowConsoleOutputOpts{Length: 1}).Extract())
		that(len(last) < len(whole), "one line is shorter than all")
	})
	check("servers: diagnostics", func() {
		facts := must(diagnostics.Get(ctx, admin.computeAt(""), server.ID).Extract())
		that(len(facts) > 0, "there are some")
		_, err := diagnostics.Get(ctx, client, server.ID).Extract()
		refused(err, 403)
	})
	check("servers: instance actions", func() {
		actions := all(instanceactions.List(admin.computeAt("2.62"), server.ID, nil),
			instanceactions.ExtractInstanceActions)
		made := find(actions, func(a instanceactions.InstanceAction) bool { return a.Action == "create" })
		detail := must(instanceactions.Get(ctx, admin.computeAt("2.62"), server.ID, made.RequestID).Extract())
		that(len(*detail.Events) > 0, "its events are there")
		equal((*detail.Events)[0].Result, "Success")
	})
	check("servers: usage", func() {
		end := time.Now().UTC().Add(time.Minute)
		begin := end.Add(-24 * time.Hour)
		// By page: all pages at once is what gophercloud cannot do with one project's usage.
		done(usage.SingleTenant(admin.computeAt(""), demo.projectID,
			usage.SingleTenantOpts{Start: &begin, End: &end}).EachPage(ctx,
			func(_ context.Context, page pagination.Page) (bool, error) {
				one := must(usage.ExtractSingleTenant(page))
				equal(one.TenantID, demo.projectID)
				that(len(one.ServerUsages) >= 2, "also what is gone counts")
				return true, nil
			}))
		pages := must(usage.AllTenants(admin.computeAt("2.40"),
			usage.AllTenantsOpts{Detailed: true, Start: &begin, End: &end, Limit: 1}).AllPages(ctx))
		every := must(usage.ExtractAllTenants(pages))
		find(every, func(u usage.TenantUsage) bool { return u.TenantID == demo.projectID })
	})
	check("servers: what is not there is a 404", func() {
		_, err := servers.Get(ctx, client, "11111111-2222-4333-8444-555555555555").Extract()
		gone(err)
		gone(servers.Delete(ctx, client, "11111111-2222-4333-8444-555555555555").ExtractErr())
	})
	check("servers: delete", func() { demo.deleteServer(server.ID) })
}

func checkMetadata(client *gophercloud.ServiceClient, id string) {
	equal(must(servers.UpdateMetadata(ctx, client, id, servers.MetadataOpts{"size": "m"}).Extract()),
		map[string]string{"color": "blue", "size": "m"})
	equal(must(servers.CreateMetadatum(ctx, client, id, servers.MetadatumOpts{"size": "l"}).Extract()),
		map[string]string{"size": "l"})
	equal(must(servers.Metadatum(ctx, client, id, "size").Extract()), map[string]string{"size": "l"})
	done(servers.DeleteMetadatum(ctx, client, id, "size").ExtractErr())
	equal(must(servers.Metadata(ctx, client, id).Extract()), map[string]string{"color": "blue"})
	equal(must(servers.ResetMetadata(ctx, client, id, servers.MetadataOpts{"only": "this"}).Extract()),
		map[string]string{"only": "this"})
	_, err := servers.Metadatum(ctx, client, id, "color").Extract()
	gone(err)
}

func checkTags(client *gophercloud.ServiceClient, id string) {
	done(tags.Add(ctx, client, id, "second").ExtractErr())
	equal(must(tags.List(ctx, client, id).Extract()), []string{"first", "second"})
	that(must(tags.Check(ctx, client, id, "second").Extract()), "it has the tag")
	that(!must(tags.Check(ctx, client, id, "third").Extract()), "it has no such tag")
	done(tags.Delete(ctx, client, id, "second").ExtractErr())
	equal(must(tags.ReplaceAll(ctx, client, id, tags.ReplaceAllOpts{Tags: []string{"new"}}).Extract()),
		[]string{"new"})
	done(tags.DeleteAll(ctx, client, id).ExtractErr())
	equal(len(must(tags.List(ctx, client, id).Extract())), 0)
}
