/** What compute needs of networks, from the embedded service. */
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import type { Reader } from "../../store/query.ts";
import type {
  CallersNetworks,
  CallersRequest,
  Network,
  NetworkFailure,
  NetworkRefusal,
  NetworkService,
  OnePortRequest,
  Port,
  PortsRequest,
  SecurityGroup,
  TakenAddress,
} from "../network_service.ts";
import { canonicalAddress } from "./addresses.ts";
import { EmbeddedCallersNetworks } from "./callers_networks.ts";
import { devicesConcerned } from "./followers.ts";
import { networksUsableBy } from "./networks/projection.ts";
import { bindPorts, ensurePort, ensurePorts, releasePort, releasePorts } from "./ports/ensure.ts";
import { findPort, findPorts, portsOfDevice, portsWithAddresses } from "./ports/projection.ts";
import { defaultGroupId } from "./security_groups/decider.ts";
import { groupsOfProject, withDefaultGroup } from "./security_groups/projection.ts";
import { viewPorts } from "./views.ts";

export interface EmbeddedNetworksOptions {
  readonly reader: Reader;
  readonly committer: Committer;
  /** Makes ids (UUIDs) for ports and for the requests that events are recorded under. */
  readonly newId?: () => string;
}

/** Hears of the ports of a device. */
export type PortsFollower = (
  unit: UnitOfWork,
  deviceId: string,
  ports: readonly Port[],
) => Promise<void>;

/** Networks as compute sees them. */
export class EmbeddedNetworks implements NetworkService {
  readonly #newId: () => string;
  readonly #followers: PortsFollower[] = [];

  constructor(private readonly options: EmbeddedNetworksOptions) {
    this.#newId = options.newId ?? (() => crypto.randomUUID());
  }

  networksFor(projectId: string): Promise<readonly Network[]> {
    return networksUsableBy(this.options.reader, projectId);
  }

  async ports(ids: readonly string[], projectId: string): Promise<readonly Port[]> {
    const found = await findPorts(this.options.reader, ids);
    const own = found.filter(({ state }) => state.projectId === projectId);
    return await viewPorts(this.options.reader, own);
  }

  async takenAddresses(
    addresses: readonly string[],
    projectId: string | null,
  ): Promise<readonly TakenAddress[]> {
    const places = addresses.map((address) => [address, canonicalAddress(address)] as const);
    const canonical = places.flatMap(([, address]) => address ?? []);
    const found = (await portsWithAddresses(this.options.reader, canonical))
      .filter((port) => projectId === null || port.projectId === projectId);
    return places.flatMap(([address, canonical]) =>
      found.filter((port) => port.address === canonical)
        .map(({ networkId, deviceId }) => ({ networkId, address, deviceId }))
    );
  }

  async securityGroupsFor(projectId: string): Promise<readonly SecurityGroup[]> {
    const { reader, committer } = this.options;
    const groups = await groupsOfProject(reader, projectId);
    if (groups.some(({ id }) => id === defaultGroupId(projectId))) return groups;
    const metadata = this.#metadata("EnsureDefaultSecurityGroup", projectId);
    await committer.submit(metadata, (unit) => withDefaultGroup(unit, projectId));
    return await groupsOfProject(reader, projectId);
  }

  async ensurePorts(request: PortsRequest): Promise<readonly Port[] | NetworkFailure> {
    const outcome = await this.options.committer.submit(
      this.#metadata("EnsurePorts", request.projectId),
      (unit) => ensurePorts(unit, request, this.#newId),
    );
    if (isRejection(outcome)) return { failed: outcome.message };
    return await viewPorts(this.options.reader, outcome);
  }

  async bindPorts(serverId: string, host: string): Promise<void> {
    const { reader, committer } = this.options;
    const [port] = await portsOfDevice(reader, serverId);
    if (!port) return;
    const metadata = this.#metadata("BindPorts", port.state.projectId);
    await committer.submit(metadata, (unit) => bindPorts(unit, serverId, host));
  }

  async releasePorts(serverId: string): Promise<void> {
    const { reader, committer } = this.options;
    const [port] = await portsOfDevice(reader, serverId);
    // Also when there are none yet: some may be made by what waits before this in the queue.
    const metadata = this.#metadata("ReleasePorts", port?.state.projectId ?? "");
    await committer.submit(metadata, (unit) => releasePorts(unit, serverId));
  }

  async ensurePort(request: OnePortRequest): Promise<Port | NetworkRefusal> {
    const { committer, reader } = this.options;
    const metadata = this.#metadata("EnsurePort", request.projectId);
    const outcome = await committer.submit(metadata, (unit) => ensurePort(unit, request));
    return isRejection(outcome) ? outcome : (await viewPorts(reader, [outcome]))[0]!;
  }

  async releasePort(portId: string, serverId: string): Promise<void> {
    const { reader, committer } = this.options;
    const port = await findPort(reader, portId);
    const metadata = this.#metadata("ReleasePort", port?.state.projectId ?? "");
    await committer.submit(metadata, (unit) => releasePort(unit, portId, serverId));
  }

  async portsOf(serverId: string): Promise<readonly Port[]> {
    const { reader } = this.options;
    return await viewPorts(reader, await portsOfDevice(reader, serverId));
  }

  async tellPortsOf(serverId: string, { caller, requestId }: CallersRequest): Promise<void> {
    const { userId, projectId, roles } = caller;
    const actor = { userId, projectId, roles: [...roles] };
    await this.options.committer.submit(
      { actor, requestId, command: "TellPorts" },
      async (unit) => {
        const ports = await viewPorts(unit, await portsOfDevice(unit, serverId));
        for (const follower of this.#followers) await follower(unit, serverId, ports);
      },
    );
  }

  /**
   * Tells of every change to the ports of a device that compute did not make itself, within the
   * transaction of the change; `ports` are those the device has then.
   */
  follow(follower: PortsFollower): void {
    this.#followers.push(follower);
    this.options.committer.onChange(async (unit, change) => {
      for (const deviceId of await devicesConcerned(unit, change)) {
        await follower(unit, deviceId, await viewPorts(unit, await portsOfDevice(unit, deviceId)));
      }
    });
  }

  onBehalfOf({ caller, requestId }: CallersRequest): CallersNetworks {
    const { reader, committer } = this.options;
    return new EmbeddedCallersNetworks({ reader, committer, caller, requestId });
  }

  /** Compute acts for the project that its server is in. */
  #metadata(command: string, projectId: string): EventMetadata {
    return {
      actor: { userId: "nova", projectId, roles: ["service"] },
      requestId: `req-${this.#newId()}`,
      command,
    };
  }
}
