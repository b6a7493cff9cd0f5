/** Bodies about trusts. Source: keystone/trust/schema.py. */
import {
  boolean,
  booleanOrNull,
  createBody,
  id,
  idOrNull,
  nameUpTo,
  textOrNull,
  textUpTo,
} from "../http/schema_parts.ts";

/** What a trust has of its own. */
export const FIELDS = {
  trustor_user_id: textUpTo(64),
  trustee_user_id: textUpTo(64),
  impersonation: boolean,
  project_id: idOrNull,
  remaining_uses: { type: ["integer", "null"], minimum: 1 },
  expires_at: textOrNull,
  allow_redelegation: booleanOrNull,
  redelegation_count: { type: ["integer", "null"], minimum: 0 },
  roles: {
    type: "array",
    items: {
      type: "object",
      properties: { id, name: nameUpTo(255) },
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
    },
  },
} as const;

export const createSchema = createBody("trust", FIELDS, [
  "trustor_user_id",
  "trustee_user_id",
  "impersonation",
]);
