# A small cloud in one file: a server and all that belongs to it.
#
# Whoever applies it chooses by variables what it is to be, and so what is to change.

terraform {
  required_providers {
    openstack = { source = "terraform-provider-openstack/openstack" }
  }
}

variable "generation" {
  description = "Ends names and metadata, which are changed in place."
  type        = string
}

variable "flavor" {
  description = "Which of the flavors below the server has: another is a resize."
  type        = string
}

variable "image" {
  description = "Which of the images below: another is a rebuild."
  type        = string
}

variable "security_groups" {
  description = "Of the groups below; the server is put into them."
  type        = list(string)
}

variable "power" {
  type = string
}

variable "user_data" {
  description = "Another is another server: nothing else changes it."
  type        = string
}

variable "disk_gib" {
  type = number
}

variable "demo_project" {
  type = string
}

variable "folder" {
  description = "Has what is uploaded as images."
  type        = string
}

locals {
  security_group_ids = [for name in var.security_groups : openstack_networking_secgroup_v2.group[name].id]
}

provider "openstack" {
  cloud = "chronova"
}

provider "openstack" {
  alias = "admin"
  cloud = "chronova-admin"
}

# What admins provide.

resource "openstack_compute_flavor_v2" "flavor" {
  provider = openstack.admin
  for_each = { small = 1, large = 2 }

  name        = "tf-${each.key}"
  ram         = 256 * each.value
  vcpus       = each.value
  disk        = each.value
  is_public   = each.key == "small"
  description = "Generation ${var.generation}"
  extra_specs = { "hw:cpu_policy" = "shared", "generation" = var.generation }
}

resource "openstack_compute_flavor_access_v2" "large" {
  provider  = openstack.admin
  tenant_id = var.demo_project
  flavor_id = openstack_compute_flavor_v2.flavor["large"].id
}

resource "openstack_compute_aggregate_v2" "fast" {
  provider = openstack.admin
  name     = "tf-fast-${var.generation}"
  hosts    = ["compute-4"]
  metadata = { disks = var.generation }
}

resource "openstack_compute_quotaset_v2" "demo" {
  provider   = openstack.admin
  project_id = var.demo_project
  instances  = 7
  cores      = 30
  key_pairs  = var.disk_gib
}

resource "openstack_networking_network_v2" "outside" {
  provider = openstack.admin
  name     = "tf-outside"
  external = true
}

resource "openstack_networking_subnet_v2" "outside" {
  provider    = openstack.admin
  network_id  = openstack_networking_network_v2.outside.id
  cidr        = "198.51.100.0/24"
  enable_dhcp = false
}

# Images and keys.

resource "openstack_images_image_v2" "image" {
  for_each = toset(["first", "second"])

  name             = "tf-${each.key}"
  local_file_path  = "${var.folder}/${each.key}.img"
  image_cache_path = "${var.folder}/images"
  container_format = "bare"
  disk_format      = "raw"
  tags             = [var.generation]
  properties       = { os_distro = "cirros", generation = var.generation }
}

resource "openstack_compute_keypair_v2" "ours" {
  name       = "tf-key"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl tf"
}

# The network, and the way out.

resource "openstack_networking_network_v2" "inside" {
  name        = "tf-inside"
  description = "Generation ${var.generation}"
  tags        = [var.generation]
}

resource "openstack_networking_subnet_v2" "inside" {
  network_id      = openstack_networking_network_v2.inside.id
  name            = "tf-subnet-${var.generation}"
  cidr            = "10.97.0.0/24"
  dns_nameservers = ["192.0.2.53"]
  allocation_pool {
    start = "10.97.0.10"
    end   = "10.97.0.99"
  }
}

resource "openstack_networking_router_v2" "router" {
  name                = "tf-router-${var.generation}"
  external_network_id = openstack_networking_network_v2.outside.id
  depends_on          = [openstack_networking_subnet_v2.outside]
}

resource "openstack_networking_router_interface_v2" "inside" {
  router_id = openstack_networking_router_v2.router.id
  subnet_id = openstack_networking_subnet_v2.inside.id
}

resource "openstack_networking_secgroup_v2" "group" {
  for_each = toset(["web", "ssh"])

  name        = "tf-${each.key}"
  description = "Generation ${var.generation}"
}

resource "openstack_networking_secgroup_rule_v2" "web" {
  security_group_id = openstack_networking_secgroup_v2.group["web"].id
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = 443
  port_range_max    = 443
  remote_ip_prefix  = "0.0.0.0/0"
}

resource "openstack_networking_port_v2" "second" {
  name       = "tf-port-${var.generation}"
  network_id = openstack_networking_network_v2.inside.id
  # A server's groups are those of all its ports: this one has the same.
  security_group_ids = local.security_group_ids
  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.inside.id
    ip_address = "10.97.0.42"
  }
}

resource "openstack_networking_floatingip_v2" "address" {
  pool        = openstack_networking_network_v2.outside.name
  description = "Generation ${var.generation}"
  depends_on  = [openstack_networking_subnet_v2.outside]
}

resource "openstack_networking_floatingip_associate_v2" "second" {
  floating_ip = openstack_networking_floatingip_v2.address.address
  port_id     = openstack_networking_port_v2.second.id
  depends_on  = [openstack_networking_router_interface_v2.inside]
}

# The server.

resource "openstack_compute_servergroup_v2" "apart" {
  name     = "tf-apart"
  policies = ["anti-affinity"]
}

resource "openstack_compute_servergroup_v2" "crowded" {
  name     = "tf-crowded"
  policies = ["anti-affinity"]
  rules {
    max_server_per_host = 3
  }
}

resource "openstack_blockstorage_volume_v3" "data" {
  name     = "tf-data-${var.generation}"
  size     = var.disk_gib
  metadata = { generation = var.generation }
  # Cinder extends what is attached from microversion 3.42 on.
  enable_online_resize = true
}

resource "openstack_compute_instance_v2" "server" {
  name            = "tf-server-${var.generation}"
  flavor_id       = openstack_compute_flavor_v2.flavor[var.flavor].id
  image_id        = openstack_images_image_v2.image[var.image].id
  key_pair        = openstack_compute_keypair_v2.ours.name
  security_groups = [for name in var.security_groups : openstack_networking_secgroup_v2.group[name].name]
  metadata        = { generation = var.generation }
  tags            = ["of-terraform", var.generation]
  user_data       = var.user_data
  config_drive    = true
  power_state     = var.power
  network {
    uuid = openstack_networking_network_v2.inside.id
  }
  scheduler_hints {
    group = openstack_compute_servergroup_v2.apart.id
  }
  depends_on = [
    openstack_networking_subnet_v2.inside,
    openstack_compute_flavor_access_v2.large,
    openstack_compute_quotaset_v2.demo,
  ]
}

resource "openstack_compute_interface_attach_v2" "second" {
  instance_id = openstack_compute_instance_v2.server.id
  port_id     = openstack_networking_port_v2.second.id
}

resource "openstack_compute_volume_attach_v2" "data" {
  instance_id = openstack_compute_instance_v2.server.id
  volume_id   = openstack_blockstorage_volume_v3.data.id
}
