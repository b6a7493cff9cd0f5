/** Every setting: a flag, an environment variable `CHRONOVA_<NAME>`, a default, what it does. */
import { parseArgs } from "node:util";

/** How a setting's text is read; throws with what is wrong. */
type Read<T> = (text: string) => T;

interface Setting<T> {
  readonly default: T;
  /** One line for `--help`, with the unit. */
  readonly help: string;
  readonly read: Read<T>;
  /** Not a flag: command lines are visible to every user of the machine. */
  readonly secret?: true;
}

const text: Read<string> = (value) => value;

const whole = (low: number, high: number): Read<number> => (value) => {
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || number < low || number > high) {
    throw new Error(`must be a whole number from ${low} to ${high}`);
  }
  return number;
};

const oneOf = <Word extends string>(...words: readonly Word[]): Read<Word> => (value) => {
  const word = words.find((known) => known === value);
  if (word === undefined) throw new Error(`must be one of ${words.join(", ")}`);
  return word;
};

const words: Read<readonly string[]> = (value) =>
  value.split(",").map((word) => word.trim()).filter(Boolean);

const wordsOf = (...known: readonly string[]): Read<readonly string[]> => (value) => {
  const given = words(value);
  if (given.some((word) => !known.includes(word))) {
    throw new Error(`must be some of ${known.join(", ")}, with commas`);
  }
  return given;
};

const url: Read<string> = (value) => {
  if (!URL.canParse(value)) throw new Error("must be a URL");
  return value;
};

const YEAR_SECONDS = 365 * 24 * 3600;
const yesNo: Read<boolean> = (value) => {
  if (!["true", "false"].includes(value)) throw new Error("must be true or false");
  return value === "true";
};

const DAY_MS = 24 * 3600 * 1000;

// deno-fmt-ignore -- one setting a line
const SETTINGS = {
  host: setting("127.0.0.1", text, "address to listen on"),
  port: setting(8774, whole(0, 65535), "port to listen on; 0: any that is free"),
  dataDir: setting("./data", text, "folder of the event log, keys and clouds.yaml"),
  logLevel: setting("info", oneOf("debug", "info", "warn", "error"), "least severe lines to log"),
  tokenSeconds: setting(3600, whole(1, 10 * 365 * 24 * 3600), "how long a token is good, in seconds"),
  maxLimit: setting(1000, whole(1, 100_000), "most entries on a page of a list"),
  osapiHideServerAddressStates: setting(["building"], words, "vm_states in which addresses are hidden, with commas"),
  reclaimInstanceSeconds: setting(0, whole(0, YEAR_SECONDS), "how long a deleted server can be restored, in seconds; 0: not at all"),
  shelvedOffloadSeconds: setting(0, whole(-1, YEAR_SECONDS), "time until a shelved server leaves its host, in seconds; 0: at once, -1: never"),
  resizeConfirmWindowSeconds: setting(0, whole(0, YEAR_SECONDS), "time after which a resize is confirmed by itself, in seconds; 0: never"),
  allowResizeToSameHost: setting(false, yesNo, "whether a resized server may stay on its host"),
  periodicSeconds: setting(60, whole(1, YEAR_SECONDS), "time between two looks at what is due, such as deleted servers to be reclaimed, in seconds"),
  syncPowerStateSeconds: setting(600, whole(0, YEAR_SECONDS), "time between two looks at what the machines really do, in seconds; 0: never"),
  stepTimeoutMs: setting(300_000, whole(1, DAY_MS), "time a step of a build or delete may take, in milliseconds"),
  stepConcurrency: setting(64, whole(1, 10_000), "servers that are built or deleted at once"),
  consoles: setting(["vnc"], wordsOf("vnc", "spice", "serial", "mks"), "protocols that servers have consoles of, with commas"),
  consoleTokenSeconds: setting(600, whole(0, YEAR_SECONDS), "how long a token for a console is good, in seconds"),
  novncproxyBaseUrl: setting("http://127.0.0.1:6080/vnc_auto.html", url, "where consoles of type novnc are seen"),
  spiceHtml5proxyBaseUrl: setting("http://127.0.0.1:6082/spice_auto.html", url, "where consoles of type spice-html5 are seen"),
  spiceDirectProxyBaseUrl: setting("http://127.0.0.1:13002/nova", url, "where consoles of type spice-direct are seen"),
  serialConsoleBaseUrl: setting("ws://127.0.0.1:6083/", url, "where consoles of type serial are seen"),
  mksproxyBaseUrl: setting("http://127.0.0.1:6090/", url, "where consoles of type webmks are seen"),
  seedFile: setting("", text, "YAML or JSON file of what a new cloud begins with; docs/seed.example.yaml shows all it may say"),
  allowReset: setting(false, yesNo, "let admins bring the cloud back to its seed: POST /chronova/v1/reset"),
  oldLogs: setting("keep", oneOf("keep", "remove"), "what a reset does with the log that was: keep it as chronova.<time>.db, or remove it"),
  simulatedHosts: setting(4, whole(1, 10_000), "compute hosts of a new cloud"),
  simulatedHostVcpus: setting(64, whole(1, 1_000_000), "VCPUs of each, before its allocation ratio"),
  simulatedHostRamMib: setting(262_144, whole(1, 2 ** 40), "RAM of each, in MiB"),
  simulatedHostDiskGib: setting(4096, whole(1, 2 ** 40), "disk of each, in GiB"),
  simulatedDisksMs: setting(100, whole(0, DAY_MS), "time to prepare a machine's disks, in milliseconds"),
  simulatedSpawnMs: setting(900, whole(0, DAY_MS), "time to start a machine, in milliseconds"),
  simulatedDestroyMs: setting(200, whole(0, DAY_MS), "time to destroy a machine, in milliseconds"),
  simulatedPowerMs: setting(300, whole(0, DAY_MS), "time to start, stop, pause … a machine, in milliseconds"),
  simulatedSnapshotMs: setting(500, whole(0, DAY_MS), "time to take a machine's disk for an image, in milliseconds"),
  simulatedMoveMs: setting(800, whole(0, DAY_MS), "time to bring a machine to another host, in milliseconds"),
  simulatedVolumeMs: setting(0, whole(0, DAY_MS), "time to make or delete a volume, or to copy it to an image, in milliseconds"),
  adminPassword: setting("", text, "password of user admin when the cloud is new; default: random", true),
  demoPassword: setting("", text, "password of user demo when the cloud is new; default: random", true),
  readerPassword: setting("", text, "password of user reader when the cloud is new; default: random", true),
};

function setting<T>(
  value: T,
  read: Read<Widened<T>>,
  help: string,
  secret?: true,
): Setting<Widened<T>> {
  return { default: value as Widened<T>, read, help, ...(secret && { secret }) };
}

type Widened<T> = T extends string ? string : T extends number ? number
: T extends boolean ? boolean
: T extends readonly string[] ? readonly string[]
: T;

/** The settings, each by its name. */
export type Settings = {
  readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name]["default"];
};

/** A setting that is unknown or cannot be read: the message says what to do. */
export class BadSetting extends Error {
  override readonly name = "BadSetting";
}

/**
 * The settings from flags, over the environment, over the defaults.
 *
 * Refuses (throws `BadSetting`) unknown flags, unknown `CHRONOVA_…` variables and bad values.
 */
export function readSettings(
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
): Settings {
  const given = new Map<string, { value: string; where: string }>();
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith("CHRONOVA_")) continue;
    const name = NAMES.find((name) => variableOf(name) === variable);
    if (!name) throw new BadSetting(`unknown environment variable ${variable}; see --help`);
    given.set(name, { value, where: variable });
  }
  for (const [flag, value] of Object.entries(readFlags(flags))) {
    const name = NAMES.find((name) => flagOf(name) === flag)!;
    given.set(name, { value: String(value), where: `--${flag}` });
  }
  return Object.fromEntries(NAMES.map((name) => {
    const setting: Setting<unknown> = SETTINGS[name];
    const one = given.get(name);
    if (!one) return [name, setting.default];
    try {
      return [name, setting.read(one.value)];
    } catch (error) {
      throw new BadSetting(`${one.where}: ${(error as Error).message}`);
    }
  })) as Settings;
}

const NAMES = Object.keys(SETTINGS) as (keyof Settings)[];
const FLAGGED = NAMES.filter((name) => !(SETTINGS[name] as Setting<unknown>).secret);

function readFlags(flags: readonly string[]): Record<string, unknown> {
  const options = Object.fromEntries(
    FLAGGED.map((name) => [flagOf(name), { type: "string" as const }]),
  );
  try {
    return parseArgs({ args: flags.map(spelledOut), options, strict: true }).values;
  } catch (error) {
    throw new BadSetting(`${(error as Error).message.split(". ")[0]}; see --help`);
  }
}

/** `--allow-reset` → `--allow-reset=true`. */
function spelledOut(flag: string): string {
  const isBare = FLAGGED.some((name) =>
    flag === `--${flagOf(name)}` && typeof SETTINGS[name].default === "boolean"
  );
  return isBare ? `${flag}=true` : flag;
}

/** `dataDir` → `data-dir`. */
function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `dataDir` → `CHRONOVA_DATA_DIR`. */
function variableOf(name: string): string {
  return `CHRONOVA_${flagOf(name).replaceAll("-", "_").toUpperCase()}`;
}

/** The settings as a table to read, for `--help`. */
export function settingsHelp(): string {
  const rows = NAMES.map((name) => {
    const { default: value, help, secret }: Setting<unknown> = SETTINGS[name];
    const way = secret ? variableOf(name) : `--${flagOf(name)}`;
    const shown = secret ? "" : ` (default ${Array.isArray(value) ? value.join(",") : value})`;
    return [way, `${help}${shown}`] as const;
  });
  const width = Math.max(...rows.map(([way]) => way.length));
  return rows.map(([way, help]) => `  ${way.padEnd(width)}  ${help}`).join("\n");
}

/** The default of every setting. */
export const DEFAULT_SETTINGS: Settings = readSettings([], {});
