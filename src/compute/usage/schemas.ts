/** Query strings of usage reports; nova/api/openstack/compute/schemas/simple_tenant_usage.py. */
import { type Fields, listOf, paging, queryOf, text, versioned } from "../../http/schema_parts.ts";

const period: Fields = { start: listOf(text), end: listOf(text) };
const periodAndDetail: Fields = { ...period, detailed: listOf(text) };

/** The query string of `GET /os-simple-tenant-usage`. */
export const usageListQuerySchema = ofFields(periodAndDetail);

/** The query string of `GET /os-simple-tenant-usage/{project}`. */
export const usageQuerySchema = ofFields(period);

/** With pages from 2.40 on, and refusing others from 2.75 on. */
function ofFields(fields: Fields) {
  const inPages = { ...fields, ...paging };
  return versioned(queryOf(fields, "allowed"), {
    40: () => queryOf(inPages, "allowed"),
    75: () => queryOf(inPages, "refused"),
  }, (query) => query);
}
