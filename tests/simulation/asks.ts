/** All that can be asked of one server: which servers it suits, and the requests. */
import { type Operation, rowOf } from "../../src/compute/servers/operations.ts";
import { exists, type Server } from "../../src/compute/servers/state.ts";
import { OPERATION_NAMES, requestOf } from "../processes/operations.ts";

/** One request of a server's endpoints, or of a neighbour's. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** By default the newest that has most of what is asked. */
  readonly mv?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What requests are made of. */
export interface About {
  readonly id: string;
  /** Undefined: there is none of this id. */
  readonly server: Server | undefined;
  /** One of the volumes that were there from the beginning. */
  readonly volumeId: string;
  readonly imageId: string;
  readonly networkId: string;
}

/** A kind of ask. */
export interface AskRow {
  /** By default, any server there is. */
  fits?(server: Server): boolean;
  /** Whether it is asked by an administrator, or never of servers that it does not suit. */
  readonly isAdmins?: true;
  readonly isOnlyWhereItFits?: true;
  /** One behind the other; the last is of the server as it is then. */
  readonly requests: readonly ((about: About) => Asked)[];
}

/** The last microversion with addresses among a server's actions. */
const WITH_ADDRESSES = "2.43";
const GROWS_IN_USE = { "openstack-api-version": "volume 3.42" };

const server = ({ id }: About): string => `/v2.1/servers/${id}`;
const act = (about: About, action: string, value: unknown = null, mv?: string): Asked => ({
  method: "POST",
  path: `${server(about)}/action`,
  body: { [action]: value },
  mv,
});

const isRunning = ({ vmState, placement }: Server) => vmState === "active" && placement !== null;
const isSoftDeleted = ({ vmState }: Server) => vmState === "soft-delete";
const hasPort = ({ ports }: Server) => ports.length > 0;
const hasVolume = ({ volumes }: Server) => volumes.some(({ bootIndex }) => bootIndex !== 0);

/** A volume that the server has; a free one when it has none. */
const itsVolume = ({ server, volumeId }: About): string =>
  server?.volumes.find(({ bootIndex }) => bootIndex !== 0)?.volumeId ?? volumeId;
const itsPort = ({ server }: About): string => server?.ports.at(-1)?.id ?? crypto.randomUUID();
const itsMigration = ({ server }: About): number => server?.migrations.at(-1)?.number ?? 0;
const itsAddress = ({ server }: About): string =>
  server?.ports.flatMap(({ fixedIps }) => fixedIps).at(-1)?.address ?? "192.0.2.1";

const attachment = (about: About): string =>
  `${server(about)}/os-volume_attachments/${itsVolume(about)}`;

const replaceVolume = (about: About, changes: object): Asked => ({
  method: "PUT",
  path: attachment(about),
  body: { volumeAttachment: changes },
});

const ADMINS: ReadonlySet<Operation> = new Set(
  ["migrate", "liveMigrate", "evacuate", "powerOn", "powerOff", "shelveOffload"],
);

function mayBegin(operation: Operation, task: Server["taskState"]): boolean {
  const { taskStates = [null] } = rowOf(operation);
  return taskStates === "any" || taskStates.includes(task);
}

function operate(operation: Operation, about: About): Asked {
  const [path, body] = requestOf(operation, about);
  return { method: "POST", path: `/v2.1${path}`, body };
}

const OPERATION_ASKS = Object.fromEntries(
  OPERATION_NAMES.map((operation): [Operation, AskRow] => [operation, {
    fits: ({ vmState, taskState }) =>
      rowOf(operation).vmStates.includes(vmState) && mayBegin(operation, taskState),
    ...(ADMINS.has(operation) && { isAdmins: true }),
    requests: [(about) => operate(operation, about)],
  }]),
) as Readonly<Record<Operation, AskRow>>;

const OTHER_ASKS = {
  rename: {
    requests: [
      (about) => ({ method: "PUT", path: server(about), body: { server: { name: "renamed" } } }),
    ],
  },
  lock: { requests: [(about) => act(about, "lock", { locked_reason: "mine" })] },
  "lock and unlock": { requests: [(about) => act(about, "lock"), (about) => act(about, "unlock")] },
  tag: { requests: [(about) => ({ method: "PUT", path: `${server(about)}/tags/blue` })] },
  untag: {
    fits: ({ tags }) => tags.length > 0,
    requests: [(about) => ({ method: "DELETE", path: `${server(about)}/tags/blue` })],
  },
  "set metadata": {
    requests: [(about) => ({
      method: "POST",
      path: `${server(about)}/metadata`,
      body: { metadata: { key: "value" } },
    })],
  },
  "unset metadata": {
    requests: [(about) => ({ method: "DELETE", path: `${server(about)}/metadata/key` })],
  },
  "move live and abort it": {
    fits: OPERATION_ASKS.liveMigrate.fits,
    isAdmins: true,
    requests: [
      (about) => operate("liveMigrate", about),
      (about) => ({ method: "DELETE", path: `${server(about)}/migrations/${itsMigration(about)}` }),
    ],
  },
  "move live and hurry": {
    fits: OPERATION_ASKS.liveMigrate.fits,
    isAdmins: true,
    requests: [(about) => operate("liveMigrate", about), (about) => ({
      method: "POST",
      path: `${server(about)}/migrations/${itsMigration(about)}/action`,
      body: { force_complete: null },
    })],
  },
  delete: { requests: [(about) => ({ method: "DELETE", path: server(about) })] },
  restore: {
    fits: (one) => isSoftDeleted(one) && one.taskState === null,
    requests: [(about) => act(about, "restore")],
  },
  "delete for good": {
    fits: isSoftDeleted,
    requests: [(about) => act(about, "forceDelete")],
  },
  "reset to active": {
    fits: isRunning,
    isAdmins: true,
    isOnlyWhereItFits: true,
    requests: [(about) => act(about, "os-resetState", { state: "active" })],
  },
  "dump its memory": {
    fits: isRunning,
    requests: [(about) => act(about, "trigger_crash_dump")],
  },
  "inject network settings": {
    fits: isRunning,
    isAdmins: true,
    requests: [(about) => act(about, "injectNetworkInfo", null, WITH_ADDRESSES)],
  },
  "attach a new interface": {
    fits: isRunning,
    requests: [(about) => ({
      method: "POST",
      path: `${server(about)}/os-interface`,
      body: { interfaceAttachment: { net_id: about.networkId } },
    })],
  },
  "detach an interface": {
    fits: (one) => isRunning(one) && hasPort(one),
    requests: [
      (about) => ({ method: "DELETE", path: `${server(about)}/os-interface/${itsPort(about)}` }),
    ],
  },
  "take its port away": {
    fits: hasPort,
    requests: [(about) => ({ method: "DELETE", path: `/network/v2.0/ports/${itsPort(about)}` })],
  },
  "add an address": {
    fits: hasPort,
    requests: [(about) => act(about, "addFixedIp", { networkId: about.networkId }, WITH_ADDRESSES)],
  },
  "take an address away": {
    fits: hasPort,
    requests: [
      (about) => act(about, "removeFixedIp", { address: itsAddress(about) }, WITH_ADDRESSES),
    ],
  },
  "take a security group away": {
    fits: hasPort,
    requests: [(about) => act(about, "removeSecurityGroup", { name: "default" })],
  },
  "add a security group": {
    fits: hasPort,
    requests: [(about) => act(about, "addSecurityGroup", { name: "default" })],
  },
  "attach a volume": {
    fits: ({ vmState }) => vmState !== "error",
    requests: [(about) => ({
      method: "POST",
      path: `${server(about)}/os-volume_attachments`,
      body: { volumeAttachment: { volumeId: about.volumeId } },
    })],
  },
  "detach a volume": {
    fits: hasVolume,
    requests: [(about) => ({ method: "DELETE", path: attachment(about) })],
  },
  /** It is told to by the volume service, which wants to move a volume. */
  "replace a volume": {
    fits: (one) => isRunning(one) && hasVolume(one),
    isAdmins: true,
    requests: [(about) => ({
      method: "POST",
      path: `/volume/v3/volumes/${itsVolume(about)}/action`,
      body: { "os-reset_status": { migration_status: "migrating" } },
    }), (about) => replaceVolume(about, { volumeId: about.volumeId })],
  },
  "have its volume go with it": {
    fits: hasVolume,
    requests: [
      (about) => replaceVolume(about, { volumeId: itsVolume(about), delete_on_termination: true }),
    ],
  },
  "grow its volume": {
    fits: hasVolume,
    requests: [(about) => ({
      method: "POST",
      path: `/volume/v3/volumes/${itsVolume(about)}/action`,
      body: { "os-extend": { new_size: 3 } },
      headers: GROWS_IN_USE,
    })],
  },
  "image its volumes": {
    fits: ({ boot }) => boot.isVolumeBacked,
    requests: [(about) => act(about, "createImage", { name: "an image of volumes" })],
  },
  show: { requests: [(about) => ({ method: "GET", path: server(about) })] },
  list: { requests: [() => ({ method: "GET", path: "/v2.1/servers/detail" })] },
} as const satisfies Readonly<Record<string, AskRow>>;

export type OtherAsk = keyof typeof OTHER_ASKS;
export type ServerAsk = Operation | OtherAsk;

export const OTHER_ASK_NAMES = Object.keys(OTHER_ASKS) as readonly OtherAsk[];

export const ASKS: Readonly<Record<ServerAsk, AskRow>> = { ...OPERATION_ASKS, ...OTHER_ASKS };

/** The servers of which something is asked: those that it suits, if there are any. */
export function asked(
  { fits = exists, isOnlyWhereItFits }: AskRow,
  servers: readonly Known[],
  wish: { readonly fits: boolean },
): readonly Known[] {
  const fitting = servers.filter(([, server]) => exists(server) && fits(server));
  if (isOnlyWhereItFits || (wish.fits && fitting.length > 0)) return fitting;
  // What is gone answers to nothing.
  const living = servers.filter(([, server]) => exists(server));
  return living.length > 0 ? living : servers;
}

export type Known = readonly [id: string, server: Server];

/** What suits servers in this state, and none that just runs. */
const WAYS_ON: readonly ServerAsk[] = [
  ...OPERATION_NAMES.filter((name) =>
    !(rowOf(name).vmStates as readonly string[]).includes("active")
  ),
  "restore",
];

/** What a server waits for, if it is in a state that few things lead out of. */
export function waysOn(server: Server): readonly ServerAsk[] {
  if (!exists(server)) return [];
  return WAYS_ON.filter((name) => ASKS[name].fits!(server));
}
