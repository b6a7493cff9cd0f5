/** Bodies about roles. Source: keystone/assignment/schema.py. */
import {
  createBody,
  idOrNull,
  immutableOption,
  nameUpTo,
  textOrNull,
  updateBody,
} from "../http/schema_parts.ts";

/** What a role has of its own. */
export const FIELDS = {
  name: nameUpTo(255),
  description: textOrNull,
  domain_id: idOrNull,
  options: immutableOption,
};

export const createSchema = createBody("role", FIELDS);

export const updateSchema = updateBody("role", FIELDS);
