/** Query strings and bodies of migrations; nova/api/openstack/compute/schemas: migrations, server_migrations. */
import type { JsonSchema } from "../../http/schema.ts";
import {
  anything,
  bodyOf,
  type Fields,
  listOf,
  nonNegativeInteger,
  queryOf,
  text,
  versioned,
} from "../../http/schema_parts.ts";

const one = (items: JsonSchema): JsonSchema => ({ ...listOf(items), maxItems: 1 });
const time = one({ type: "string", format: "date-time" });
const filter = listOf(text);

const filters: Fields = {
  hidden: filter,
  host: filter,
  instance_uuid: filter,
  source_compute: filter,
  status: filter,
  migration_type: filter,
};

interface QueryForm {
  readonly fields: Fields;
  readonly others: "allowed" | "refused";
}

/** The query string of `GET /os-migrations`. */
export const migrationListQuerySchema = versioned<QueryForm, JsonSchema>({
  fields: filters,
  others: "allowed",
}, {
  59: ({ fields }) => ({
    fields: {
      ...fields,
      limit: one(nonNegativeInteger),
      marker: one(text),
      "changes-since": time,
    },
    others: "refused",
  }),
  66: (form) => ({ ...form, fields: { ...form.fields, "changes-before": time } }),
  80: (form) => ({
    ...form,
    fields: { ...form.fields, user_id: one(text), project_id: one(text) },
  }),
}, ({ fields, others }) => queryOf(fields, others));

/** The query string of `GET /servers/{id}/migrations`, and of one of them. */
export const serverMigrationsQuerySchema = versioned(anything, {
  23: () => queryOf({}, "allowed"),
  102: () => queryOf({}, "refused"),
}, (query) => query);

/** The body of `POST /servers/{id}/migrations/{number}/action`. */
export const forceCompleteSchema: JsonSchema = bodyOf("force_complete", { type: "null" });
