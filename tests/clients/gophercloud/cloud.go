package main

import (
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/config"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
)

// cloud is one user's view: a client of each service, and what every cloud has.
type cloud struct {
	provider *gophercloud.ProviderClient
	endpoint gophercloud.EndpointOpts

	identity, image, network, volume *gophercloud.ServiceClient
	// computeAt speaks one microversion; "" is 2.1.
	computeAt func(microversion string) *gophercloud.ServiceClient

	projectID, userID string
	imageID           string
	networkID         string
	// flavorID and largerID are small flavors, the second larger.
	flavorID, largerID string
}

// connect logs in as a cloud of the file that OS_CLIENT_CONFIG_FILE names.
func connect(name string) *cloud {
	auth, endpoint, tls, err := clouds.Parse(clouds.WithCloudName(name))
	done(err)
	auth.AllowReauth = true
	provider := must(config.NewProviderClient(ctx, auth, config.WithTLSConfig(tls)))
	compute := must(openstack.NewComputeV2(provider, endpoint))
	c := &cloud{
		provider: provider,
		endpoint: endpoint,
		identity: must(openstack.NewIdentityV3(provider, endpoint)),
		image:    must(openstack.NewImageV2(provider, endpoint)),
		network:  must(openstack.NewNetworkV2(provider, endpoint)),
		volume:   must(openstack.NewBlockStorageV3(provider, endpoint)),
		computeAt: func(microversion string) *gophercloud.ServiceClient {
			pinned := *compute
			pinned.Microversion = microversion
			return &pinned
		},
	}
	c.look()
	return c
}

// look finds what the checks need and every cloud has.
func (c *cloud) look() {
	issued := tokens.Get(ctx, c.identity, c.provider.Token())
	c.projectID = must(issued.ExtractProject()).ID
	c.userID = must(issued.ExtractUser()).ID
	c.imageID = find(all(images.List(c.image, images.ListOpts{}), images.ExtractImages),
		func(i images.Image) bool { return i.Name == "cirros" }).ID
	c.networkID = find(all(networks.List(c.network, networks.ListOpts{}), networks.ExtractNetworks),
		func(n networks.Network) bool { return n.Name == "private" }).ID
	sizes := all(flavors.ListDetail(c.computeAt(""), nil), flavors.ExtractFlavors)
	named := func(name string) string {
		return find(sizes, func(f flavors.Flavor) bool { return f.Name == name }).ID
	}
	c.flavorID, c.largerID = named("m1.tiny"), named("m1.small")
}

// serverOf is a small server on the cloud's network.
func (c *cloud) serverOf(name string) servers.CreateOpts {
	return servers.CreateOpts{
		Name:      name,
		ImageRef:  c.imageID,
		FlavorRef: c.flavorID,
		Networks:  []servers.Network{{UUID: c.networkID}},
	}
}

// newServer makes a server and waits until it is there.
func (c *cloud) newServer(name string) *servers.Server {
	made := must(servers.Create(ctx, c.computeAt(""), c.serverOf(name), nil).Extract())
	c.becomes(made.ID, "ACTIVE")
	return c.serverNow(made.ID)
}

func (c *cloud) serverNow(id string) *servers.Server {
	return must(servers.Get(ctx, c.computeAt("2.96"), id).Extract())
}

// becomes waits until a server has a status and nothing is under way.
func (c *cloud) becomes(id, status string) {
	eventually("the server is "+status, func() bool {
		server := c.serverNow(id)
		if server.Status == "ERROR" && status != "ERROR" {
			fail("the server is in ERROR: %s", server.Fault.Message)
		}
		return server.Status == status && server.TaskState == ""
	})
}

// deleteServer deletes a server and waits until nothing is left of it.
func (c *cloud) deleteServer(id string) {
	done(servers.Delete(ctx, c.computeAt(""), id).ExtractErr())
	c.serverGoes(id)
}

func (c *cloud) serverGoes(id string) {
	eventually("the server is gone", func() bool {
		_, err := servers.Get(ctx, c.computeAt(""), id).Extract()
		return gophercloud.ResponseCodeIs(err, 404)
	})
}
