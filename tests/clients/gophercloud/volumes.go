package main

import (
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/attachments"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/availabilityzones"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/limits"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/quotasets"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumetypes"
)

// newVolume makes a volume of 1 GiB and waits until it can be used.
func (c *cloud) newVolume(name string) string {
	made := must(volumes.Create(ctx, c.volume, volumes.CreateOpts{Name: name, Size: 1}, nil).Extract())
	c.volumeBecomes(made.ID, "available")
	return made.ID
}

func (c *cloud) volumeBecomes(id, status string) {
	eventually("the volume is "+status, func() bool {
		return must(volumes.Get(ctx, c.volume, id).Extract()).Status == status
	})
}

func (c *cloud) deleteVolume(id string) {
	done(volumes.Delete(ctx, c.volume, id, volumes.DeleteOpts{}).ExtractErr())
	c.volumeGoes(id)
}

func (c *cloud) volumeGoes(id string) {
	eventually("the volume is gone", func() bool {
		_, err := volumes.Get(ctx, c.volume, id).Extract()
		return gophercloud.ResponseCodeIs(err, 404)
	})
}

func walkVolumes(demo, admin *cloud) {
	var id string
	if !check("volumes: create, get, update", func() {
		made := must(volumes.Create(ctx, demo.volume, volumes.CreateOpts{
			Name: "go-volume", Size: 1, Description: "of Go", Metadata: map[string]string{"color": "blue"},
		}, nil).Extract())
		id = made.ID
		demo.volumeBecomes(id, "available")
		changed := must(volumes.Update(ctx, demo.volume, id, volumes.UpdateOpts{
			Name: pointer("go-volume-2"), Metadata: map[string]string{"color": "red"},
		}).Extract())
		equal(changed.Name, "go-volume-2")
		equal(changed.Metadata, map[string]string{"color": "red"})
	}) {
		return
	}
	check("volumes: list, by page and by what is asked for", func() {
		second := demo.newVolume("go-second")
		that(len(all(volumes.List(demo.volume, volumes.ListOpts{Limit: 1}), volumes.ExtractVolumes)) >= 2,
			"all pages are walked")
		colored := volumes.ListOpts{Metadata: map[string]string{"color": "red"}, Status: "available"}
		equal(len(all(volumes.List(demo.volume, colored), volumes.ExtractVolumes)), 1)
		demo.deleteVolume(second)
	})
	check("volumes: extend, make bootable, reset the status", func() {
		done(volumes.ExtendSize(ctx, demo.volume, id, volumes.ExtendSizeOpts{NewSize: 2}).ExtractErr())
		demo.volumeBecomes(id, "available")
		equal(must(volumes.Get(ctx, demo.volume, id).Extract()).Size, 2)
		done(volumes.SetBootable(ctx, demo.volume, id, volumes.BootableOpts{Bootable: true}).ExtractErr())
		equal(must(volumes.Get(ctx, demo.volume, id).Extract()).Bootable, "true")
		done(volumes.SetImageMetadata(ctx, demo.volume, id,
			volumes.ImageMetadataOpts{Metadata: map[string]string{"os_distro": "cirros"}}).ExtractErr())
		equal(must(volumes.Get(ctx, demo.volume, id).Extract()).VolumeImageMetadata["os_distro"], "cirros")
		done(volumes.ResetStatus(ctx, admin.volume, id, volumes.ResetStatusOpts{Status: "error"}).ExtractErr())
		demo.volumeBecomes(id, "error")
		done(volumes.ResetStatus(ctx, admin.volume, id, volumes.ResetStatusOpts{Status: "available"}).ExtractErr())
	})
	check("snapshots: create, update, make a volume of one, delete", func() { checkSnapshot(demo, id) })
	check("volumes: of another, and of an image", func() {
		copied := must(volumes.Create(ctx, demo.volume,
			volumes.CreateOpts{Name: "go-copy", SourceVolID: id}, nil).Extract())
		demo.volumeBecomes(copied.ID, "available")
		equal(must(volumes.Get(ctx, demo.volume, copied.ID).Extract()).Size, 2)
		demo.deleteVolume(copied.ID)
		booted := must(volumes.Create(ctx, demo.volume,
			volumes.CreateOpts{Size: 1, ImageID: demo.imageID}, nil).Extract())
		demo.volumeBecomes(booted.ID, "available")
		now := must(volumes.Get(ctx, demo.volume, booted.ID).Extract())
		equal([]string{now.Bootable, now.VolumeImageMetadata["image_id"]}, []string{"true", demo.imageID})
		demo.deleteVolume(booted.ID)
	})
	check("volumes: quotas and limits", func() {
		usual := must(quotasets.Get(ctx, admin.volume, demo.projectID).Extract())
		equal(must(quotasets.GetDefaults(ctx, admin.volume, demo.projectID).Extract()).Volumes, usual.Volumes)
		changed := must(quotasets.Update(ctx, admin.volume, demo.projectID,
			quotasets.UpdateOpts{Volumes: pointer(usual.Volumes + 3)}).Extract())
		equal(changed.Volumes, usual.Volumes+3)
		used := must(quotasets.GetUsage(ctx, admin.volume, demo.projectID).Extract())
		equal([]int{used.Volumes.InUse, used.Gigabytes.InUse}, []int{1, 2})
		equal(must(limits.Get(ctx, demo.volume).Extract()).Absolute.TotalVolumesUsed, 1)
		done(quotasets.Delete(ctx, admin.volume, demo.projectID).ExtractErr())
		equal(must(quotasets.Get(ctx, admin.volume, demo.projectID).Extract()).Volumes, usual.Volumes)
	})
	check("volumes: services and availability zones", func() {
		that(len(all(services.List(admin.volume, services.ListOpts{}), services.ExtractServices)) > 0, "a service")
		find(all(availabilityzones.List(demo.volume), availabilityzones.ExtractAvailabilityZones),
			func(z availabilityzones.AvailabilityZone) bool { return z.ZoneName == "nova" && z.ZoneState.Available })
	})
	check("volumes: delete", func() { demo.deleteVolume(id) })
}

func checkSnapshot(demo *cloud, volumeID string) {
	made := must(snapshots.Create(ctx, demo.volume,
		snapshots.CreateOpts{VolumeID: volumeID, Name: "go-snapshot"}).Extract())
	eventually("the snapshot is available", func() bool {
		return must(snapshots.Get(ctx, demo.volume, made.ID).Extract()).Status == "available"
	})
	equal(must(snapshots.Update(ctx, demo.volume, made.ID,
		snapshots.UpdateOpts{Name: pointer("go-snapshot-2")}).Extract()).Name, "go-snapshot-2")
	set := snapshots.UpdateMetadataOpts{Metadata: map[string]any{"kept": "yes"}}
	equal(must(snapshots.UpdateMetadata(ctx, demo.volume, made.ID, set).ExtractMetadata()),
		map[string]any{"kept": "yes"})
	of := snapshots.ListOpts{VolumeID: volumeID}
	equal(len(all(snapshots.List(demo.volume, of), snapshots.ExtractSnapshots)), 1)
	refused(volumes.Delete(ctx, demo.volume, volumeID, volumes.DeleteOpts{}).ExtractErr(), 400)
	grown := must(volumes.Create(ctx, demo.volume,
		volumes.CreateOpts{Size: 3, SnapshotID: made.ID}, nil).Extract())
	demo.volumeBecomes(grown.ID, "available")
	demo.deleteVolume(grown.ID)
	done(snapshots.Delete(ctx, demo.volume, made.ID).ExtractErr())
	eventually("the snapshot is gone", func() bool {
		_, err := snapshots.Get(ctx, demo.volume, made.ID).Extract()
		return gophercloud.ResponseCodeIs(err, 404)
	})
}

func walkVolumeTypes(demo, admin *cloud) {
	check("volume types: create, update, extra specs, access, delete", func() {
		made := must(volumetypes.Create(ctx, admin.volume, volumetypes.CreateOpts{
			Name: "go-type", IsPublic: pointer(false), ExtraSpecs: map[string]string{"speed": "slow"},
		}).Extract())
		equal(must(volumetypes.Update(ctx, admin.volume, made.ID,
			volumetypes.UpdateOpts{Description: pointer("of Go")}).Extract()).Description, "of Go")
		must(volumetypes.CreateExtraSpecs(ctx, admin.volume, made.ID,
			volumetypes.ExtraSpecsOpts{"color": "blue"}).Extract())
		must(volumetypes.UpdateExtraSpec(ctx, admin.volume, made.ID,
			volumetypes.ExtraSpecsOpts{"speed": "fast"}).Extract())
		done(volumetypes.DeleteExtraSpec(ctx, admin.volume, made.ID, "color").ExtractErr())
		equal(must(volumetypes.ListExtraSpecs(ctx, admin.volume, made.ID).Extract()),
			map[string]string{"speed": "fast"})
		_, err := volumetypes.Get(ctx, demo.volume, made.ID).Extract()
		gone(err)
		done(volumetypes.AddAccess(ctx, admin.volume, made.ID,
			volumetypes.AddAccessOpts{Project: demo.projectID}).ExtractErr())
		must(volumetypes.Get(ctx, demo.volume, made.ID).Extract())
		equal(len(all(volumetypes.ListAccesses(admin.volume, made.ID), volumetypes.ExtractAccesses)), 1)
		done(volumetypes.RemoveAccess(ctx, admin.volume, made.ID,
			volumetypes.RemoveAccessOpts{Project: demo.projectID}).ExtractErr())
		done(volumetypes.Delete(ctx, admin.volume, made.ID).ExtractErr())
	})
}

// walkVolumeAttachments attaches as Nova does: by Cinder's attachments.
func walkVolumeAttachments(demo, _ *cloud) {
	check("volume attachments: create, update, complete, delete", func() {
		client := *demo.volume
		client.Microversion = "3.54"
		serverID, volumeID := demo.newServer("go-holder").ID, demo.newVolume("go-held")
		made := must(attachments.Create(ctx, &client, attachments.CreateOpts{
			VolumeUUID: volumeID, InstanceUUID: serverID,
		}).Extract())
		demo.volumeBecomes(volumeID, "reserved")
		connector := attachments.UpdateOpts{Connector: map[string]any{
			"host": "go-host", "initiator": "iqn.1993-08.org.debian:01:go", "ip": "192.0.2.9",
			"platform": "x86_64", "os_type": "linux", "multipath": false, "mountpoint": "/dev/vdb", "mode": "rw",
		}}
		must(attachments.Update(ctx, &client, made.ID, connector).Extract())
		done(attachments.Complete(ctx, &client, made.ID).ExtractErr())
		demo.volumeBecomes(volumeID, "in-use")
		equal(must(attachments.Get(ctx, &client, made.ID).Extract()).Instance, serverID)
		equal(len(all(attachments.List(&client, attachments.ListOpts{VolumeID: volumeID}),
			attachments.ExtractAttachments)), 1)
		done(attachments.Delete(ctx, &client, made.ID).ExtractErr())
		demo.volumeBecomes(volumeID, "available")
		demo.deleteVolume(volumeID)
		demo.deleteServer(serverID)
	})
}
