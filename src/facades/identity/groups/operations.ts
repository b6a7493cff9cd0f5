/** What the group routes do. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeGroup } from "../cascade.ts";
import { domainNotFound } from "../domains/decider.ts";
import { findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, Outcome } from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { type Fault, faultOf } from "../http/faults.ts";
import { answerList, ownDomainFilter } from "../http/lists.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { defined, idMatches, ownDomainOf } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { createGroup, type Group, groupNotFound, updateGroup } from "./decider.ts";
import { findGroup, findGroupByName, groups, listGroups } from "./projection.ts";
import { FIELDS } from "./schema.ts";
import { groupView } from "./view.ts";

interface GroupBody {
  readonly id?: unknown;
  readonly name?: string;
  readonly domain_id?: string | null;
  readonly description?: string | null;
}

export class GroupOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    return refuseUnlessAllowed("identity:list_groups", request.token) ??
      await answerList(request, "groups", {
        filters: ["domain_id", "name"],
        fixed: ownDomainFilter(request),
        find: (query) => listGroups(reader, query),
        has: (id) => findGroup(reader, id),
        view: (group) => groupView(request, group),
      });
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("group_id");
    const group = await findGroup(this.service.reader, id);
    return refuseFor(request, "identity:get_group", group) ??
      shown(request, 200, group ?? groupNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { group: sent } = request.body as { group: GroupBody };
    const domainId = sent.domain_id ?? ownDomainOf(request);
    const refusal = refuseUnlessAllowed("identity:create_group", request.token, { domainId });
    if (refusal) return refusal;
    const id = this.service.newId();
    const group = {
      name: sent.name!.trim(),
      domainId,
      description: sent.description === undefined ? "" : sent.description,
      ...defined({ extra: newExtrasOf(sent, FIELDS) }),
    };
    const outcome = await this.service.committer.submit(
      request.metadata("CreateGroup"),
      async (unit) => {
        if (!await findDomain(unit, domainId)) return domainNotFound(domainId);
        const nameTakenBy = (await findGroupByName(unit, group.name, domainId))?.id;
        return await decideIn(
          unit,
          groups,
          id,
          (state) => createGroup({ type: "CreateGroup", id, group, nameTakenBy }, state),
        );
      },
    );
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("group_id");
    const found = await findGroup(this.service.reader, id);
    const refusal = refuseFor(request, "identity:update_group", found);
    if (refusal) return refusal;
    if (!found) return faultOf(groupNotFound(id));
    const { group: sent } = request.body as { group: GroupBody };
    const { description } = sent;
    const name = sent.name?.trim();
    const changes = defined({ name, description, extra: extrasOf(sent, FIELDS) });
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateGroup"),
      async (unit) => {
        const { domainId } = found.state;
        if (!idMatches(sent.id, id)) return reject("Invalid", "Cannot change ID");
        if (!idMatches(sent.domain_id, domainId)) {
          return reject("Invalid", "Cannot change Domain ID");
        }
        const nameTakenBy = name === undefined
          ? undefined
          : (await findGroupByName(unit, name, domainId))?.id;
        return await decideIn(
          unit,
          groups,
          id,
          (state) => updateGroup({ type: "UpdateGroup", id, changes, nameTakenBy }, state),
        );
      },
    );
    return shown(request, 200, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("group_id");
    const group = await findGroup(this.service.reader, id);
    const refusal = refuseFor(request, "identity:delete_group", group);
    if (refusal) return refusal;
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteGroup"),
      (unit) => removeGroup(unit, id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }
}

function refuseFor(
  request: AuthenticatedRequest,
  rule: Rule,
  group: Versioned<Group> | undefined,
): Fault | undefined {
  return refuseUnlessAllowed(rule, request.token, { domainId: group?.state.domainId });
}

function shown(
  request: AuthenticatedRequest,
  status: number,
  outcome: Versioned<Group> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { group: groupView(request, outcome) } };
}
