/** Actions that the network service carries out; all but those on security groups end with 2.43. */
import type { Minor } from "../../../http/microversions.ts";
import {
  addFixedIpSchema,
  addFloatingIpSchema,
  addSecurityGroupSchema,
  removeFixedIpSchema,
  removeFloatingIpSchema,
  removeSecurityGroupSchema,
} from "../network_schemas.ts";
import type { NetworkAction, NetworkChange } from "./action.ts";

const LAST_ADDRESS_MINOR: Minor = 43;

export const networkActions: Readonly<Record<NetworkChange, NetworkAction>> = {
  addSecurityGroup: {
    rule: "os_compute_api:os-security-groups:add",
    schema: () => addSecurityGroupSchema,
    changes: "addSecurityGroup",
  },
  removeSecurityGroup: {
    rule: "os_compute_api:os-security-groups:remove",
    schema: () => removeSecurityGroupSchema,
    changes: "removeSecurityGroup",
  },
  addFixedIp: {
    rule: "os_compute_api:os-multinic:add",
    until: LAST_ADDRESS_MINOR,
    schema: () => addFixedIpSchema,
    changes: "addFixedIp",
  },
  removeFixedIp: {
    rule: "os_compute_api:os-multinic:remove",
    until: LAST_ADDRESS_MINOR,
    schema: () => removeFixedIpSchema,
    changes: "removeFixedIp",
  },
  addFloatingIp: {
    rule: "os_compute_api:os-floating-ips:add",
    until: LAST_ADDRESS_MINOR,
    schema: () => addFloatingIpSchema,
    changes: "addFloatingIp",
  },
  removeFloatingIp: {
    rule: "os_compute_api:os-floating-ips:remove",
    until: LAST_ADDRESS_MINOR,
    schema: () => removeFloatingIpSchema,
    changes: "removeFloatingIp",
  },
};
