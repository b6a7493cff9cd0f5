package main

import (
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/attachinterfaces"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/secgroups"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
)

// walkAttachments gives a server interfaces and volumes, and takes them away.
func walkAttachments(demo, _ *cloud) {
	var id string
	if !check("attachments: a server to attach to", func() { id = demo.newServer("go-attached").ID }) {
		return
	}
	client := demo.computeAt("")
	interfaces := func() []attachinterfaces.Interface {
		return all(attachinterfaces.List(client, id), attachinterfaces.ExtractInterfaces)
	}
	check("interfaces: of a network", func() {
		made := must(attachinterfaces.Create(ctx, client, id,
			attachinterfaces.CreateOpts{NetworkID: demo.networkID}).Extract())
		equal(made.NetID, demo.networkID)
		equal(len(made.FixedIPs), 1)
		equal(must(attachinterfaces.Get(ctx, client, id, made.PortID).Extract()).MACAddr, made.MACAddr)
		done(attachinterfaces.Delete(ctx, client, id, made.PortID).ExtractErr())
		eventually("it is detached", func() bool { return len(interfaces()) == 1 })
		_, err := ports.Get(ctx, demo.network, made.PortID).Extract()
		gone(err)
	})
	check("interfaces: a port of ours outlives it", func() {
		port := must(ports.Create(ctx, demo.network, ports.CreateOpts{NetworkID: demo.networkID, Name: "go-port"}).Extract())
		made := must(attachinterfaces.Create(ctx, client, id,
			attachinterfaces.CreateOpts{PortID: port.ID}).Extract())
		equal(made.PortID, port.ID)
		equal(must(ports.Get(ctx, demo.network, port.ID).Extract()).DeviceID, id)
		done(attachinterfaces.Delete(ctx, client, id, port.ID).ExtractErr())
		eventually("it is detached", func() bool {
			return must(ports.Get(ctx, demo.network, port.ID).Extract()).DeviceID == ""
		})
		done(ports.Delete(ctx, demo.network, port.ID).ExtractErr())
	})
	check("volumes of a server: attach, get, list, detach", func() {
		volumeID := demo.newVolume("go-attached")
		made := must(volumeattach.Create(ctx, demo.computeAt("2.79"), id, volumeattach.CreateOpts{
			VolumeID: volumeID, Tag: "data", DeleteOnTermination: true,
		}).Extract())
		equal(made.ServerID, id)
		demo.volumeBecomes(volumeID, "in-use")
		now := must(volumeattach.Get(ctx, demo.computeAt("2.79"), id, volumeID).Extract())
		that(now.Device != "" && *now.Tag == "data" && *now.DeleteOnTermination, "what was asked for")
		equal(len(all(volumeattach.List(client, id), volumeattach.ExtractVolumeAttachments)), 1)
		equal(demo.serverNow(id).AttachedVolumes[0].ID, volumeID)
		equal(must(volumes.Get(ctx, demo.volume, volumeID).Extract()).Attachments[0].ServerID, id)
		done(volumeattach.Delete(ctx, client, id, volumeID).ExtractErr())
		demo.volumeBecomes(volumeID, "available")
		_, err := volumeattach.Get(ctx, client, id, volumeID).Extract()
		gone(err)
		demo.deleteVolume(volumeID)
	})
	check("volumes of a server: boot from one, which goes with it", func() {
		opts := demo.serverOf("go-from-volume")
		opts.ImageRef = ""
		opts.BlockDevice = []servers.BlockDevice{{
			SourceType: servers.SourceImage, UUID: demo.imageID, DestinationType: servers.DestinationVolume,
			VolumeSize: 1, DeleteOnTermination: true,
		}}
		made := must(servers.Create(ctx, client, opts, nil).Extract())
		demo.becomes(made.ID, "ACTIVE")
		server := demo.serverNow(made.ID)
		equal(len(server.Image), 0)
		volumeID := server.AttachedVolumes[0].ID
		equal(must(volumes.Get(ctx, demo.volume, volumeID).Extract()).Bootable, "true")
		demo.deleteServer(made.ID)
		demo.volumeGoes(volumeID)
	})
	check("attachments: delete the server", func() { demo.deleteServer(id) })
}

// walkSecurityGroupsOfServers puts a server into a group, as clients of old do: by Nova.
func walkSecurityGroupsOfServers(demo, _ *cloud) {
	check("security groups of servers: add, list, remove", func() {
		id := demo.newServer("go-grouped").ID
		client := demo.computeAt("")
		group := must(groups.Create(ctx, demo.network, groups.CreateOpts{Name: "go-of-server"}).Extract())
		names := func() (found []string) {
			for _, one := range all(secgroups.ListByServer(client, id), secgroups.ExtractSecurityGroups) {
				found = append(found, one.Name)
			}
			return
		}
		equal(names(), []string{"default"})
		done(secgroups.AddServer(ctx, client, id, "go-of-server").ExtractErr())
		equal(len(names()), 2)
		done(secgroups.RemoveServer(ctx, client, id, "default").ExtractErr())
		equal(names(), []string{"go-of-server"})
		refused(groups.Delete(ctx, demo.network, group.ID).ExtractErr(), 409)
		demo.deleteServer(id)
		done(groups.Delete(ctx, demo.network, group.ID).ExtractErr())
	})
}
