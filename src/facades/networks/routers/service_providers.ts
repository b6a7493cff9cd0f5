/** `GET /v2.0/service-providers`: who can run routers. */
import { pythonRepr } from "../../../http/python.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { refused } from "../answers.ts";
import { badRequest } from "../refusals.ts";

/** neutron/services/l3_router/service_providers/driver_controller.py. */
const PROVIDERS = ["dvrha", "dvr", "ha", "single_node"].map((name) => ({
  service_type: "L3_ROUTER_NAT",
  name,
  default: false,
}));

/** The providers that fit all filters; refuses what providers cannot be filtered by. */
export const listServiceProviders: FacadeOperation = ({ query }) => {
  const fields = query.getAll("fields").filter((field) => field !== "");
  const filters = [...new Set(query.keys())].filter((name) => name !== "fields");
  const unknown = filters.filter((name) => !Object.hasOwn(PROVIDERS[0]!, name));
  if (unknown.length > 0) {
    return refused(badRequest(`${pythonRepr(unknown)} is invalid attribute for filtering`));
  }
  const found = PROVIDERS.map((provider) => Object.entries(provider))
    .filter((entries) =>
      entries.every(([name, value]) =>
        !filters.includes(name) ||
        query.getAll(name).some((wanted) => wanted.toLowerCase() === String(value).toLowerCase())
      )
    );
  return json(200, {
    service_providers: found.map((entries) =>
      Object.fromEntries(
        entries.filter(([name]) => fields.length === 0 || fields.includes(name)),
      )
    ),
  });
};
