/** What rules of a mapping look like. Source: keystone/federation/utils.py, MAPPING_SCHEMA. */
import type { JsonSchema } from "../../../http/schema.ts";
import { boolean, createBody, type Fields, text } from "../http/schema_parts.ts";

/** An object of these fields and no others. */
function only(properties: Fields, required: readonly string[] = []): JsonSchema {
  return { type: "object", properties, required, additionalProperties: false };
}

const list: JsonSchema = { type: "array" };

const domain = only({ id: text, name: text });

const roles: JsonSchema = { type: "array", items: only({ name: text }, ["name"]) };

const user = only({
  ...{ id: text, name: text, email: text, domain },
  type: { type: "string", enum: ["ephemeral", "local"] },
});

const group: JsonSchema = {
  type: "object",
  oneOf: [only({ id: text }, ["id"]), only({ name: text, domain }, ["name", "domain"])],
};

const local = only({
  user,
  projects: { type: "array", items: only({ name: text, roles }, ["name", "roles"]) },
  group,
  ...{ groups: text, group_ids: text, domain },
});

/** What must be true of whoever comes: that there is an attribute, or what is in it. */
const remote: JsonSchema = {
  type: "object",
  oneOf: [
    only({ type: text }, ["type"]),
    ...["any_one_of", "not_any_of", "blacklist", "whitelist"].map((condition) =>
      only({ type: text, [condition]: list, regex: boolean }, ["type", condition])
    ),
  ],
};

const rule = only({
  local: { type: "array", items: local },
  remote: { type: "array", items: remote, minItems: 1 },
}, ["local", "remote"]);

export const mappingSchema = createBody("mapping", {
  rules: { type: "array", items: rule, minItems: 1 },
  schema_version: text,
}, ["rules"]);
