package main

import (
	"net/http"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
)

// walkActions takes a server through every action that does not move it.
func walkActions(demo, admin *cloud) {
	var id string
	if !check("actions: a server to act on", func() { id = demo.newServer("go-acted-on").ID }) {
		return
	}
	client := demo.computeAt("2.96")
	// to checks one action, and the status it leads to.
	to := func(name, status string, act func() error) {
		check("actions: "+name, func() {
			done(act())
			demo.becomes(id, status)
		})
	}
	to("stop", "SHUTOFF", func() error { return servers.Stop(ctx, client, id).ExtractErr() })
	check("actions: stopping what is stopped is a 409", func() {
		refused(servers.Stop(ctx, client, id).ExtractErr(), http.StatusConflict)
	})
	to("start", "ACTIVE", func() error { return servers.Start(ctx, client, id).ExtractErr() })
	to("pause", "PAUSED", func() error { return servers.Pause(ctx, client, id).ExtractErr() })
	to("unpause", "ACTIVE", func() error { return servers.Unpause(ctx, client, id).ExtractErr() })
	to("suspend", "SUSPENDED", func() error { return servers.Suspend(ctx, client, id).ExtractErr() })
	to("resume", "ACTIVE", func() error { return servers.Resume(ctx, client, id).ExtractErr() })
	for _, how := range []servers.RebootMethod{servers.SoftReboot, servers.HardReboot} {
		to("reboot "+string(how), "ACTIVE", func() error {
			return servers.Reboot(ctx, client, id, servers.RebootOpts{Type: how}).ExtractErr()
		})
	}
	check("actions: lock, which shows, and unlock", func() {
		done(servers.Lock(ctx, client, id).ExtractErr())
		that(*demo.serverNow(id).Locked, "it is locked")
		done(servers.Unlock(ctx, client, id).ExtractErr())
		that(!*demo.serverNow(id).Locked, "it is not locked")
	})
	check("actions: rescue and unrescue", func() {
		password := must(servers.Rescue(ctx, client, id, servers.RescueOpts{AdminPass: "to the rescue"}).Extract())
		equal(password, "to the rescue")
		demo.becomes(id, "RESCUE")
		done(servers.Unrescue(ctx, client, id).ExtractErr())
		demo.becomes(id, "ACTIVE")
	})
	check("actions: rebuild", func() {
		rebuilt := must(servers.Rebuild(ctx, client, id, servers.RebuildOpts{
			ImageRef: demo.imageID, Name: "go-rebuilt", AdminPass: "another pass",
			Metadata: map[string]string{"built": "twice"},
		}).Extract())
		equal(rebuilt.AdminPass, "another pass")
		demo.becomes(id, "ACTIVE")
		now := demo.serverNow(id)
		equal(now.Name, "go-rebuilt")
		equal(now.Metadata, map[string]string{"built": "twice"})
	})
	for _, end := range []string{"confirm", "revert"} {
		check("actions: resize and "+end, func() { checkResize(demo, id, end) })
	}
	check("actions: change the admin's password", func() {
		done(servers.ChangeAdminPassword(ctx, client, id, "the third pass").ExtractErr())
		demo.becomes(id, "ACTIVE")
		equal(must(servers.GetPassword(ctx, client, id).ExtractPassword(nil)), "")
	})
	check("actions: create an image", func() { checkCreateImage(demo, id) })
	to("shelve", "SHELVED_OFFLOADED", func() error { return servers.Shelve(ctx, client, id).ExtractErr() })
	check("actions: offloading what is off its host is a 409", func() {
		refused(servers.ShelveOffload(ctx, admin.computeAt(""), id).ExtractErr(), http.StatusConflict)
	})
	to("unshelve", "ACTIVE", func() error {
		return servers.Unshelve(ctx, client, id, servers.UnshelveOpts{}).ExtractErr()
	})
	check("actions: reset the state", func() {
		done(servers.ResetState(ctx, admin.computeAt(""), id, servers.StateError).ExtractErr())
		equal(demo.serverNow(id).Status, "ERROR")
		done(servers.ResetState(ctx, admin.computeAt(""), id, servers.StateActive).ExtractErr())
		equal(demo.serverNow(id).Status, "ACTIVE")
	})
	check("actions: inject what the network is; resetting it is a 410, for Nova has removed it", func() {
		done(servers.InjectNetworkInfo(ctx, admin.computeAt(""), id).ExtractErr())
		refused(servers.ResetNetwork(ctx, admin.computeAt(""), id).ExtractErr(), http.StatusGone)
	})
	check("actions: force delete", func() {
		done(servers.ForceDelete(ctx, admin.computeAt(""), id).ExtractErr())
		demo.serverGoes(id)
	})
}

func checkResize(demo *cloud, id, end string) {
	client := demo.computeAt("2.46")
	other := map[string]string{demo.flavorID: demo.largerID, demo.largerID: demo.flavorID}
	before := must(servers.Get(ctx, client, id).Extract()).Flavor["id"].(string)
	done(servers.Resize(ctx, client, id, servers.ResizeOpts{FlavorRef: other[before]}).ExtractErr())
	demo.becomes(id, "VERIFY_RESIZE")
	if end == "confirm" {
		done(servers.ConfirmResize(ctx, client, id).ExtractErr())
	} else {
		done(servers.RevertResize(ctx, client, id).ExtractErr())
	}
	demo.becomes(id, "ACTIVE")
	after := must(servers.Get(ctx, client, id).Extract()).Flavor["id"]
	equal(after, any(map[string]string{"confirm": other[before], "revert": before}[end]))
}

// checkCreateImage wants the new image's id, from the Location of old and the body of new.
func checkCreateImage(demo *cloud, id string) {
	for _, microversion := range []string{"2.1", "2.45"} {
		name := "go-image-" + microversion
		opts := servers.CreateImageOpts{Name: name, Metadata: map[string]string{"made_by": "go"}}
		imageID := must(servers.CreateImage(ctx, demo.computeAt(microversion), id, opts).ExtractImageID())
		eventually("the image is active", func() bool {
			return must(images.Get(ctx, demo.image, imageID).Extract()).Status == images.ImageStatusActive
		})
		image := must(images.Get(ctx, demo.image, imageID).Extract())
		equal(image.Name, name)
		equal(image.Properties["made_by"], any("go"))
		demo.becomes(id, "ACTIVE")
		done(images.Delete(ctx, demo.image, imageID).ExtractErr())
	}
}
