package main

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"io"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imageimport"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/members"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/tasks"
)

func walkImages(demo, admin *cloud) {
	content := bytes.Repeat([]byte("Chronova"), 4096)
	var image *images.Image
	if !check("images: create", func() {
		image = must(images.Create(ctx, demo.image, images.CreateOpts{
			Name: "go-image", ContainerFormat: "bare", DiskFormat: "raw", MinDisk: 1, MinRAM: 64,
			Visibility: pointer(images.ImageVisibilityShared), Tags: []string{"go"},
			Properties: map[string]string{"os_distro": "cirros"},
		}).Extract())
		equal(image.Status, images.ImageStatusQueued)
		equal(image.Properties["os_distro"], any("cirros"))
	}) {
		return
	}
	check("images: upload and download", func() {
		done(imagedata.Upload(ctx, demo.image, image.ID, bytes.NewReader(content)).ExtractErr())
		now := must(images.Get(ctx, demo.image, image.ID).Extract())
		sum := md5.Sum(content)
		equal([]any{now.Status, now.SizeBytes, now.Checksum},
			[]any{images.ImageStatusActive, int64(len(content)), hex.EncodeToString(sum[:])})
		data := must(imagedata.Download(ctx, demo.image, image.ID).Extract())
		that(bytes.Equal(must(io.ReadAll(data)), content), "the bytes are those that were sent")
		refused(imagedata.Upload(ctx, demo.image, image.ID, bytes.NewReader(content)).ExtractErr(), 409)
	})
	check("images: update", func() {
		changed := must(images.Update(ctx, demo.image, image.ID, images.UpdateOpts{
			images.ReplaceImageName{NewName: "go-renamed"},
			images.ReplaceImageTags{NewTags: []string{"one", "two"}},
			images.ReplaceImageMinDisk{NewMinDisk: 2},
			images.ReplaceImageProtected{NewProtected: true},
			images.UpdateImageProperty{Op: images.AddOp, Name: "hw_disk_bus", Value: "scsi"},
			images.UpdateImageProperty{Op: images.RemoveOp, Name: "os_distro"},
		}).Extract())
		equal([]any{changed.Name, changed.MinDiskGigabytes, changed.Protected, len(changed.Tags)},
			[]any{"go-renamed", 2, true, 2})
		equal(changed.Properties["hw_disk_bus"], any("scsi"))
		that(changed.Properties["os_distro"] == nil, "the property is removed")
		refused(images.Delete(ctx, demo.image, image.ID).ExtractErr(), 403)
		must(images.Update(ctx, demo.image, image.ID,
			images.UpdateOpts{images.ReplaceImageProtected{NewProtected: false}}).Extract())
	})
	check("images: list, by page and by what is asked for", func() {
		that(len(all(images.List(demo.image, images.ListOpts{Limit: 1}), images.ExtractImages)) >= 2,
			"all pages are walked")
		tagged := images.ListOpts{Tags: []string{"one", "two"}, Status: images.ImageStatusActive}
		equal(len(all(images.List(demo.image, tagged), images.ExtractImages)), 1)
		equal(len(all(images.List(demo.image, images.ListOpts{Name: "in:go-renamed,other"}), images.ExtractImages)), 1)
	})
	check("images: members", func() {
		made := must(members.Create(ctx, demo.image, image.ID, admin.projectID).Extract())
		equal(made.Status, "pending")
		must(members.Update(ctx, admin.image, image.ID, admin.projectID,
			members.UpdateOpts{Status: "accepted"}).Extract())
		equal(all(members.List(demo.image, image.ID), members.ExtractMembers)[0].Status, "accepted")
		equal(must(members.Get(ctx, demo.image, image.ID, admin.projectID).Extract()).MemberID, admin.projectID)
		done(members.Delete(ctx, demo.image, image.ID, admin.projectID).ExtractErr())
	})
	check("images: only admins make one public", func() {
		public := images.UpdateOpts{images.UpdateVisibility{Visibility: images.ImageVisibilityPublic}}
		_, err := images.Update(ctx, demo.image, image.ID, public).Extract()
		refused(err, 403)
	})
	check("images: stage and import, and the task of it", func() {
		info := must(imageimport.Get(ctx, demo.image).Extract())
		equal(info.ImportMethods.Value, []string{"glance-direct"})
		staged := must(images.Create(ctx, demo.image, images.CreateOpts{
			Name: "go-import", ContainerFormat: "bare", DiskFormat: "raw",
		}).Extract())
		done(imagedata.Stage(ctx, demo.image, staged.ID, bytes.NewReader(content)).ExtractErr())
		equal(must(images.Get(ctx, demo.image, staged.ID).Extract()).Status, images.ImageStatus("uploading"))
		done(imageimport.Create(ctx, demo.image, staged.ID,
			imageimport.CreateOpts{Name: imageimport.GlanceDirectMethod}).ExtractErr())
		now := must(images.Get(ctx, demo.image, staged.ID).Extract())
		equal([]any{now.Status, now.SizeBytes}, []any{images.ImageStatusActive, int64(len(content))})
		known := all(tasks.List(admin.image, tasks.ListOpts{Limit: 1}), tasks.ExtractTasks)
		equal(len(known), 1)
		task := must(tasks.Get(ctx, admin.image, known[0].ID).Extract())
		equal([]any{task.Status, task.Result["image_id"]}, []any{"success", any(staged.ID)})
		done(images.Delete(ctx, demo.image, staged.ID).ExtractErr())
	})
	check("images: delete", func() {
		done(images.Delete(ctx, demo.image, image.ID).ExtractErr())
		_, err := images.Get(ctx, demo.image, image.ID).Extract()
		gone(err)
	})
}
