import type { Answered } from "../../kit/cloud.ts";
import type { Json } from "../../kit/samples.ts";
import { type Asked, get } from "./asked.ts";

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
