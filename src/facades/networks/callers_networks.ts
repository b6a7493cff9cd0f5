/** What one caller sees of the embedded service, and what they may do: as by its own API. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { Caller } from "../../http/auth.ts";
import type { Reader } from "../../store/query.ts";
import { type Condition, isOneOf, listPage } from "../collections.ts";
import type {
  CallersNetworks,
  CallersRequest,
  FloatingIp,
  GroupsOfPort,
  IngressRule,
  NamedGroup,
  NetworkRefusal,
  Port,
  SecurityGroupDetails,
  SecurityGroupRule,
  VisibleNetwork,
} from "../network_service.ts";
import { ownProject } from "./access.ts";
import { type Fields, readCreate, readUpdate } from "./body.ts";
import { writableFloatingIps } from "./floating_ips/commands.ts";
import { findVisible, type Json, type Resource } from "./list.ts";
import { networkResource } from "./networks/resource.ts";
import { writablePorts } from "./ports/commands.ts";
import { addFixedIp, removeFixedIp } from "./ports/fixed_ips.ts";
import { portsOfDevice } from "./ports/projection.ts";
import { portResource } from "./ports/resource.ts";
import type { NeutronRejection } from "./refusals.ts";
import { writableRules, writableSecurityGroups } from "./security_groups/commands.ts";
import { defaultGroupId } from "./security_groups/decider.ts";
import { findSecurityGroup, withDefaultGroup } from "./security_groups/projection.ts";
import { viewFloatingIps, viewNetwork, viewPorts, viewRule, viewSecurityGroup } from "./views.ts";
import { commandName, createAll, findOwnOf, type Owned, type WritableResource } from "./write.ts";

export interface CallersNetworksOptions extends CallersRequest {
  readonly reader: Reader;
  readonly committer: Committer;
}

/** The embedded network service on behalf of one caller. */
export class EmbeddedCallersNetworks implements CallersNetworks {
  readonly #reader: Reader;
  readonly #caller: Caller;

  constructor(private readonly options: CallersNetworksOptions) {
    this.#reader = options.reader;
    this.#caller = options.caller;
  }

  async networks(): Promise<readonly VisibleNetwork[]> {
    return (await this.#list(networkResource)).map(viewNetwork);
  }

  async network(id: string): Promise<VisibleNetwork | undefined> {
    const found = await this.#find(networkResource, id);
    return found && viewNetwork(found);
  }

  async port(id: string): Promise<Port | undefined> {
    const found = await this.#find(portResource, id);
    return found && (await viewPorts(this.#reader, [found]))[0];
  }

  portsOf(serverId: string): Promise<readonly Port[]> {
    return this.#portsOf(this.#reader, serverId);
  }

  async changeSecurityGroups(
    serverId: string,
    decide: (ports: readonly Port[]) => readonly GroupsOfPort[] | Rejection,
  ): Promise<Rejection | undefined> {
    const outcome = await this.#submit("UpdatePort", async (unit) => {
      const changes = decide(await this.#portsOf(unit, serverId));
      if (isRejection(changes)) return changes;
      for (const { portId, groupIds } of changes) {
        const asked = { security_groups: groupIds };
        const refusal = await this.#updateIn(unit, writablePorts, portId, asked);
        if (isRejection(refusal)) return refusal;
      }
    });
    return isRejection(outcome) ? outcome : undefined;
  }

  addFixedIp(serverId: string, networkId: string): Promise<boolean> {
    return this.#submit("AddFixedIp", (unit) => addFixedIp(unit, serverId, networkId));
  }

  removeFixedIp(serverId: string, address: string): Promise<boolean> {
    return this.#submit("RemoveFixedIp", (unit) => removeFixedIp(unit, serverId, address));
  }

  async floatingIps(
    { address, projectId }: { readonly address?: string; readonly projectId?: string } = {},
  ): Promise<readonly FloatingIp[]> {
    const where = [
      ...(address === undefined ? [] : [isOneOf("floating_ip_address", [address])]),
      ...(projectId === undefined ? [] : [isOneOf("project_id", [projectId])]),
    ];
    return await viewFloatingIps(this.#reader, await this.#list(writableFloatingIps, ...where));
  }

  async floatingIp(id: string): Promise<FloatingIp | undefined> {
    const found = await this.#find(writableFloatingIps, id);
    return found && (await viewFloatingIps(this.#reader, [found]))[0];
  }

  async createFloatingIp(networkId: string): Promise<FloatingIp | NetworkRefusal> {
    const made = await this.#create(writableFloatingIps, { floating_network_id: networkId });
    return isRejection(made) ? made : (await viewFloatingIps(this.#reader, [made]))[0]!;
  }

  async leadFloatingIp(
    id: string,
    to: { readonly portId: string; readonly fixedIp: string } | null,
  ): Promise<NetworkRefusal | undefined> {
    const outcome = await this.#update(
      writableFloatingIps,
      id,
      to ? { port_id: to.portId, fixed_ip_address: to.fixedIp } : { port_id: null },
    );
    return isRejection(outcome) ? outcome : undefined;
  }

  deleteFloatingIp(id: string): Promise<NetworkRefusal | undefined> {
    return this.#remove(writableFloatingIps, id);
  }

  async securityGroups(projectId?: string): Promise<readonly SecurityGroupDetails[]> {
    await this.#ensureDefaultGroup();
    const where = projectId === undefined ? [] : [isOneOf("project_id", [projectId])];
    return (await this.#list(writableSecurityGroups, ...where)).map(viewSecurityGroup);
  }

  async securityGroup(id: string): Promise<SecurityGroupDetails | undefined> {
    const found = await this.#find(writableSecurityGroups, id);
    return found && viewSecurityGroup(found);
  }

  async securityGroupsById(ids: readonly string[]): Promise<readonly SecurityGroupDetails[]> {
    if (ids.length === 0) return [];
    return (await this.#list(writableSecurityGroups, isOneOf("id", ids))).map(viewSecurityGroup);
  }

  async createSecurityGroup(facts: NamedGroup): Promise<SecurityGroupDetails | NetworkRefusal> {
    const made = await this.#create(writableSecurityGroups, { ...facts });
    return isRejection(made) ? made : viewSecurityGroup(made);
  }

  async updateSecurityGroup(
    id: string,
    facts: NamedGroup,
  ): Promise<SecurityGroupDetails | NetworkRefusal> {
    const updated = await this.#update(writableSecurityGroups, id, { ...facts });
    return isRejection(updated) ? updated : viewSecurityGroup(updated);
  }

  deleteSecurityGroup(id: string): Promise<NetworkRefusal | undefined> {
    return this.#remove(writableSecurityGroups, id);
  }

  async securityGroupRule(id: string): Promise<SecurityGroupRule | undefined> {
    const found = await this.#find(writableRules, id);
    return found && viewRule(found.state);
  }

  async addSecurityGroupRule(rule: IngressRule): Promise<SecurityGroupRule | NetworkRefusal> {
    const made = await this.#create(writableRules, {
      security_group_id: rule.groupId,
      direction: "ingress",
      ethertype: rule.ethertype,
      protocol: rule.protocol,
      port_range_min: rule.portRangeMin,
      port_range_max: rule.portRangeMax,
      remote_ip_prefix: rule.remoteIpPrefix,
      remote_group_id: rule.remoteGroupId,
    });
    return isRejection(made) ? made : viewRule(made.state);
  }

  removeSecurityGroupRule(id: string): Promise<NetworkRefusal | undefined> {
    return this.#remove(writableRules, id);
  }

  /** A project has its default group as soon as anybody looks for it, as in Neutron. */
  async #ensureDefaultGroup(): Promise<void> {
    const projectId = ownProject(this.#caller);
    if (projectId === undefined) return;
    if (await findSecurityGroup(this.#reader, defaultGroupId(projectId))) return;
    await this.#submit("EnsureDefaultSecurityGroup", (unit) => withDefaultGroup(unit, projectId));
  }

  /** The ports of a server that the caller sees. */
  async #portsOf(reader: Reader, serverId: string): Promise<readonly Port[]> {
    const visible = await this.#listIn(reader, portResource, isOneOf("device_id", [serverId]));
    const ids = new Set(visible.map(({ id }) => id));
    const all = await portsOfDevice(reader, serverId);
    return await viewPorts(reader, all.filter(({ id }) => ids.has(id)));
  }

  #list<State>(
    resource: Resource<State>,
    ...where: readonly Condition[]
  ): Promise<readonly Versioned<State>[]> {
    return this.#listIn(this.#reader, resource, ...where);
  }

  async #listIn<State>(
    reader: Reader,
    resource: Resource<State>,
    ...where: readonly Condition[]
  ): Promise<readonly Versioned<State>[]> {
    const rows = await listPage<State>(reader, {
      table: resource.table,
      visible: resource.visibleTo(this.#caller),
      where,
      sort: [["id", "asc"]],
    });
    return rows!;
  }

  #find<State>(resource: Resource<State>, id: string): Promise<Versioned<State> | undefined> {
    return findVisible(this.#reader, resource, id, this.#caller);
  }

  async #create<State, F extends Fields>(
    resource: WritableResource<State, F>,
    attributes: Json,
  ): Promise<Versioned<State> | NeutronRejection> {
    const caller = this.#caller;
    const asked = readCreate({ [resource.name]: attributes }, { ...resource, caller });
    if (isRejection(asked)) return asked;
    const made = await this.#submit(
      commandName("Create", resource.name),
      (unit) => createAll(unit, resource, asked.items, caller),
    );
    return isRejection(made) ? made : made[0]!;
  }

  #update<State extends Owned, F extends Fields>(
    resource: WritableResource<State, F>,
    id: string,
    attributes: Json,
  ): Promise<Versioned<State> | NeutronRejection> {
    return this.#submit(
      commandName("Update", resource.name),
      (unit) => this.#updateIn(unit, resource, id, attributes),
    );
  }

  async #updateIn<State extends Owned, F extends Fields>(
    unit: UnitOfWork,
    resource: WritableResource<State, F>,
    id: string,
    attributes: Json,
  ): Promise<Versioned<State> | NeutronRejection> {
    const by = this.#caller;
    const values = readUpdate({ [resource.name]: attributes }, { ...resource, caller: by });
    if (isRejection(values)) return values;
    const before = await findOwnOf(unit, resource, id, by, `update_${resource.name}`);
    return isRejection(before) ? before : await resource.update(unit, before, { values, by });
  }

  async #remove<State extends Owned, F extends Fields>(
    resource: WritableResource<State, F>,
    id: string,
  ): Promise<NeutronRejection | undefined> {
    const by = this.#caller;
    return await this.#submit(commandName("Delete", resource.name), async (unit) => {
      const before = await findOwnOf(unit, resource, id, by, `delete_${resource.name}`);
      return isRejection(before) ? before : await resource.remove(unit, before, { by });
    });
  }

  #submit<Outcome>(
    command: string,
    work: (unit: UnitOfWork) => Promise<Outcome>,
  ): Promise<Outcome> {
    const { caller, requestId, committer } = this.options;
    const { userId, projectId, roles } = caller;
    const actor = { userId, projectId, roles: [...roles] };
    return committer.submit({ actor, requestId, command }, work);
  }
}
