/** What compute needs of networks, from the embedded service. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import type { Reader } from "../../store/query.ts";
import type {
  Network,
  NetworkFailure,
  NetworkService,
  Port,
  PortsRequest,
  SecurityGroup,
} from "../network_service.ts";
import { findNetwork, networksUsableBy } from "./networks/projection.ts";
import type { Port as PortState } from "./ports/decider.ts";
import { ensurePorts, releasePorts } from "./ports/ensure.ts";
import { findPorts, portsOfDevice } from "./ports/projection.ts";
import { defaultGroupId } from "./security_groups/decider.ts";
import { groupsOfProject, withDefaultGroup } from "./security_groups/projection.ts";

export interface EmbeddedNetworksOptions {
  readonly reader: Reader;
  readonly committer: Committer;
  /** Makes ids (UUIDs) for ports and for the requests that events are recorded under. */
  readonly newId?: () => string;
}

/** Networks as compute sees them. */
export class EmbeddedNetworks implements NetworkService {
  readonly #newId: () => string;

  constructor(private readonly options: EmbeddedNetworksOptions) {
    this.#newId = options.newId ?? (() => crypto.randomUUID());
  }

  networksFor(projectId: string): Promise<readonly Network[]> {
    return networksUsableBy(this.options.reader, projectId);
  }

  async ports(ids: readonly string[], projectId: string): Promise<readonly Port[]> {
    const found = await findPorts(this.options.reader, ids);
    return await this.#view(found.filter(({ state }) => state.projectId === projectId));
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
    return await this.#view(outcome);
  }

  async releasePorts(serverId: string): Promise<void> {
    const { reader, committer } = this.options;
    const [port] = await portsOfDevice(reader, serverId);
    // Also when there are none yet: some may be made by what waits before this in the queue.
    const metadata = this.#metadata("ReleasePorts", port?.state.projectId ?? "");
    await committer.submit(metadata, (unit) => releasePorts(unit, serverId));
  }

  async #view(ports: readonly Versioned<PortState>[]): Promise<readonly Port[]> {
    const names = new Map<string, string>();
    for (const { state: { networkId } } of ports) {
      if (names.has(networkId)) continue;
      const network = await findNetwork(this.options.reader, networkId);
      names.set(networkId, network?.state.name ?? "");
    }
    return ports.map(({ id, state }) => ({
      id,
      networkId: state.networkId,
      networkName: names.get(state.networkId)!,
      macAddress: state.macAddress,
      deviceId: state.deviceId,
      fixedIps: state.fixedIps,
    }));
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
