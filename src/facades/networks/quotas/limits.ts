/** How much of each thing a project may have, unless an admin says otherwise; -1: no limit. */

/**
 * neutron/conf/quota.py, but for ports: those of servers are bounded by compute's own quota
 * already, and a cloud of thousands of servers is what this one is for.
 */
export const DEFAULT_QUOTA = {
  network: 100,
  subnet: 100,
  subnetpool: -1,
  port: -1,
  router: 10,
  floatingip: 50,
  rbac_policy: 10,
  security_group: 10,
  security_group_rule: 100,
} as const;
