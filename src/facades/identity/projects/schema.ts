/** Bodies about projects. Source: keystone/resource/schema.py. */
import {
  boolean,
  createBody,
  idOrNull,
  immutableOption,
  nameUpTo,
  tag,
  tags,
  textOrNull,
  updateBody,
} from "../http/schema_parts.ts";

/** What a project has of its own. */
export const FIELDS = {
  name: nameUpTo(64),
  description: textOrNull,
  enabled: boolean,
  is_domain: boolean,
  domain_id: idOrNull,
  parent_id: idOrNull,
  tags,
  options: immutableOption,
} as const;

export const createSchema = createBody("project", FIELDS);

export const updateSchema = updateBody("project", FIELDS);

/** A body that sets all tags. */
export const tagsSchema = {
  type: "object",
  properties: { tags },
  required: ["tags"],
  additionalProperties: false,
} as const;

/** A tag that a path names. */
export const tagSchema = tag;
