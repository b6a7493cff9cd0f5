/** Shelving a server, and taking it from the shelf. */
import type { Minor } from "../../../http/microversions.ts";
import { operateServer, unshelveServer } from "../decide/mod.ts";
import { shelveSchema, unshelveSchema } from "../schemas.ts";
import { type Action, plainOperation } from "./action.ts";

interface UnshelveValue {
  readonly availability_zone?: string | null;
  readonly host?: string;
}

export const shelveActions: Readonly<Record<string, Action>> = {
  shelve: {
    rule: "os_compute_api:os-shelve:shelve",
    schema: () => shelveSchema,
    success: 202,
    command({ id, by, newId }) {
      const imageId = newId();
      const type = "OperateServer";
      return {
        type,
        decide(server) {
          const input = { imageId, name: `${server.name}-shelved` };
          return operateServer({ type, id, by, operation: { name: "shelve", input } }, server);
        },
      };
    },
  },
  shelveOffload: plainOperation(
    { name: "shelveOffload", input: {} },
    "os_compute_api:os-shelve:shelve_offload",
  ),
  unshelve: {
    rule: "os_compute_api:os-shelve:unshelve",
    moreRules: (value, minor) =>
      readUnshelve(value, minor).host === undefined
        ? []
        : ["os_compute_api:os-shelve:unshelve_to_host"],
    schema: unshelveSchema,
    success: 202,
    names: () => ({ hosts: true }),
    command({ id, by, value, minor, facts }) {
      const { availability_zone: zone, host = null } = readUnshelve(value, minor);
      const input = { host, ...(zone !== undefined && { pinnedAvailabilityZone: zone }) };
      const operation = { name: "unshelve", input } as const;
      const type = "OperateServer";
      return {
        type,
        decide: (server) => unshelveServer({ type, id, by, operation }, server, facts.hosts ?? []),
      };
    },
  },
};

/** Below 2.77 the value is not looked at, whatever it is. */
function readUnshelve(value: unknown, minor: Minor): UnshelveValue {
  return minor < 77 ? {} : (value as UnshelveValue | null) ?? {};
}
