// Gophercloud against a running cloud: one JSON line a check, on standard output.
//
// The clouds are `chronova` and `chronova-admin` of the file that OS_CLIENT_CONFIG_FILE names.
package main

func main() {
	var demo, admin *cloud
	if !check("logging in with clouds.yaml, and the catalog", func() {
		demo, admin = connect("chronova"), connect("chronova-admin")
	}) {
		return
	}
	walks := []func(demo, admin *cloud){
		walkServers, walkActions, walkMoves, walkFlavors, walkKeyPairs, walkQuotas, walkGroups,
		walkHosts, walkAttachments, walkSecurityGroupsOfServers, walkImages, walkNetworks, walkRouters,
		walkSecurityGroups, walkIdentity, walkCredentials, walkCatalog, walkVolumes, walkVolumeTypes,
		walkVolumeAttachments, walkConsoles,
	}
	for _, walk := range walks {
		walk(demo, admin)
	}
}
