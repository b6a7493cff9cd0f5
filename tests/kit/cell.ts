import { assertEquals } from "@std/assert";
import type { TestCloud } from "./cloud.ts";

/** Has a cloud's cell fall out of reach, or come back. */
export async function reachCell(cloud: TestCloud, reachable: boolean): Promise<void> {
  const body = { cell: { reachable } };
  const answered = await cloud.ask("admin", "PUT", "/chronova/v1/cell", { body });
  assertEquals([answered.status, answered.json], [200, body]);
}
