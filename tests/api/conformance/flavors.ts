import type { Answered } from "../../kit/cloud.ts";
import type { Json } from "../../kit/samples.ts";
import { administer, type Asked, get, requestFor, unlessRequest } from "./asked.ts";

export function flavor(asked: Asked): Promise<Answered> {
  return get(asked, `/v2.1/flavors/${asked.sample.json.flavor.id}`);
}

/** Only those that the sample has. */
export async function flavorList(asked: Asked, path: string): Promise<Answered> {
  const known = asked.sample.json.flavors.map(({ id }: Json) => id);
  const answered = await get(asked, `/v2.1${path}`);
  const flavors = answered.json.flavors.filter(({ id }: Json) => known.includes(id));
  return { ...answered, json: { ...answered.json, flavors } };
}

/** Sends what the sample, or its request, says; takes flavor 10 away again. */
async function change(asked: Asked, method: string, path: string): Promise<Answered | null> {
  const body = method === "GET" ? undefined : requestFor(asked.sample).json;
  const answered = await administer(asked, method, `/flavors${path}`, body);
  await administer(asked, "DELETE", "/flavors/10");
  return unlessRequest(asked, answered);
}

export function createFlavor(asked: Asked): Promise<Answered | null> {
  return change(asked, "POST", "");
}

async function makeTen(asked: Asked, isPublic: boolean): Promise<void> {
  const flavor = { name: "test_flavor", ram: 1024, vcpus: 2, disk: 10, id: "10" };
  const body = { flavor: { ...flavor, "os-flavor-access:is_public": isPublic } };
  await administer(asked, "POST", "/flavors", body);
}

export async function updateFlavor(asked: Asked): Promise<Answered | null> {
  await makeTen(asked, true);
  return await change(asked, "PUT", "/10");
}

/** Asks who may use a flavor, or changes it. */
export async function flavorAccess(asked: Asked): Promise<Answered | null> {
  await makeTen(asked, false);
  const isList = asked.sample.file.includes("list");
  if (isList || asked.sample.file.includes("remove")) {
    const tenant = isList ? "tenant" : requestFor(asked.sample).json.removeTenantAccess.tenant;
    await administer(asked, "POST", "/flavors/10/action", { addTenantAccess: { tenant } });
  }
  return isList
    ? await change(asked, "GET", "/10/os-flavor-access")
    : await change(asked, "POST", "/10/action");
}

export async function extraSpecs(
  asked: Asked,
  method: string,
  key = "",
): Promise<Answered | null> {
  await makeTen(asked, true);
  if (method !== "POST") {
    const extra_specs = { "hw:numa_nodes": "1", "hw:cpu_policy": "shared" };
    await administer(asked, "POST", "/flavors/10/os-extra_specs", { extra_specs });
  }
  return await change(asked, method, `/10/os-extra_specs${key}`);
}
