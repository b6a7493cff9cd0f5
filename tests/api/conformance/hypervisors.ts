import type { Answered } from "../../kit/cloud.ts";
import { administer, type Asked } from "./asked.ts";

export function hypervisors(asked: Asked, path: string): Promise<Answered> {
  return administer(asked, "GET", `/os-hypervisors${path}`);
}

export function detailedHypervisors(asked: Asked): Promise<Answered> {
  return hypervisors(asked, "/detail?limit=1");
}

/** One of the hypervisors. */
export async function hypervisor(asked: Asked, path: string): Promise<Answered> {
  const { json } = await hypervisors(asked, "");
  return hypervisors(asked, `/${json.hypervisors[0].id}${path}`);
}

/** Brings a server to each host. */
async function fillHosts({ cloud }: Asked): Promise<void> {
  for (const host of ["compute-1", "compute-2", "compute-3", "compute-4"]) {
    await cloud.create({ host }, { as: "padmin", mv: "2.90" });
  }
}

export async function hypervisorWithServers(asked: Asked): Promise<Answered> {
  await fillHosts(asked);
  return await hypervisor(asked, "?with_servers=true");
}

export async function detailedWithServers(asked: Asked): Promise<Answered> {
  await fillHosts(asked);
  return await hypervisors(asked, "/detail?with_servers=true");
}

function isSearchedInPath({ mv }: Asked): boolean {
  return Number(mv.split(".")[1]) < 53;
}

export function searchHypervisors(asked: Asked): Promise<Answered> {
  return isSearchedInPath(asked)
    ? hypervisors(asked, "/compute/search")
    : hypervisors(asked, "?hypervisor_hostname_pattern=compute");
}

export async function hypervisorsWithServers(asked: Asked): Promise<Answered> {
  await fillHosts(asked);
  return await hypervisorsWithoutServers(asked);
}

export function hypervisorsWithoutServers(asked: Asked): Promise<Answered> {
  return isSearchedInPath(asked)
    ? hypervisors(asked, "/compute/servers")
    : hypervisors(asked, "?hypervisor_hostname_pattern=compute&with_servers=true");
}
