package main

import (
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/applicationcredentials"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/catalog"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
	"github.com/gophercloud/gophercloud/v2/openstack/utils"
)

// walkIdentity makes a project and a user, and lets the user in.
func walkIdentity(_, admin *cloud) {
	client := admin.identity
	var project *projects.Project
	var user *users.User
	check("identity: domains", func() {
		find(all(domains.List(client, domains.ListOpts{}), domains.ExtractDomains),
			func(d domains.Domain) bool { return d.ID == "default" })
	})
	if !check("identity: projects", func() {
		project = must(projects.Create(ctx, client, projects.CreateOpts{
			Name: "go-project", DomainID: "default", Description: "of Go", Tags: []string{"go"},
		}).Extract())
		changed := must(projects.Update(ctx, client, project.ID,
			projects.UpdateOpts{Name: "go-project-2", Description: pointer("still")}).Extract())
		equal([]string{changed.Name, changed.Description}, []string{"go-project-2", "still"})
		equal(len(all(projects.List(client, projects.ListOpts{Name: "go-project-2"}), projects.ExtractProjects)), 1)
	}) {
		return
	}
	if !check("identity: users", func() {
		user = must(users.Create(ctx, client, users.CreateOpts{
			Name: "go-user", DomainID: "default", Password: "first", DefaultProjectID: project.ID,
		}).Extract())
		must(users.Update(ctx, client, user.ID, users.UpdateOpts{Name: "go-user-2"}).Extract())
		equal(len(all(users.List(client, users.ListOpts{Name: "go-user-2"}), users.ExtractUsers)), 1)
	}) {
		return
	}
	login := func(password string) (*gophercloud.ProviderClient, error) {
		return openstack.AuthenticatedClient(ctx, gophercloud.AuthOptions{
			IdentityEndpoint: admin.provider.IdentityEndpoint, UserID: user.ID, Password: password,
			TenantID: project.ID,
		})
	}
	check("identity: a role lets a user in", func() {
		_, err := login("first")
		refused(err, 401)
		member := find(all(roles.List(client, roles.ListOpts{Name: "member"}), roles.ExtractRoles),
			func(roles.Role) bool { return true })
		grant := roles.AssignOpts{UserID: user.ID, ProjectID: project.ID}
		done(roles.Assign(ctx, client, member.ID, grant).ExtractErr())
		must(login("first"))
		equal(len(all(roles.ListAssignments(client, roles.ListAssignmentsOpts{
			UserID: user.ID, IncludeNames: pointer(true),
		}), roles.ExtractRoleAssignments)), 1)
		on := roles.ListAssignmentsOnResourceOpts(grant)
		equal(all(roles.ListAssignmentsOnResource(client, on), roles.ExtractRoles)[0].Name, "member")
		done(roles.Validate(ctx, client, member.ID, roles.ValidateOpts(grant)).ExtractErr())
		find(all(users.ListProjects(client, user.ID), projects.ExtractProjects),
			func(p projects.Project) bool { return p.ID == project.ID })
	})
	check("identity: a password is changed by its owner", func() {
		theirs := must(openstack.NewIdentityV3(must(login("first")), gophercloud.EndpointOpts{}))
		done(users.ChangePassword(ctx, theirs, user.ID,
			users.ChangePasswordOpts{OriginalPassword: "first", Password: "second"}).ExtractErr())
		_, err := login("first")
		refused(err, 401)
		must(login("second"))
	})
	check("identity: tokens, until they are revoked", func() {
		token := must(login("second")).Token()
		that(must(tokens.Validate(ctx, client, token)), "it is good")
		equal(must(tokens.Get(ctx, client, token).ExtractUser()).ID, user.ID)
		equal(must(tokens.Get(ctx, client, token).ExtractRoles())[0].Name, "member")
		done(tokens.Revoke(ctx, client, token).Err)
		that(!must(tokens.Validate(ctx, client, token)), "it is not good any more")
	})
	check("identity: roles", func() {
		role := must(roles.Create(ctx, client, roles.CreateOpts{Name: "go-role"}).Extract())
		equal(must(roles.Update(ctx, client, role.ID, roles.UpdateOpts{Name: "go-role-2"}).Extract()).Name, "go-role-2")
		done(roles.Delete(ctx, client, role.ID).ExtractErr())
		_, err := roles.Get(ctx, client, role.ID).Extract()
		gone(err)
	})
	check("identity: delete", func() {
		done(users.Delete(ctx, client, user.ID).ExtractErr())
		done(projects.Delete(ctx, client, project.ID).ExtractErr())
		_, err := users.Get(ctx, client, user.ID).Extract()
		gone(err)
	})
}

func walkCredentials(demo, _ *cloud) {
	check("application credentials: create, log in with, delete", func() {
		made := must(applicationcredentials.Create(ctx, demo.identity, demo.userID,
			applicationcredentials.CreateOpts{
				Name: "go-credential", Roles: []applicationcredentials.Role{{Name: "member"}},
			}).Extract())
		that(made.Secret != "", "its secret is told once")
		login := func() (*gophercloud.ProviderClient, error) {
			return openstack.AuthenticatedClient(ctx, gophercloud.AuthOptions{
				IdentityEndpoint:        demo.provider.IdentityEndpoint,
				ApplicationCredentialID: made.ID, ApplicationCredentialSecret: made.Secret,
			})
		}
		theirs := must(openstack.NewIdentityV3(must(login()), gophercloud.EndpointOpts{}))
		scope := must(tokens.Get(ctx, theirs, theirs.Token()).ExtractProject())
		equal(scope.ID, demo.projectID)
		equal(must(applicationcredentials.Get(ctx, demo.identity, demo.userID, made.ID).Extract()).Secret, "")
		named := applicationcredentials.ListOpts{Name: "go-credential"}
		equal(len(all(applicationcredentials.List(demo.identity, demo.userID, named),
			applicationcredentials.ExtractApplicationCredentials)), 1)
		done(applicationcredentials.Delete(ctx, demo.identity, demo.userID, made.ID).ExtractErr())
		_, err := login()
		refused(err, 401, 404)
	})
}

func walkCatalog(demo, admin *cloud) {
	check("versions: every service tells which it has, without its version in the address", func() {
		for client, major := range map[*gophercloud.ServiceClient]int{
			demo.identity: 3, demo.computeAt(""): 2, demo.image: 2, demo.network: 2, demo.volume: 3,
		} {
			base := must(utils.BaseEndpoint(client.Endpoint))
			versions := must(utils.GetServiceVersions(ctx, demo.provider, base, true))
			current := find(versions, func(v utils.SupportedVersion) bool { return v.Status == utils.StatusCurrent })
			equal(current.Major, major)
		}
	})
	check("microversions: what compute speaks, and what is required of it", func() {
		spoken := must(utils.GetSupportedMicroversions(ctx, demo.computeAt("")))
		equal([]int{spoken.MinMajor, spoken.MinMinor, spoken.MaxMajor}, []int{2, 1, 2})
		that(spoken.MaxMinor >= 96, "the newest")
		newest := fmt.Sprintf("2.%d", spoken.MaxMinor)
		equal(must(utils.RequireMicroversion(ctx, *demo.computeAt(""), newest)).Microversion, newest)
		_, err := utils.RequireMicroversion(ctx, *demo.computeAt(""), fmt.Sprintf("2.%d", spoken.MaxMinor+1))
		that(err != nil, "what is newer is refused")
	})
	check("catalog: every service has a public endpoint", func() {
		entries := all(catalog.List(demo.identity), catalog.ExtractServiceCatalog)
		for _, kind := range []string{"identity", "compute", "image", "network"} {
			entry := find(entries, func(e tokens.CatalogEntry) bool { return e.Type == kind })
			find(entry.Endpoints, func(e tokens.Endpoint) bool { return e.Interface == "public" })
		}
	})
	check("catalog: services and endpoints, as admins see them", func() {
		compute := find(all(services.List(admin.identity, services.ListOpts{ServiceType: "compute"}),
			services.ExtractServices), func(services.Service) bool { return true })
		equal(must(services.Get(ctx, admin.identity, compute.ID).Extract()).Type, "compute")
		public := endpoints.ListOpts{ServiceID: compute.ID, Availability: gophercloud.AvailabilityPublic}
		listed := all(endpoints.List(admin.identity, public), endpoints.ExtractEndpoints)
		equal(len(listed), 1)
		equal(must(endpoints.Get(ctx, admin.identity, listed[0].ID).Extract()).URL, listed[0].URL)
	})
}
