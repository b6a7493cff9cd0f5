package main

import (
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/attributestags"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/external"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/quotas"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/rules"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
)

func walkNetworks(demo, admin *cloud) {
	var network *networks.Network
	var subnet *subnets.Subnet
	if !check("networks: create, update, get", func() {
		network = must(networks.Create(ctx, demo.network,
			networks.CreateOpts{Name: "go-net", Description: "of Go"}).Extract())
		must(networks.Update(ctx, demo.network, network.ID, networks.UpdateOpts{
			Name: pointer("go-renamed"), AdminStateUp: pointer(false),
		}).Extract())
		now := must(networks.Get(ctx, demo.network, network.ID).Extract())
		equal([]any{now.Name, now.AdminStateUp, now.ProjectID}, []any{"go-renamed", false, demo.projectID})
		that(now.RevisionNumber > network.RevisionNumber, "a change is a revision")
	}) {
		return
	}
	if !check("subnets: create, update, get", func() {
		subnet = must(subnets.Create(ctx, demo.network, subnets.CreateOpts{
			NetworkID: network.ID, CIDR: "10.99.0.0/24", IPVersion: gophercloud.IPv4, Name: "go-subnet",
			AllocationPools: []subnets.AllocationPool{{Start: "10.99.0.10", End: "10.99.0.20"}},
			DNSNameservers:  []string{"192.0.2.53"},
		}).Extract())
		equal(subnet.GatewayIP, "10.99.0.1")
		must(subnets.Update(ctx, demo.network, subnet.ID, subnets.UpdateOpts{
			Name: pointer("go-subnet-2"), DNSNameservers: &[]string{"192.0.2.54"},
			HostRoutes: &[]subnets.HostRoute{{DestinationCIDR: "192.0.2.0/24", NextHop: "10.99.0.254"}},
		}).Extract())
		now := must(subnets.Get(ctx, demo.network, subnet.ID).Extract())
		equal(now.DNSNameservers, []string{"192.0.2.54"})
		equal(len(now.HostRoutes), 1)
	}) {
		return
	}
	check("ports: create, update, list, delete", func() {
		port := must(ports.Create(ctx, demo.network, ports.CreateOpts{
			NetworkID: network.ID, Name: "go-port",
			FixedIPs: []ports.IP{{SubnetID: subnet.ID, IPAddress: "10.99.0.15"}},
		}).Extract())
		equal(port.FixedIPs[0].IPAddress, "10.99.0.15")
		must(ports.Update(ctx, demo.network, port.ID, ports.UpdateOpts{
			Name: pointer("go-port-2"), SecurityGroups: &[]string{},
			AllowedAddressPairs: &[]ports.AddressPair{{IPAddress: "10.99.0.99"}},
		}).Extract())
		now := must(ports.Get(ctx, demo.network, port.ID).Extract())
		equal(len(now.SecurityGroups), 0)
		equal(now.AllowedAddressPairs[0].IPAddress, "10.99.0.99")
		mine := ports.ListOpts{NetworkID: network.ID, FixedIPs: []ports.FixedIPOpts{{IPAddress: "10.99.0.15"}}}
		equal(len(all(ports.List(demo.network, mine), ports.ExtractPorts)), 1)
		refused(networks.Delete(ctx, demo.network, network.ID).ExtractErr(), 409)
		done(ports.Delete(ctx, demo.network, port.ID).ExtractErr())
	})
	check("networks: tags", func() {
		kind := "networks"
		replace := attributestags.ReplaceAllOpts{Tags: []string{"a", "b"}}
		must(attributestags.ReplaceAll(ctx, demo.network, kind, network.ID, replace).Extract())
		done(attributestags.Add(ctx, demo.network, kind, network.ID, "c").ExtractErr())
		done(attributestags.Delete(ctx, demo.network, kind, network.ID, "a").ExtractErr())
		equal(len(must(attributestags.List(ctx, demo.network, kind, network.ID).Extract())), 2)
		that(must(attributestags.Confirm(ctx, demo.network, kind, network.ID, "c").Extract()), "it has the tag")
		equal(len(all(networks.List(demo.network, networks.ListOpts{Tags: "b,c"}), networks.ExtractNetworks)), 1)
		done(attributestags.DeleteAll(ctx, demo.network, kind, network.ID).ExtractErr())
	})
	check("networks: quotas", func() {
		usual := must(quotas.Get(ctx, admin.network, demo.projectID).Extract())
		changed := must(quotas.Update(ctx, admin.network, demo.projectID,
			quotas.UpdateOpts{Network: pointer(usual.Network + 3)}).Extract())
		equal(changed.Network, usual.Network+3)
		that(must(quotas.GetDetail(ctx, admin.network, demo.projectID).Extract()).Network.Used >= 1, "what is used")
		done(quotas.Delete(ctx, admin.network, demo.projectID).ExtractErr())
		equal(must(quotas.Get(ctx, admin.network, demo.projectID).Extract()).Network, usual.Network)
	})
	check("networks: delete", func() {
		done(subnets.Delete(ctx, demo.network, subnet.ID).ExtractErr())
		done(networks.Delete(ctx, demo.network, network.ID).ExtractErr())
		_, err := networks.Get(ctx, demo.network, network.ID).Extract()
		gone(err)
	})
}

// walkRouters leads a server's address to the world.
func walkRouters(demo, admin *cloud) {
	check("routers and floating IPs: a server is reached from outside", func() {
		outside := must(networks.Create(ctx, admin.network, external.CreateOptsExt{
			CreateOptsBuilder: networks.CreateOpts{Name: "go-outside"}, External: pointer(true),
		}).Extract())
		must(subnets.Create(ctx, admin.network, subnets.CreateOpts{
			NetworkID: outside.ID, CIDR: "198.51.100.0/24", IPVersion: gophercloud.IPv4, EnableDHCP: pointer(false),
		}).Extract())
		inside := must(networks.Create(ctx, demo.network, networks.CreateOpts{Name: "go-inside"}).Extract())
		subnet := must(subnets.Create(ctx, demo.network, subnets.CreateOpts{
			NetworkID: inside.ID, CIDR: "10.98.0.0/24", IPVersion: gophercloud.IPv4,
		}).Extract())
		router := must(routers.Create(ctx, demo.network, routers.CreateOpts{
			Name: "go-router", GatewayInfo: &routers.GatewayInfo{NetworkID: outside.ID},
		}).Extract())
		equal(len(router.GatewayInfo.ExternalFixedIPs), 1)
		added := must(routers.AddInterface(ctx, demo.network, router.ID,
			routers.AddInterfaceOpts{SubnetID: subnet.ID}).Extract())
		equal(must(ports.Get(ctx, demo.network, added.PortID).Extract()).DeviceOwner, "network:router_interface")
		routes := []routers.Route{{DestinationCIDR: "192.0.2.0/24", NextHop: "10.98.0.77"}}
		equal(must(routers.Update(ctx, demo.network, router.ID,
			routers.UpdateOpts{Routes: &routes, Name: "go-router-2"}).Extract()).Routes, routes)

		port := must(ports.Create(ctx, demo.network, ports.CreateOpts{NetworkID: inside.ID}).Extract())
		address := must(floatingips.Create(ctx, demo.network,
			floatingips.CreateOpts{FloatingNetworkID: outside.ID}).Extract())
		equal(address.Status, "DOWN")
		with := must(floatingips.Update(ctx, demo.network, address.ID,
			floatingips.UpdateOpts{PortID: &port.ID}).Extract())
		equal([]string{with.FixedIP, with.RouterID}, []string{port.FixedIPs[0].IPAddress, router.ID})
		equal(len(all(floatingips.List(demo.network, floatingips.ListOpts{PortID: port.ID}),
			floatingips.ExtractFloatingIPs)), 1)
		refused(routers.Delete(ctx, demo.network, router.ID).ExtractErr(), 409)
		must(floatingips.Update(ctx, demo.network, address.ID, floatingips.UpdateOpts{PortID: new(string)}).Extract())
		done(floatingips.Delete(ctx, demo.network, address.ID).ExtractErr())

		must(routers.Update(ctx, demo.network, router.ID, routers.UpdateOpts{Routes: &[]routers.Route{}}).Extract())
		must(routers.RemoveInterface(ctx, demo.network, router.ID,
			routers.RemoveInterfaceOpts{SubnetID: subnet.ID}).Extract())
		done(routers.Delete(ctx, demo.network, router.ID).ExtractErr())
		done(ports.Delete(ctx, demo.network, port.ID).ExtractErr())
		done(networks.Delete(ctx, demo.network, inside.ID).ExtractErr())
		done(networks.Delete(ctx, admin.network, outside.ID).ExtractErr())
	})
}

func walkSecurityGroups(demo, _ *cloud) {
	check("security groups: groups and rules", func() {
		group := must(groups.Create(ctx, demo.network,
			groups.CreateOpts{Name: "go-group", Description: "of Go"}).Extract())
		equal(len(group.Rules), 2)
		changed := must(groups.Update(ctx, demo.network, group.ID,
			groups.UpdateOpts{Name: "go-group-2", Description: pointer("")}).Extract())
		equal([]string{changed.Name, changed.Description}, []string{"go-group-2", ""})
		opts := rules.CreateOpts{
			Direction: rules.DirIngress, EtherType: rules.EtherType4, SecGroupID: group.ID,
			Protocol: rules.ProtocolTCP, PortRangeMin: 443, PortRangeMax: 443, RemoteIPPrefix: "192.0.2.0/24",
		}
		rule := must(rules.Create(ctx, demo.network, opts).Extract())
		equal(must(rules.Get(ctx, demo.network, rule.ID).Extract()).PortRangeMin, 443)
		_, err := rules.Create(ctx, demo.network, opts).Extract()
		refused(err, 409)
		bulk := []rules.CreateOpts{opts, opts}
		bulk[0].PortRangeMin, bulk[0].PortRangeMax = 80, 80
		bulk[1].PortRangeMin, bulk[1].PortRangeMax = 8080, 8090
		equal(len(must(rules.CreateBulk(ctx, demo.network, bulk).Extract())), 2)
		equal(len(all(rules.List(demo.network, rules.ListOpts{SecGroupID: group.ID}), rules.ExtractRules)), 5)
		done(rules.Delete(ctx, demo.network, rule.ID).ExtractErr())
		equal(len(must(groups.Get(ctx, demo.network, group.ID).Extract()).Rules), 4)
		done(groups.Delete(ctx, demo.network, group.ID).ExtractErr())
		_, err = groups.Get(ctx, demo.network, group.ID).Extract()
		gone(err)
	})
}
