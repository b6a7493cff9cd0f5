/** Bodies about groups. Source: keystone/identity/schema.py. */
import {
  createBody,
  id,
  idOrNull,
  nameUpTo,
  textOrNull,
  updateBody,
} from "../http/schema_parts.ts";

/** What a group has of its own. */
export const FIELDS = { name: nameUpTo(255), description: textOrNull, domain_id: id };

export const createSchema = createBody("group", FIELDS);

export const updateSchema = updateBody("group", { ...FIELDS, domain_id: idOrNull });
