/** Reads a seed file: YAML or JSON, checked against its schema. */
import { Ajv2020, type ErrorObject } from "ajv/2020";
import { isNode, LineCounter, parseDocument } from "yaml";
import type { SeedFile } from "./format.ts";
import { BadSeedFile, type Path, type Problem } from "./problems.ts";
import { SEED_SCHEMA } from "./schema.ts";

/** A file of the right shape; whether its names hold together is yet to be seen. */
export interface ReadSeed {
  readonly seed: SeedFile;
  /** The refusal of the whole file for these problems. */
  refuse(problems: readonly Problem[]): BadSeedFile;
}

/** Reads a seed file's text; throws `BadSeedFile` for what is not one. `file`: for messages. */
export function readSeed(text: string, file: string): ReadSeed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (path: Path): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const refuse = (problems: readonly Problem[]) => new BadSeedFile(file, problems, lineOf);
  const unreadable = document.errors.map(({ message, pos }): Problem => ({
    path: [],
    line: lines.linePos(pos[0]).line,
    message: `this is no YAML: ${message.replace(/\n[^]*/, "")}`,
  }));
  if (unreadable.length > 0) throw refuse(unreadable);
  // An empty file asks for nothing besides the defaults.
  const value: unknown = valueOf(document, refuse) ?? {};
  if (!validate(value)) throw refuse(problemsOf(validate.errors ?? []));
  return { seed: value as SeedFile, refuse };
}

function valueOf(
  document: ReturnType<typeof parseDocument>,
  refuse: (problems: readonly Problem[]) => BadSeedFile,
): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw refuse([{ path: [], message: `this is no YAML: ${(error as Error).message}` }]);
  }
}

const validate = new Ajv2020({ allErrors: true, verbose: true, strict: false })
  .compile(SEED_SCHEMA);

function problemsOf(errors: readonly ErrorObject[]): readonly Problem[] {
  // Of alternatives only that none fits is told, not why each does not.
  return errors.filter(({ schemaPath }) => !/\/anyOf\/./.test(schemaPath)).map((error) => ({
    path: pathOf(error),
    message: wordsOf(error),
  }));
}

function pathOf({ instancePath, params, keyword }: ErrorObject): Path {
  const steps = instancePath.split("/").slice(1).map((step) => {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return /^\d+$/.test(key) ? Number(key) : key;
  });
  return keyword === "additionalProperties" ? [...steps, params["additionalProperty"]] : steps;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text (in quotes, if it looks like something else)",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a group of keys",
  null: "null",
};

function wordsOf({ keyword, params, parentSchema, message, schema }: ErrorObject): string {
  switch (keyword) {
    case "required":
      return `"${params["missingProperty"]}" is missing`;
    case "additionalProperties":
      return `there is no such key here; known are ${
        Object.keys(parentSchema?.["properties"] ?? {}).join(", ")
      }`;
    case "type":
      return `must be ${[schema].flat().map((type) => TYPES[String(type)]).join(" or ")}`;
    case "enum":
      return `must be one of ${(schema as readonly unknown[]).join(", ")}`;
    case "minimum":
      return `must be at least ${schema}`;
    case "maximum":
      return `must be at most ${schema}`;
    case "exclusiveMinimum":
      return `must be more than ${schema}`;
    case "minLength":
      return "must not be empty";
    default:
      return parentSchema?.["description"]
        ? `must be ${parentSchema["description"]}`
        : message ?? `breaks the rule ${keyword}`;
  }
}
