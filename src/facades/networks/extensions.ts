/** The extensions of Neutron's API that are there; neutron_lib/api/definitions. */
import type { Json } from "./list.ts";

const EXTENSIONS: readonly (readonly [alias: string, name: string, updated: string])[] = [
  ["address-group", "Address group", "2020-07-15T10:00:00-00:00"],
  ["address-scope", "Address scope", "2015-07-26T10:00:00-00:00"],
  ["allowed-address-pairs", "Allowed Address Pairs", "2013-07-23T10:00:00-00:00"],
  ["availability_zone", "Availability Zone", "2015-01-01T10:00:00-00:00"],
  ["binding", "Port Binding", "2014-02-03T10:00:00-00:00"],
  ["default-subnetpools", "Default Subnetpools", "2016-02-18T18:00:00-00:00"],
  ["dvr", "Distributed Virtual Router", "2014-06-1T10:00:00-00:00"],
  ["ext-gw-mode", "Neutron L3 Configurable external gateway mode", "2013-03-28T10:00:00-00:00"],
  ["external-net", "Neutron external network", "2013-01-14T10:00:00-00:00"],
  ["extra_dhcp_opt", "Neutron Extra DHCP options", "2013-03-17T12:00:00-00:00"],
  ["extraroute", "Neutron Extra Route", "2013-02-01T10:00:00-00:00"],
  ["extraroute-atomic", "Atomically add/remove extra routes", "2019-07-10T00:00:00+00:00"],
  ["filter-validation", "Filter parameters validation", "2018-03-21T10:00:00-00:00"],
  ["ip-substring-filtering", "IP address substring filtering", "2017-11-28T09:00:00-00:00"],
  ["l3-ha", "HA Router extension", "2014-04-26T00:00:00-00:00"],
  ["net-mtu", "Network MTU", "2015-03-25T10:00:00-00:00"],
  ["net-mtu-writable", "Network MTU (writable)", "2017-07-12T00:00:00-00:00"],
  ["network-ip-availability", "Network IP Availability", "2015-09-24T00:00:00-00:00"],
  ["network_availability_zone", "Network Availability Zone", "2015-01-01T10:00:00-00:00"],
  ["pagination", "Pagination support", "2016-06-12T00:00:00-00:00"],
  ["port-security", "Port Security", "2012-07-23T10:00:00-00:00"],
  ["port-trusted-vif", "Port trusted vif", "2024-07-10T10:00:00-00:00"],
  ["project-id", "project_id field enabled", "2016-09-09T09:09:09-09:09"],
  ["provider", "Provider Network", "2012-09-07T10:00:00-00:00"],
  ["qos", "Quality of Service", "2015-06-08T10:00:00-00:00"],
  ["qos-bw-limit-direction", "Direction for QoS bandwidth limit rule", "2017-04-10T10:00:00-00:00"],
  [
    "qos-bw-minimum-ingress",
    "Ingress direction for QoS minimum bandwidth rule",
    "2018-07-09T10:00:00-00:00",
  ],
  ["qos-default", "QoS default policy", "2017-041-06T10:00:00-00:00"],
  ["qos-fip", "Floating IP QoS", "2017-07-20T00:00:00-00:00"],
  ["qos-port-network-policy", "QoS port network policy ID", "2019-11-01T10:00:00-00:00"],
  ["qos-pps", "QoS Rule Type Packet per Second Extension", "2021-05-12T10:00:00-00:00"],
  ["qos-pps-minimum", "QoS minimum packet rate rule", "2021-07-14T10:00:00-00:00"],
  ["qos-rule-type-details", "Details of QoS rule types", "2017-06-22T10:00:00-00:00"],
  ["quota-check-limit", "Quota engine limit check", "2021-09-08T16:00:00-00:00"],
  ["quota-check-limit-default", "Quota engine limit check by default", "2024-08-21T16:00:00-00:00"],
  ["quota_details", "Quota details management support", "2017-02-10T10:00:00-00:00"],
  ["quotas", "Quota management support", "2012-07-29T10:00:00-00:00"],
  ["rbac-address-group", "Add address_group type to RBAC", "2021-01-20T00:00:00-00:00"],
  ["rbac-address-scope", "Add address_scope type to RBAC", "2020-02-12T00:00:00-00:00"],
  ["rbac-policies", "RBAC Policies", "2015-06-17T12:15:12-00:00"],
  ["rbac-security-groups", "Add security_group type to network RBAC", "2019-02-14T00:00:00-00:00"],
  ["rbac-subnetpool", "Add subnetpool type to RBAC", "2020-02-05T00:00:00-00:00"],
  [
    "revision-if-match",
    "If-Match constraints based on revision_number",
    "2016-12-11T00:00:00-00:00",
  ],
  ["router", "Neutron L3 Router", "2012-07-20T10:00:00-00:00"],
  ["security-group", "security-group", "2012-10-05T10:00:00-00:00"],
  [
    "security-groups-remote-address-group",
    "Remote address group id field for security group rules",
    "2020-08-25T10:00:00-00:00",
  ],
  ["service-type", "Neutron Service Type Management", "2013-01-20T00:00:00-00:00"],
  ["sorting", "Sorting support", "2016-06-12T00:00:00-00:00"],
  ["standard-attr-description", "standard-attr-description", "2016-02-10T10:00:00-00:00"],
  ["standard-attr-revisions", "Resource revision numbers", "2016-04-11T10:00:00-00:00"],
  [
    "standard-attr-tag",
    "Tag support for resources with standard attribute",
    "2017-01-01T00:00:00-00:00",
  ],
  ["standard-attr-timestamp", "Resource timestamps", "2016-09-12T10:00:00-00:00"],
  ["stateful-security-group", "Stateful security group", "2019-11-26T09:00:00-00:00"],
  ["subnet-service-types", "Subnet service types", "2016-03-15T18:00:00-00:00"],
  ["subnet_allocation", "Subnet Allocation", "2015-03-30T10:00:00-00:00"],
  ["subnetpool-prefix-ops", "Subnet Pool Prefix Operations", "2019-02-08T10:00:00-00:00"],
  ["tag-creation", "Tag creation extension", "2024-23-07T10:00:00-00:00"],
];

/** Every extension, as `GET /v2.0/extensions` tells. */
export const extensionViews: readonly Json[] = EXTENSIONS.map(([alias, name, updated]) => ({
  name,
  alias,
  description: name,
  updated,
  links: [],
}));

/** One extension; undefined when it is not there. */
export function extensionView(alias: string): Json | undefined {
  return extensionViews.find((extension) => extension["alias"] === alias);
}
