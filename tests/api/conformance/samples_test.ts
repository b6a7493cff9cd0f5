/** Nova's published samples, request by request. */
import { assert, assertEquals } from "@std/assert";
import type { TestCloud } from "../../kit/cloud.ts";
import { type Sample, sampleFolders, samplesOf, shapeDifferences } from "../../kit/samples.ts";
import type { Conversation } from "./asked.ts";
import { Clouds } from "./clouds.ts";
import { EXCUSED } from "./exceptions.ts";
import { tidyUp } from "./furnish.ts";
import { ROWS } from "./rows.ts";

Deno.test("every sample has a row", () => {
  const covered = new Set(ROWS.map(([folder, file]) => `${folder}/${file}`));
  const open = sampleFolders().flatMap((folder) => samplesOf(folder))
    .filter(({ resource, file }) => !covered.has(`${resource}/${file}`));
  assertEquals(open.map(({ path }) => path), []);
});

Deno.test("samples", async (t) => {
  const clouds = new Clouds();
  // Another set of samples may lack a folder.
  const folders = new Set(sampleFolders());
  const rows = ROWS.filter(([folder]) => folders.has(folder));
  try {
    for (const [folder, file, row, where = "plain"] of rows) {
      for (const sample of samplesOf(folder).filter((one) => one.file === file)) {
        const reason = typeof row === "string" ? row : undefined;
        await t.step({
          name: reason === undefined ? sample.path : `${sample.path}: ${reason}`,
          ignore: reason !== undefined,
          fn: async () => check(await clouds.get(where), sample, row as Conversation),
        });
      }
    }
  } finally {
    await clouds.close();
  }
});

async function check(cloud: TestCloud, sample: Sample, row: Conversation): Promise<void> {
  const isAdministrators = JSON.stringify(sample.json).includes('OS-EXT-SRV-ATTR:host"');
  const asked = {
    cloud,
    sample,
    as: isAdministrators ? "padmin" : "member",
    mv: sample.mv,
  } as const;
  const answered = await row(asked).finally(() => tidyUp(cloud));
  if (!answered) return;
  assert(answered.status < 300, answered.text);
  const excused = Object.keys(EXCUSED[sample.path] ?? {});
  assertEquals(shapeDifferences(sample.json, answered.json, new Set(excused)), []);
  const found = shapeDifferences(sample.json, answered.json);
  const needless = excused.filter((path) => !found.some((one) => one.startsWith(path)));
  assertEquals(needless, [], "excused, and yet alike");
}
