/** Hosts as Nova's JSON, up to 2.42; nova/api/openstack/compute/hosts.py. */

/** An amount of a host: all of it, what is claimed, or what one project has. */
export interface Amount {
  readonly cpu: number;
  readonly memory_mb: number;
  readonly disk_gb: number;
}

/** A server on the host, as far as it counts. */
export interface CountedServer extends Amount {
  readonly projectId: string;
}

/** `GET /os-hosts/{host}`: total, claimed, the servers' sum, and the sum of each project. */
export function viewHost(
  host: string,
  { total, used, servers }: {
    readonly total: Amount;
    readonly used: Amount;
    readonly servers: readonly CountedServer[];
  },
): object[] {
  const resource = (project: string, { cpu, memory_mb, disk_gb }: Amount) => ({
    resource: { host, project, cpu, memory_mb, disk_gb },
  });
  const byProject = Map.groupBy(servers, ({ projectId }) => projectId);
  return [
    resource("(total)", total),
    resource("(used_now)", used),
    resource("(used_max)", sumOf(servers)),
    ...[...byProject].map(([project, servers]) => resource(project, sumOf(servers))),
  ];
}

function sumOf(amounts: readonly Amount[]): Amount {
  return amounts.reduce<Amount>(
    (sum, { cpu, memory_mb, disk_gb }) => ({
      cpu: sum.cpu + cpu,
      memory_mb: sum.memory_mb + memory_mb,
      disk_gb: sum.disk_gb + disk_gb,
    }),
    { cpu: 0, memory_mb: 0, disk_gb: 0 },
  );
}
