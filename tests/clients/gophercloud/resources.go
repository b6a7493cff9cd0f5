package main

import (
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/limits"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/quotasets"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
)

func walkFlavors(demo, admin *cloud) {
	client := admin.computeAt("2.61")
	var flavor *flavors.Flavor
	if !check("flavors: create, get, update", func() {
		flavor = must(flavors.Create(ctx, client, flavors.CreateOpts{
			Name: "go-flavor", RAM: 256, VCPUs: 1, Disk: pointer(1), Swap: pointer(64),
			Ephemeral: pointer(2), IsPublic: pointer(false), Description: "of Go",
		}).Extract())
		must(flavors.Update(ctx, client, flavor.ID, flavors.UpdateOpts{Description: "still of Go"}).Extract())
		now := must(flavors.Get(ctx, client, flavor.ID).Extract())
		equal([]any{now.RAM, now.Swap, now.Ephemeral, now.IsPublic, now.Description},
			[]any{256, 64, 2, false, "still of Go"})
	}) {
		return
	}
	check("flavors: list, by page and by access", func() {
		public := all(flavors.ListDetail(demo.computeAt(""), flavors.ListOpts{Limit: 2}), flavors.ExtractFlavors)
		that(len(public) >= 5, "all pages are walked")
		private := all(flavors.ListDetail(client, flavors.ListOpts{AccessType: flavors.PrivateAccess}),
			flavors.ExtractFlavors)
		equal(len(private), 1)
		roomy := flavors.ListOpts{MinRAM: 4096, SortKey: "memory_mb", SortDir: "desc"}
		largest := all(flavors.ListDetail(demo.computeAt(""), roomy), flavors.ExtractFlavors)
		that(largest[0].RAM > largest[len(largest)-1].RAM, "the largest is first")
	})
	check("flavors: extra specs", func() {
		specs := flavors.ExtraSpecsOpts{"hw:cpu_policy": "shared", "hw:mem_page_size": "small"}
		equal(must(flavors.CreateExtraSpecs(ctx, client, flavor.ID, specs).Extract()), map[string]string(specs))
		must(flavors.UpdateExtraSpec(ctx, client, flavor.ID,
			flavors.ExtraSpecsOpts{"hw:cpu_policy": "dedicated"}).Extract())
		equal(must(flavors.GetExtraSpec(ctx, client, flavor.ID, "hw:cpu_policy").Extract()),
			map[string]string{"hw:cpu_policy": "dedicated"})
		done(flavors.DeleteExtraSpec(ctx, client, flavor.ID, "hw:mem_page_size").ExtractErr())
		equal(must(flavors.ListExtraSpecs(ctx, client, flavor.ID).Extract()),
			map[string]string{"hw:cpu_policy": "dedicated"})
	})
	check("flavors: access", func() {
		_, err := flavors.Get(ctx, demo.computeAt(""), flavor.ID).Extract()
		gone(err)
		given := must(flavors.AddAccess(ctx, client, flavor.ID,
			flavors.AddAccessOpts{Tenant: demo.projectID}).Extract())
		equal(given, []flavors.FlavorAccess{{FlavorID: flavor.ID, TenantID: demo.projectID}})
		must(flavors.Get(ctx, demo.computeAt(""), flavor.ID).Extract())
		equal(all(flavors.ListAccesses(client, flavor.ID), flavors.ExtractAccesses), given)
		must(flavors.RemoveAccess(ctx, client, flavor.ID,
			flavors.RemoveAccessOpts{Tenant: demo.projectID}).Extract())
		_, err = flavors.Get(ctx, demo.computeAt(""), flavor.ID).Extract()
		gone(err)
	})
	check("flavors: delete", func() {
		done(flavors.Delete(ctx, client, flavor.ID).ExtractErr())
		_, err := flavors.Get(ctx, client, flavor.ID).Extract()
		gone(err)
	})
}

func walkKeyPairs(demo, admin *cloud) {
	client := demo.computeAt("2.10")
	// Of RFC 4253's form; nobody has the private part.
	const public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl go"
	check("key pairs: one that is made", func() {
		made := must(keypairs.Create(ctx, client, keypairs.CreateOpts{Name: "go-made"}).Extract())
		that(strings.Contains(made.PrivateKey, "PRIVATE KEY"), "its private key is told once")
		that(strings.HasPrefix(made.PublicKey, "ssh-rsa "), "its public key")
	})
	check("key pairs: one that is brought, of ssh", func() {
		brought := must(keypairs.Create(ctx, client,
			keypairs.CreateOpts{Name: "go-brought", PublicKey: public, Type: "ssh"}).Extract())
		equal(brought.PrivateKey, "")
		now := must(keypairs.Get(ctx, client, "go-brought", keypairs.GetOpts{}).Extract())
		equal([]string{now.PublicKey, now.Type, now.UserID}, []string{public, "ssh", demo.userID})
	})
	check("key pairs: of another user, by an admin", func() {
		of := keypairs.ListOpts{UserID: demo.userID}
		equal(len(all(keypairs.List(admin.computeAt("2.10"), of), keypairs.ExtractKeyPairs)), 2)
		_, err := keypairs.Get(ctx, admin.computeAt("2.10"), "go-made", keypairs.GetOpts{}).Extract()
		gone(err)
		must(keypairs.Get(ctx, admin.computeAt("2.10"), "go-made", keypairs.GetOpts{UserID: demo.userID}).Extract())
	})
	check("key pairs: a server has its own", func() {
		opts := keypairs.CreateOptsExt{CreateOptsBuilder: demo.serverOf("go-keyed"), KeyName: "go-brought"}
		made := must(servers.Create(ctx, client, opts, nil).Extract())
		demo.becomes(made.ID, "ACTIVE")
		equal(demo.serverNow(made.ID).KeyName, "go-brought")
		demo.deleteServer(made.ID)
	})
	check("key pairs: delete", func() {
		for _, name := range []string{"go-made", "go-brought"} {
			done(keypairs.Delete(ctx, client, name, keypairs.DeleteOpts{}).ExtractErr())
		}
		equal(len(all(keypairs.List(client, keypairs.ListOpts{}), keypairs.ExtractKeyPairs)), 0)
	})
}

func walkQuotas(demo, admin *cloud) {
	client := admin.computeAt("")
	check("quotas: get, update, delete", func() {
		usual := must(quotasets.Get(ctx, client, demo.projectID).Extract())
		changed := must(quotasets.Update(ctx, client, demo.projectID, quotasets.UpdateOpts{
			Instances: pointer(usual.Instances + 7), Cores: pointer(-1),
		}).Extract())
		equal([]int{changed.Instances, changed.Cores}, []int{usual.Instances + 7, -1})
		seen := must(quotasets.Get(ctx, demo.computeAt(""), demo.projectID).Extract())
		equal(seen.Instances, usual.Instances+7)
		done(quotasets.Delete(ctx, client, demo.projectID).Err)
		equal(must(quotasets.Get(ctx, client, demo.projectID).Extract()).Instances, usual.Instances)
	})
	check("quotas: in detail", func() {
		detail := must(quotasets.GetDetail(ctx, client, demo.projectID).Extract())
		that(detail.Instances.Limit > 0, "a limit")
		equal(detail.Instances.InUse, 0)
	})
	check("quotas: what is too much is a 403", func() {
		must(quotasets.Update(ctx, client, demo.projectID, quotasets.UpdateOpts{Instances: pointer(0)}).Extract())
		_, err := servers.Create(ctx, demo.computeAt(""), demo.serverOf("go-too-much"), nil).Extract()
		refused(err, 403)
		done(quotasets.Delete(ctx, client, demo.projectID).Err)
	})
	check("limits", func() {
		own := must(limits.Get(ctx, demo.computeAt(""), limits.GetOpts{}).Extract())
		that(own.Absolute.MaxTotalInstances > 0, "a limit")
		theirs := must(limits.Get(ctx, client, limits.GetOpts{TenantID: demo.projectID}).Extract())
		equal(theirs.Absolute.MaxTotalCores, own.Absolute.MaxTotalCores)
	})
}

func walkGroups(demo, admin *cloud) {
	check("server groups: of old, with a list of policies", func() {
		made := must(servergroups.Create(ctx, demo.computeAt(""),
			servergroups.CreateOpts{Name: "go-old", Policies: []string{"anti-affinity"}}).Extract())
		equal(made.Policies, []string{"anti-affinity"})
		done(servergroups.Delete(ctx, demo.computeAt(""), made.ID).ExtractErr())
	})
	check("server groups: a server and its neighbour are apart", func() {
		client := demo.computeAt("2.64")
		group := must(servergroups.Create(ctx, client, servergroups.CreateOpts{
			Name: "go-apart", Policy: "anti-affinity", Rules: &servergroups.Rules{MaxServerPerHost: 1},
		}).Extract())
		equal(*group.Policy, "anti-affinity")
		hosts := map[string]bool{}
		var ids []string
		for _, name := range []string{"go-here", "go-there"} {
			made := must(servers.Create(ctx, client, demo.serverOf(name),
				servers.SchedulerHintOpts{Group: group.ID}).Extract())
			demo.becomes(made.ID, "ACTIVE")
			hosts[admin.serverNow(made.ID).Host] = true
			ids = append(ids, made.ID)
		}
		equal(len(hosts), 2)
		now := must(servergroups.Get(ctx, client, group.ID).Extract())
		that(len(now.Members) == 2, "both are members")
		for _, id := range ids {
			demo.deleteServer(id)
		}
		every := servergroups.ListOpts{AllProjects: true}
		find(all(servergroups.List(admin.computeAt("2.64"), every), servergroups.ExtractServerGroups),
			func(g servergroups.ServerGroup) bool { return g.ID == group.ID })
		done(servergroups.Delete(ctx, client, group.ID).ExtractErr())
		_, err := servergroups.Get(ctx, client, group.ID).Extract()
		gone(err)
	})
}
