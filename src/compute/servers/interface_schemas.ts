/** Bodies and query strings of `/servers/{id}/os-interface`; schemas/attach_interfaces.py. */
import { ipAddress, noParameters, object, tag, uuid, versioned } from "../../http/schema_parts.ts";

const first = {
  // A UUID each, or none: which of them may come together is said in other words.
  net_id: uuid,
  port_id: uuid,
  fixed_ips: {
    type: "array",
    minItems: 1,
    maxItems: 1,
    items: object({ ip_address: ipAddress }, ["ip_address"]),
  },
} as const;

/** Nothing is required: an empty body asks for a port on the only network there is. */
export const attachInterfaceSchema = versioned(
  first,
  { 49: (before) => ({ ...before, tag }) },
  (fields) => object({ interfaceAttachment: object(fields) }),
);

/** The query string of `GET /servers/{id}/os-interface`, and of one of them. */
export const interfacesQuerySchema = noParameters;
