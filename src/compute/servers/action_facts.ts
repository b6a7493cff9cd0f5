/** What other services and tables say of the things that an action's value names. */
import type { Caller } from "../../http/auth.ts";
import { listHosts, serviceOf } from "../hosts/projection.ts";
import { findKeyPair } from "../keypairs/projection.ts";
import type { ActionFacts, ActionNames } from "./actions/mod.ts";
import { flavorFacts } from "./create.ts";
import { findServer } from "./projection.ts";
import type { ServersService } from "./service.ts";
import { isRoot } from "./volumes.ts";

/** Looks up all that is named, and nothing else. */
export async function actionFacts(
  { dependencies: { reader, images, volumes } }: ServersService,
  caller: Caller,
  { serverId, names }: { readonly serverId: string; readonly names: ActionNames },
): Promise<ActionFacts> {
  const { image, rootVolume, flavor, keyPair, hosts } = names;
  const server = keyPair !== undefined || rootVolume
    ? (await findServer(reader, serverId))!.state
    : undefined;
  const root = rootVolume && server!.volumes.find(isRoot);
  return {
    image: image === undefined ? undefined : await images.find(image, caller),
    rootVolume: root && await volumes.find(root.volumeId, caller),
    flavor: flavor === undefined ? undefined : await flavorFacts(reader, flavor, caller),
    keyPairExists: keyPair === undefined
      ? undefined
      : await findKeyPair(reader, server!.userId, keyPair) !== undefined,
    hosts: hosts && (await listHosts(reader)).map(({ name, state, zone }) => ({
      host: name,
      node: state.node,
      availabilityZone: zone,
      isUp: serviceOf(state).up,
    })),
  };
}
