package main

import (
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/aggregates"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/availabilityzones"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/hypervisors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/remoteconsoles"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/services"
)

// walkHosts walks what admins see of the hosts.
func walkHosts(demo, admin *cloud) {
	var hosts []hypervisors.Hypervisor
	check("hypervisors: list, get, of old and of new", func() {
		hosts = all(hypervisors.List(admin.computeAt("2.53"), nil), hypervisors.ExtractHypervisors)
		that(len(hosts) > 1, "there are some")
		old := all(hypervisors.List(admin.computeAt(""), nil), hypervisors.ExtractHypervisors)
		equal(len(old), len(hosts))
		equal(must(hypervisors.Get(ctx, admin.computeAt(""), old[0].ID).Extract()).HypervisorHostname,
			old[0].HypervisorHostname)
		new := must(hypervisors.Get(ctx, admin.computeAt("2.88"), hosts[0].ID).Extract())
		equal(new.Service.Host, hosts[0].Service.Host)
		that(hosts[0].VCPUs > 0 && hosts[0].MemoryMB > 0, "their size")
	})
	check("hypervisors: statistics and uptime", func() {
		equal(must(hypervisors.GetStatistics(ctx, admin.computeAt("")).Extract()).Count, len(hosts))
		up := find(hosts, func(h hypervisors.Hypervisor) bool { return h.State == "up" })
		uptime := must(hypervisors.GetUptime(ctx, admin.computeAt("2.53"), up.ID).Extract())
		equal(uptime.HypervisorHostname, up.HypervisorHostname)
	})
	check("hypervisors: those with a server", func() {
		id := demo.newServer("go-hosted").ID
		with := must(hypervisors.GetExt(ctx, admin.computeAt("2.53"), hypervisorOf(admin, hosts, id).ID,
			hypervisors.GetOpts{WithServers: pointer(true)}).Extract())
		find(*with.Servers, func(s hypervisors.Server) bool { return s.UUID == id })
		demo.deleteServer(id)
	})
	check("hypervisors: not for everybody", func() {
		_, err := hypervisors.List(demo.computeAt(""), nil).AllPages(ctx)
		refused(err, 403)
	})
	check("services: list, disable, enable", func() {
		client := admin.computeAt("2.53")
		list := func() []services.Service {
			return all(services.List(client, services.ListOpts{Binary: "nova-compute"}), services.ExtractServices)
		}
		one := find(list(), func(s services.Service) bool { return s.State == "up" })
		must(services.Update(ctx, client, one.ID,
			services.UpdateOpts{Status: services.ServiceDisabled, DisabledReason: "by Go"}).Extract())
		isIt := func(s services.Service) bool { return s.ID == one.ID }
		equal(find(list(), isIt).DisabledReason, "by Go")
		must(services.Update(ctx, client, one.ID, services.UpdateOpts{Status: services.ServiceEnabled}).Extract())
		equal(find(list(), isIt).Status, "enabled")
	})
	check("availability zones: for everybody, and with their hosts", func() {
		zones := all(availabilityzones.List(demo.computeAt("")), availabilityzones.ExtractAvailabilityZones)
		nova := find(zones, func(z availabilityzones.AvailabilityZone) bool { return z.ZoneName == "nova" })
		that(nova.ZoneState.Available && nova.Hosts == nil, "it is available, and its hosts are not told")
		detail := all(availabilityzones.ListDetail(admin.computeAt("")), availabilityzones.ExtractAvailabilityZones)
		nova = find(detail, func(z availabilityzones.AvailabilityZone) bool { return z.ZoneName == "nova" })
		equal(len(nova.Hosts), len(hosts))
	})
	check("aggregates: create, update, hosts, metadata, delete", func() { checkAggregate(admin, hosts) })
}

func hypervisorOf(admin *cloud, hosts []hypervisors.Hypervisor, serverID string) hypervisors.Hypervisor {
	name := admin.serverNow(serverID).HypervisorHostname
	return find(hosts, func(h hypervisors.Hypervisor) bool { return h.HypervisorHostname == name })
}

func checkAggregate(admin *cloud, hosts []hypervisors.Hypervisor) {
	client := admin.computeAt("2.41")
	made := must(aggregates.Create(ctx, client, aggregates.CreateOpts{Name: "go-aggregate"}).Extract())
	that(made.UUID != "", "it has a UUID")
	changed := must(aggregates.Update(ctx, client, made.ID,
		aggregates.UpdateOpts{Name: "go-zone", AvailabilityZone: "go-zone"}).Extract())
	equal(changed.AvailabilityZone, "go-zone")
	host := hosts[len(hosts)-1].Service.Host
	with := must(aggregates.AddHost(ctx, client, made.ID, aggregates.AddHostOpts{Host: host}).Extract())
	equal(with.Hosts, []string{host})
	set := aggregates.SetMetadataOpts{Metadata: map[string]any{"ssd": "true", "color": "red"}}
	equal(must(aggregates.SetMetadata(ctx, client, made.ID, set).Extract()).Metadata,
		map[string]string{"availability_zone": "go-zone", "ssd": "true", "color": "red"})
	unset := aggregates.SetMetadataOpts{Metadata: map[string]any{"color": nil}}
	equal(must(aggregates.SetMetadata(ctx, client, made.ID, unset).Extract()).Metadata["color"], "")
	find(all(aggregates.List(client), aggregates.ExtractAggregates),
		func(a aggregates.Aggregate) bool { return a.ID == made.ID })
	refused(aggregates.Delete(ctx, client, made.ID).ExtractErr(), 400)
	must(aggregates.RemoveHost(ctx, client, made.ID, aggregates.RemoveHostOpts{Host: host}).Extract())
	done(aggregates.Delete(ctx, client, made.ID).ExtractErr())
	_, err := aggregates.Get(ctx, client, made.ID).Extract()
	gone(err)
}

func walkConsoles(demo, _ *cloud) {
	check("consoles: a remote console's address", func() {
		id := demo.newServer("go-console").ID
		opts := remoteconsoles.CreateOpts{
			Protocol: remoteconsoles.ConsoleProtocolVNC, Type: remoteconsoles.ConsoleTypeNoVNC,
		}
		console := must(remoteconsoles.Create(ctx, demo.computeAt("2.6"), id, opts).Extract())
		equal([]string{console.Protocol, console.Type}, []string{"vnc", "novnc"})
		that(console.URL != "", "its address")
		done(servers.Delete(ctx, demo.computeAt(""), id).ExtractErr())
	})
}
