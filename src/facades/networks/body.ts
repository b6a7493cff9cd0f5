/** Bodies of creates and updates: `{"network": {…}}`, or `{"networks": [{…}, …]}`. */
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Caller } from "../../http/auth.ts";
import { bodyProblem } from "../../http/schema.ts";
import { anything } from "../../http/schema_parts.ts";
import { isObject, type Read } from "./fields.ts";
import { badRequest, type NeutronRejection, notAllowed } from "./refusals.ts";

/** One attribute as requests may set it. */
export interface Field<T> {
  readonly read: Read<T>;
  /** Whether a create must, may (the default) or must not have it. */
  readonly post?: "required" | "refused";
  /** Whether an update may (the default) or must not have it. */
  readonly put?: "refused";
  /** Only admins may set it. */
  readonly adminOnly?: true;
  /** What callers who are no admins may say at a create all the same: the default. */
  readonly unless?: T;
}

// deno-lint-ignore no-explicit-any -- a field of any kind: readers give what checks have taken.
export type Fields = Readonly<Record<string, Field<any>>>;

/** The values of the fields that a request has. */
export type ValuesOf<F extends Fields> = {
  readonly [K in keyof F]?: F[K] extends Field<infer T> ? T : never;
};

/** One thing that a request asks for. */
export interface Asked<F extends Fields> {
  readonly values: ValuesOf<F>;
  /** The project that it is to belong to. */
  readonly projectId: string;
}

/** What is read, for whom. */
export interface BodyOptions<F extends Fields> {
  /** `network`. */
  readonly name: string;
  readonly plural: string;
  readonly fields: F;
  readonly caller: Caller;
}

/**
 * Reads the body of a create: one thing or several.
 *
 * Source: neutron/api/v2/base.py, `prepare_request_body`.
 */
export function readCreate<F extends Fields>(
  body: unknown,
  options: BodyOptions<F>,
): { readonly isBulk: boolean; readonly items: readonly Asked<F>[] } | NeutronRejection {
  const { name, plural } = options;
  const outer = objectIn(body);
  if (!outer) return refuseBody(body);
  if (!Object.hasOwn(outer, plural)) {
    const item = readOne(outer[name], options, "post");
    return isRejection(item) ? item : { isBulk: false, items: [item] };
  }
  const several = outer[plural];
  if (!Array.isArray(several)) return badRequest("Body contains invalid data");
  if (several.length === 0) return badRequest("Resources required");
  const items: Asked<F>[] = [];
  for (const part of several) {
    const item = readOne(isObject(part) && name in part ? part[name] : part, options, "post");
    if (isRejection(item)) return item;
    items.push(item);
  }
  return { isBulk: true, items };
}

/** Reads the body of an update. */
export function readUpdate<F extends Fields>(
  body: unknown,
  options: BodyOptions<F>,
): ValuesOf<F> | NeutronRejection {
  const outer = objectIn(body);
  if (!outer) return refuseBody(body);
  const item = readOne(outer[options.name], options, "put");
  return isRejection(item) ? item : item.values;
}

/** The body, if it is an object; deeper ones could not be quoted in a message. */
export function objectIn(body: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(body) && bodyProblem(anything, body) === undefined ? body : undefined;
}

/** Says what is wrong with a body that is no object. */
export function refuseBody(body: unknown): NeutronRejection {
  return badRequest(body === null ? "Resource body required" : "Body contains invalid data");
}

function readOne<F extends Fields>(
  item: unknown,
  { name, fields, caller }: BodyOptions<F>,
  method: "post" | "put",
): Asked<F> | NeutronRejection {
  if (item === undefined || item === null) {
    return badRequest(`Unable to find '${name}' in request body`);
  }
  if (!isObject(item)) return badRequest(`Object '${name}' contains invalid data`);
  const project = readProject(item, caller, method);
  if (isRejection(project)) return project;
  const { tenant_id: _tenant, project_id: _project, ...given } = item;
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(fields, key));
  if (unknown.length > 0) {
    return badRequest(`Unrecognized attribute(s) '${unknown.join(", ")}'`);
  }
  const refusal = refuseWrongFields(given, fields, method);
  if (refusal) return refusal;
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const field = fields[key]!;
    const reading = field.read(value);
    if (isRejection(reading)) return reading;
    if (!("value" in reading)) {
      return badRequest(`Invalid input for ${key}. Reason: ${reading.problem}.`);
    }
    const isDefault = method === "post" && field.unless === reading.value;
    if (field.adminOnly && !isDefault && !caller.isAdmin) {
      return notAllowed(`${method === "post" ? "create" : "update"}_${name}`, key);
    }
    values[key] = reading.value;
  }
  return { values: values as ValuesOf<F>, projectId: project.id };
}

function readProject(
  item: Readonly<Record<string, unknown>>,
  caller: Caller,
  method: "post" | "put",
): { readonly id: string } | NeutronRejection {
  const given = item["project_id"] ?? item["tenant_id"];
  const other = item["tenant_id"] ?? given;
  if (given !== other) return badRequest("'project_id' and 'tenant_id' do not match");
  if (given !== undefined && method === "put") {
    return badRequest("Cannot update read-only attribute project_id");
  }
  if (given !== undefined && typeof given !== "string") {
    return badRequest("Invalid input for project_id. Reason: it is not a valid string.");
  }
  if (given !== undefined && given !== caller.projectId && !caller.isAdmin) {
    return badRequest(
      "Specifying 'project_id' other than the authenticated project in request is not allowed " +
        "for the current user.",
    );
  }
  const id = given ?? caller.projectId;
  if (id === "" && method === "post") {
    return badRequest("Running without keystone AuthN requires that project_id is specified");
  }
  return { id };
}

function refuseWrongFields(
  given: Readonly<Record<string, unknown>>,
  fields: Fields,
  method: "post" | "put",
): NeutronRejection | undefined {
  for (const [key, field] of Object.entries(fields)) {
    const isGiven = Object.hasOwn(given, key);
    if (method === "put") {
      if (isGiven && field.put) return badRequest(`Cannot update read-only attribute ${key}`);
    } else if (isGiven && field.post === "refused") {
      return badRequest(`Attribute '${key}' not allowed in POST`);
    } else if (!isGiven && field.post === "required") {
      return badRequest(`Failed to parse request. Required attribute '${key}' not specified`);
    }
  }
}
