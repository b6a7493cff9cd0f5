/** Bodies about users. Source: keystone/identity/schema.py. */
import {
  boolean,
  booleanOrNull,
  createBody,
  id,
  idOrNull,
  nameUpTo,
  optionsOf,
  textOrNull,
  updateBody,
} from "../http/schema_parts.ts";

/** Source: keystone/identity/backends/resource_options.py. */
const options = optionsOf({
  ignore_change_password_upon_first_use: booleanOrNull,
  ignore_password_expiry: booleanOrNull,
  ignore_lockout_failure_attempts: booleanOrNull,
  ignore_user_inactivity: booleanOrNull,
  lock_password: booleanOrNull,
  multi_factor_auth_enabled: booleanOrNull,
  multi_factor_auth_rules: {
    type: ["array", "null"],
    items: { type: "array", items: { type: "string" }, minItems: 1, uniqueItems: true },
    uniqueItems: true,
  },
});

/** What a user has of its own. */
export const FIELDS = {
  name: nameUpTo(255),
  password: textOrNull,
  description: textOrNull,
  email: textOrNull,
  enabled: boolean,
  default_project_id: textOrNull,
  domain_id: id,
  options,
  // Made by Keystone, whatever is sent.
  password_expires_at: {},
};

export const createSchema = createBody("user", FIELDS);

export const updateSchema = updateBody("user", { ...FIELDS, domain_id: idOrNull });

export const passwordSchema = {
  type: "object",
  properties: {
    user: {
      type: "object",
      properties: { original_password: { type: "string" }, password: { type: "string" } },
      required: ["original_password", "password"],
      additionalProperties: false,
    },
  },
  required: ["user"],
} as const;
