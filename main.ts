import { auditCommand } from "./src/cli/audit.ts";
import { replayCommand } from "./src/cli/replay.ts";
import { serveCommand } from "./src/cli/serve.ts";
import { verifyCommand } from "./src/cli/verify.ts";
import { BadSetting, readSettings, settingsHelp } from "./src/config.ts";

const HELP = `Chronova: an event-sourced compute control plane that speaks the OpenStack Compute API

  deno task serve  [settings]           serve a cloud
  deno task audit <server id> [settings] [--json]
                                        what was done to a server, by whom and when
  deno task replay [settings] [--json]  build every table again from the log, and compare
  deno task verify [settings] [--json]  check the seal of every event in the log

Settings, each also as an environment variable (--data-dir: CHRONOVA_DATA_DIR):
${settingsHelp()}`;

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined || args.includes("--help") || command === "help") {
    console.log(HELP);
    return command === undefined ? 2 : 0;
  }
  const asJson = rest.includes("--json");
  const words = rest.filter((word) => word !== "--json");
  const id = command === "audit" ? words.shift() : undefined;
  const settings = readSettings(words, Deno.env.toObject());
  switch (command) {
    case "serve":
      return await serveCommand(settings);
    case "audit":
      if (id === undefined || id.startsWith("-")) throw new BadSetting("audit: name a server id");
      return await auditCommand(settings.dataDir, id, asJson);
    case "replay":
      return await replayCommand(settings.dataDir, asJson);
    case "verify":
      return await verifyCommand(settings.dataDir, asJson);
    default:
      throw new BadSetting(`unknown command ${command}; see --help`);
  }
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof Error) || !isForeseen(error)) throw error;
  console.error(`chronova: ${error.message}`);
  Deno.exit(2);
}

/** Whether an error's message alone says what to do. */
function isForeseen(error: Error): boolean {
  return ["BadSetting", "BadSeedFile", "FolderInUse", "AddrInUse", "NotFound"].includes(error.name);
}
