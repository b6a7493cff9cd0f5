/** Nova's published samples, request by request. */
import { assert, assertEquals } from "@std/assert";
import { TestCloud } from "../../kit/cloud.ts";
import { type Sample, samplesOf, shapeDifferences } from "../../kit/samples.ts";
import type { Conversation } from "./asked.ts";
import { EXCUSED, NEVER } from "./exceptions.ts";
import { furnish, tidyUp } from "./furnish.ts";
import { ROWS } from "./rows.ts";

const FOLDERS = [...new Set(ROWS.map(([folder]) => folder))];

Deno.test("every sample of these folders has a row", () => {
  const covered = new Set(ROWS.map(([folder, file]) => `${folder}/${file}`));
  const all = FOLDERS.flatMap((folder) => samplesOf(folder));
  const open = all.filter(({ resource, file }) => !covered.has(`${resource}/${file}`));
  assertEquals(open.map(({ path }) => path), []);
});

Deno.test("samples", async (t) => {
  const cloud = await TestCloud.open({
    settings: { consoles: ["vnc", "spice", "serial", "mks"] },
  });
  try {
    await furnish(cloud);
    for (const [folder, file, row] of ROWS) {
      for (const sample of samplesOf(folder).filter((one) => one.file === file)) {
        const reason = typeof row === "string" ? row : NEVER[sample.path];
        await t.step({
          name: reason === undefined ? sample.path : `${sample.path}: ${reason}`,
          ignore: reason !== undefined,
          fn: () => check(cloud, sample, row as Conversation),
        });
      }
    }
  } finally {
    await cloud.close();
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
  const answered = await row(asked);
  await tidyUp(cloud);
  if (!answered) return;
  assert(answered.status < 300, answered.text);
  const excused = new Set(
    [EXCUSED["*"], EXCUSED[sample.path]].flatMap((paths) => Object.keys(paths ?? {})),
  );
  assertEquals(shapeDifferences(sample.json, answered.json, excused), []);
}
