/** Bodies about credentials. Source: keystone/credential/schema.py. */
import type { JsonSchema } from "../../../http/schema.ts";
import { createBody, textOrNull, updateBody } from "../http/schema_parts.ts";

const text: JsonSchema = { type: "string" };

/** What a credential has of its own. */
export const FIELDS = { type: text, blob: text, user_id: text, project_id: textOrNull };

const REQUIRED = ["blob", "type", "user_id"];

export const createSchema = createBody("credential", FIELDS, REQUIRED);

/** A credential for EC2 is one for a project. */
export const createEc2Schema = createBody("credential", FIELDS, [...REQUIRED, "project_id"]);

export const updateSchema = updateBody("credential", FIELDS);
