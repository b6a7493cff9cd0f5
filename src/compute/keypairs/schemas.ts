/**
 * What requests on key pairs look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas/keypairs.py.
 */
import type { JsonSchema } from "../../http/schema.ts";
import {
  bodyOf,
  type Fields,
  listOf,
  name,
  object,
  paging,
  queryOf,
  text,
  versioned,
} from "../../http/schema_parts.ts";

/** A name of these characters; `additions` stands in the middle of their class. */
function nameOf(additions: string): JsonSchema {
  const pattern = `^[_\\-${additions} a-zA-Z0-9]+$`;
  return { allOf: [name, { type: "string", minLength: 1, maxLength: 255, pattern }] };
}

interface Form {
  readonly fields: Fields;
  readonly required: readonly string[];
}

const first: Form = { fields: { name: nameOf(""), public_key: text }, required: ["name"] };

function adding(fields: Fields): (form: Form) => Form {
  return (form) => ({ ...form, fields: { ...form.fields, ...fields } });
}

/** The body of `POST /os-keypairs`. */
export const createSchema = versioned(first, {
  2: adding({ type: { type: "string", enum: ["ssh", "x509"] } }),
  10: adding({ user_id: text }),
  92: ({ fields }) => ({
    fields: { ...fields, name: nameOf("\\@\\.") },
    required: ["name", "public_key"],
  }),
}, ({ fields, required }) => bodyOf("keypair", object(fields, required)));

const userId: Fields = { user_id: listOf(text) };

/** The query string of `GET /os-keypairs`. */
export const listQuerySchema = versioned(queryOf({}, "allowed"), {
  10: () => queryOf(userId, "allowed"),
  35: () => queryOf({ ...userId, ...paging }, "allowed"),
  75: () => queryOf({ ...userId, ...paging }, "refused"),
}, (query) => query);

/** The query string of `GET` and `DELETE /os-keypairs/{name}`. */
export const keyPairQuerySchema = versioned(queryOf({}, "allowed"), {
  10: () => queryOf(userId, "allowed"),
  75: () => queryOf(userId, "refused"),
}, (query) => query);
