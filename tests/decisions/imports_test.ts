/**
 * Which way imports point, as STYLE.md draws it: down and inwards. A broken rule names the file and
 * the import.
 */
import { assert, assertEquals } from "@std/assert";

const SRC = new URL("../../src/", import.meta.url);

interface Import {
  /** The file, from `src/`. */
  readonly from: string;
  /** The file it imports, from `src/`; or a package. */
  readonly to: string;
  readonly isPackage: boolean;
  /** `import type`: gone before anything runs. */
  readonly isType: boolean;
}

/** Every file under src/, with its text. */
const FILES: readonly (readonly [path: string, text: string])[] = [...filesIn(SRC, "")];

const IMPORTS: readonly Import[] = FILES.flatMap(([from, text]) => importsOf(from, text));

function* filesIn(folder: URL, path: string): Generator<readonly [string, string]> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* filesIn(url, `${path}${name}/`);
    else if (name.endsWith(".ts")) yield [path + name, Deno.readTextFileSync(url)];
  }
}

function importsOf(from: string, text: string): Import[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(?<type>type\s)?(?:[^;"]*?\sfrom\s)?"(?<to>[^"]+)"/gm,
  );
  const dynamic = text.matchAll(/\bimport\("(?<to>[^"]+)"\)/g);
  return [...statements, ...dynamic].map(({ groups }) => {
    const to = groups!["to"]!;
    const isPackage = !to.startsWith(".");
    return {
      from,
      to: isPackage ? to : new URL(to, new URL(from, SRC)).href.slice(SRC.href.length),
      isPackage,
      isType: groups!["type"] !== undefined,
    };
  });
}

/** The room of a file: `compute/servers`, `facades/images`, `http`; a file on the ground floor is its own. */
function roomOf(path: string): string {
  const parts = path.split("/");
  const isSlice = parts[0] === "compute" || parts[0] === "facades";
  return parts.slice(0, isSlice && parts.length > 2 ? 2 : 1).join("/");
}

/** What stands on the ground floor and knows every room, and what the command line starts. */
const WIRING =
  /^(app|aggregates|config|reset|seed|clouds_yaml)\.ts$|^cli\/|^console\/|^seed_file\//;

// Kinds of files within compute/

/** Facts, state, rules, and what to do next: the same on every machine and every day. */
const PURE =
  /^compute\/[a-z_]+\/((events|state|state_[a-z]+|states|status|snapshot|preconditions|decider|operations|hostname|volumes|moves|scheduler(_[a-z]+)?|requirement|hypervisor|limits)\.ts$|decide\/|processes\/(?!steps))/;

const VIEWS = /^compute\/[a-z_]+\/(view\.ts$|actions\/)/;
const PROJECTIONS = /^compute\/[a-z_]+\/(projection(_[a-z]+)?|tallies|aggregate|usage)\.ts$/;
const STEPS = /^compute\/[a-z_]+\/processes\/steps/;
const ROUTES = /^compute\/(app|versions)\.ts$|^compute\/[a-z_]+\/([a-z_]+_)?routes\.ts$/;

/** Where the web framework may be named, and where the query builder. */
const HONO = /(^|\/)(app|versions|endpoint|([a-z_]+_)?routes)\.ts$|^facades\/identity\//;
const KYSELY =
  /^store\/|^compute\/[a-z_]+\/(projection(_[a-z]+)?|tallies)\.ts$|projection\.ts$|^eventsourcing\/state_table\.ts$|^facades\/collections\.ts$/;

/** A rule, and the import that breaks it. */
interface ImportRule {
  readonly rule: string;
  readonly broken: (one: Import) => boolean;
}

const isIn = (...rooms: readonly string[]) => (path: string) =>
  rooms.some((room) => path === room || path.startsWith(`${room}/`));

const RULES: readonly ImportRule[] = [
  {
    rule: "drivers import nothing but each other",
    broken: ({ from, to, isPackage }) =>
      isIn("drivers")(from) && !isPackage && !isIn("drivers")(to),
  },
  {
    rule: "store and eventsourcing import nothing but each other",
    broken: ({ from, to, isPackage }) =>
      isIn("store", "eventsourcing")(from) && !isPackage && !isIn("store", "eventsourcing")(to),
  },
  {
    rule: "http imports nothing but itself and eventsourcing",
    broken: ({ from, to, isPackage }) =>
      isIn("http")(from) && !isPackage && !isIn("http", "eventsourcing")(to),
  },
  {
    rule: "facades never import compute, drivers or another facade",
    broken: ({ from, to, isPackage }) =>
      isIn("facades")(from) && !isPackage &&
      !isIn("facades", "http", "eventsourcing", "store")(to),
  },
  {
    rule: "a facade knows no other facade",
    broken: ({ from, to, isPackage }) =>
      isIn("facades")(from) && !isPackage && isIn("facades")(to) &&
      roomOf(to) !== "facades" && roomOf(from) !== roomOf(to),
  },
  {
    rule: "nothing but the wiring knows the wiring",
    broken: ({ from, to, isPackage }) => !isPackage && WIRING.test(to) && !WIRING.test(from),
  },
  {
    rule: "extensions stand on the shared floors, and know no resource",
    broken: ({ from, to, isPackage }) =>
      isIn("extensions")(from) && !isPackage &&
      !isIn("extensions", "drivers", "http", "eventsourcing", "store")(to),
  },
  {
    rule: "nothing but the wiring knows the extensions",
    broken: ({ from, to, isPackage }) =>
      !isPackage && isIn("extensions")(to) && !isIn("extensions")(from) && !WIRING.test(from),
  },
  {
    rule: "of the facades, compute knows the interfaces only",
    broken: ({ from, to, isPackage }) =>
      isIn("compute")(from) && !isPackage && isIn("facades")(to) &&
      !/^facades\/[a-z]+_service\.ts$/.test(to),
  },
  {
    // Steps move machines; what only asks one how it is does not need a step.
    rule: "of the drivers, compute knows the interface only, and projections not even that",
    broken: ({ from, to }) =>
      isIn("compute")(from) && isIn("drivers")(to) &&
      (to !== "drivers/driver.ts" || PROJECTIONS.test(from)),
  },
  {
    rule:
      "events, state, preconditions, decisions and processes import each other and eventsourcing",
    broken: ({ from, to, isPackage, isType }) =>
      PURE.test(from) && (isPackage || !(
        PURE.test(to) || isIn("eventsourcing")(to) ||
        // What is sealed is a type to them: only the store can read it.
        (isType && to === "store/secrets.ts")
      )),
  },
  {
    rule: "decisions know of eventsourcing its decider and its events only",
    broken: ({ from, to }) =>
      PURE.test(from) && isIn("eventsourcing")(to) &&
      !/^eventsourcing\/(decider|event|process|clock)\.ts$/.test(to),
  },
  {
    rule: "views and actions know no table, no service and no neighbour",
    broken: ({ from, to, isPackage, isType }) =>
      VIEWS.test(from) &&
      (isPackage
        ? !/^node:(crypto|buffer)$/.test(to)
        : PROJECTIONS.test(to) || STEPS.test(to) || ROUTES.test(to) || to.endsWith("/service.ts") ||
          (isIn("store")(to) && !isType)),
  },
  {
    rule: "projections know facts and tables, nothing of HTTP",
    broken: ({ from, to, isPackage }) =>
      PROJECTIONS.test(from) && (isPackage ? /^hono/.test(to) : isIn("http")(to) ||
        ROUTES.test(to) || VIEWS.test(to) || STEPS.test(to) || to.endsWith("/service.ts")),
  },
  {
    rule: "steps know no HTTP",
    broken: ({ from, to }) =>
      STEPS.test(from) && (isIn("http")(to) || ROUTES.test(to) || VIEWS.test(to)),
  },
  {
    rule: "routes know no SQL",
    broken: ({ from, to }) => ROUTES.test(from) && /^kysely/.test(to),
  },
  {
    rule: "routes know another slice by its queries, its rules and its service, not by its routes",
    broken: ({ from, to, isPackage }) =>
      ROUTES.test(from) && from !== "compute/app.ts" && !isPackage && isIn("compute")(to) &&
      roomOf(from) !== roomOf(to) && (ROUTES.test(to) || STEPS.test(to)),
  },
  {
    rule: "hono is for routes",
    broken: ({ from, to }) => /^hono/.test(to) && !HONO.test(from),
  },
  {
    rule: "kysely is for projections and the store",
    broken: ({ from, to }) => /^kysely/.test(to) && !KYSELY.test(from),
  },
  {
    rule: "the database's driver is the store's own",
    broken: ({ from, to }) => /sqlite3$/.test(to) && !isIn("store")(from),
  },
];

/** What breaks a rule today, and what is to be done about it. */
const KNOWN: Readonly<Record<string, string>> = {};

for (const { rule, broken } of RULES) {
  Deno.test(`imports: ${rule}`, () => {
    const against = IMPORTS.filter(broken).map(({ from, to }) => `src/${from} imports ${to}`);
    assertEquals(against.filter((text) => !(text in KNOWN)), []);
  });
}

Deno.test("what is known to break a rule still does", () => {
  const all = new Set(IMPORTS.map(({ from, to }) => `src/${from} imports ${to}`));
  assertEquals(Object.keys(KNOWN).filter((text) => !all.has(text)), [], "take these out of KNOWN");
});

Deno.test("every import is of a file that is there", () => {
  const known = new Set(FILES.map(([path]) => path));
  const missing = IMPORTS.filter(({ to, isPackage }) => !isPackage && !known.has(to));
  assertEquals(missing.map(({ from, to }) => `src/${from} imports ${to}`), []);
  // That the reading of imports itself works.
  assert(IMPORTS.some(({ to }) => to === "hono") && IMPORTS.some(({ isType }) => isType));
  assert(FILES.filter(([path]) => PURE.test(path)).length > 10);
});

/** What a rule must not do, as it would stand in its text. */
const IMPURE: Readonly<Record<string, RegExp>> = {
  "Deno": /\bDeno\./,
  "the clock": /\bDate\.now\b|\bnew Date\(\)|\bperformance\./,
  "randomness": /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b|\brandomBytes\b/,
  "await": /\bawait\b|\basync\b|\bPromise\b/,
  "timers": /\bsetTimeout\b|\bsetInterval\b/,
};

Deno.test("facts, state and rules are pure: no Deno, no clock, no randomness, nothing to wait for", () => {
  const against = FILES.filter(([path]) => PURE.test(path)).flatMap(([path, text]) =>
    Object.entries(IMPURE)
      .filter(([, pattern]) => pattern.test(withoutComments(text)))
      .map(([what]) => `src/${path}: ${what}`)
  );
  assertEquals(against, []);
});

/** Files besides the wiring that look at the clock themselves, and why. */
const CLOCK_READERS: Readonly<Record<string, string>> = {
  "compute/keypairs/routes.ts": "the validity of a new certificate begins now",
};

Deno.test("the clock is read in the wiring, and passed in as a value", () => {
  const against = FILES
    .filter(([path, text]) =>
      IMPURE["the clock"]!.test(withoutComments(text)) && !WIRING.test(path)
    )
    .map(([path]) => path)
    .filter((path) => !(path in CLOCK_READERS));
  assertEquals(against, []);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}
