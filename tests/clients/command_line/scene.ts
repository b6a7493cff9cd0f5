/** What every file of checks with the command `openstack` has. */
import type { ServerProcess } from "../../kit/process.ts";
import type { Family, FamilySettings } from "../families.ts";
import { OpenStack } from "./openstack.ts";

/** A cloud of its own, the command that speaks to it, and what counts. */
export interface Scene {
  readonly openstack: OpenStack;
  readonly server: ServerProcess;
  /** Runs a check under the name of the command that it is about. */
  check(name: string, work: () => Promise<void>): Promise<void>;
}

/** A family of checks out of what plays in a scene, on a cloud with settings of its own. */
export function commandLine(
  play: (scene: Scene) => Promise<void>,
  settings?: FamilySettings,
): Family {
  return {
    settings,
    run: async (checks, { server, ...clients }) => {
      const openstack = new OpenStack({ ...clients, server });
      try {
        const check = (name: string, work: () => Promise<void>) =>
          checks.run(`openstack ${name}`, work);
        await play({ openstack, server, check });
      } finally {
        await openstack.close();
      }
    },
  };
}
