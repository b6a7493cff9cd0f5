import { assertEquals } from "@std/assert";
import type { Asked } from "./asked.ts";

/** An answer that is the sample's to the letter. */
export async function extensions(asked: Asked, path: string): Promise<null> {
  const { cloud, as, mv, sample } = asked;
  const answered = await cloud.ask(as, "GET", path, { mv });
  assertEquals(answered.json, sample.json);
  return null;
}
