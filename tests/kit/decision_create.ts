/** Example create requests, and what other services say of the things they name. */
import { DEFAULT_LIMITS, NO_USAGE } from "../../src/compute/quotas/limits.ts";
import {
  type CreateFacts,
  type CreateRequest,
  createServer,
  type FlavorFacts,
  type ImageFacts,
  type NewServer,
  type QuotaState,
} from "../../src/compute/servers/decide/mod.ts";
import type { BlockDevice, ServerCreated } from "../../src/compute/servers/events.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import { type Decision, isRejection } from "../../src/eventsourcing/decider.ts";
import { exampleFlavor, IMAGE, owner } from "./decision_servers.ts";

/** A create request with all that its decision looks at. */
export interface Creation {
  readonly by: Actor;
  readonly minCount: number;
  readonly maxCount: number;
  readonly asked: CreateRequest;
  readonly facts: CreateFacts;
  readonly quota: QuotaState;
}

/** Makes one request of another. */
export type Change = (creation: Creation) => Creation;

export const askedFlavor: FlavorFacts = { ...exampleFlavor, disabled: false };

export const askedImage: ImageFacts = {
  id: IMAGE,
  status: "active",
  minRamMib: 0,
  minDiskGib: 0,
  sizeBytes: 2 ** 20,
  properties: {},
};

/** One server, of an image, on the only network: nothing speaks against it. */
export const plain: Creation = {
  by: owner,
  minCount: 1,
  maxCount: 1,
  asked: {
    name: "web",
    description: null,
    flavorRef: askedFlavor.id,
    imageRef: IMAGE,
    metadata: {},
    tags: [],
    accessIPv4: null,
    accessIPv6: null,
    configDrive: false,
    keyName: null,
    userData: null,
    personality: [],
    availabilityZone: null,
    host: null,
    node: null,
    hostByAttribute: false,
    networks: undefined,
    securityGroups: ["default"],
    blockDevices: [],
    bootsFromDevicesOnly: false,
    schedulerHints: {},
    trustedImageCertificates: null,
  },
  facts: {
    flavor: askedFlavor,
    image: askedImage,
    keyPairExists: true,
    availabilityZones: ["nova"],
    hosts: [{ host: "host-a", node: "node-a" }],
    networks: [{ id: "network-1" }],
    ports: [],
    takenAddresses: [],
    securityGroups: ["default"],
    serverGroups: [],
  },
  quota: { limits: DEFAULT_LIMITS, usage: NO_USAGE },
};

export function asking(changes: Partial<CreateRequest>): Change {
  return (creation) => ({ ...creation, asked: { ...creation.asked, ...changes } });
}

export function knowing(changes: Partial<CreateFacts>): Change {
  return (creation) => ({ ...creation, facts: { ...creation.facts, ...changes } });
}

export function counting(minCount: number, maxCount = minCount): Change {
  return (creation) => ({ ...creation, minCount, maxCount });
}

/** On a flavor that differs in these figures. */
export function onFlavor(changes: Partial<FlavorFacts>): Change {
  return (creation) =>
    knowing({ flavor: { ...askedFlavor, ...creation.facts.flavor, ...changes } })(creation);
}

/** Of an image that differs in these figures. */
export function ofImage(changes: Partial<ImageFacts>): Change {
  return (creation) =>
    knowing({ image: { ...askedImage, ...creation.facts.image, ...changes } })(creation);
}

export function within(
  limits: Partial<QuotaState["limits"]>,
  usage: Partial<QuotaState["usage"]> = {},
): Change {
  return (creation) => ({
    ...creation,
    quota: {
      limits: { ...creation.quota.limits, ...limits },
      usage: { ...creation.quota.usage, ...usage },
    },
  });
}

export function asked(
  ...changes: readonly Change[]
): Creation {
  return changes.reduce((creation, change) => change(creation), plain);
}

/** The id of the n-th server of an example batch, from 0. */
export function idAt(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

/** What is decided of the plain request with these changes. */
export function decisionOn(
  ...changes: readonly Change[]
): Decision<NewServer> {
  const { quota, ...rest } = asked(...changes);
  const ids = Array.from({ length: rest.maxCount }, (_, index) => idAt(index));
  const deviceIds = ids.map((id) =>
    rest.asked.blockDevices.map((_, place) => ({
      volumeId: `volume-${place}-${id}`,
      attachmentId: `attachment-${place}-${id}`,
      bdmId: `bdm-${place}-${id}`,
    }))
  );
  const command = { type: "CreateServer", ids, deviceIds, reservationId: "r-abcd1234", ...rest };
  return createServer({ ...command, type: "CreateServer" }, quota);
}

/** What is recorded of each server that comes of it; fails when it is refused. */
export function createdBy(
  ...changes: readonly Change[]
): readonly ServerCreated["data"][] {
  const decision = decisionOn(...changes);
  if (isRejection(decision)) throw new Error(`refused: ${decision.message}`);
  return decision.map(({ event }) => event.data);
}

/** A block device of the kind `--block-device` asks for. */
export function device(changes: Partial<BlockDevice>): BlockDevice {
  return {
    sourceType: "blank",
    destinationType: "local",
    sourceId: null,
    bootIndex: null,
    sizeGib: null,
    volumeType: null,
    deviceName: null,
    deleteOnTermination: false,
    tag: null,
    ...changes,
  };
}
