/** `/v2.0/<plural>/{id}/tags`: the tags of a resource; neutron/extensions/tagging.py. */
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { DomainEvent } from "../../eventsourcing/event.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../endpoint.ts";
import { refused } from "./answers.ts";
import { listOf as listOfItems, text } from "./fields.ts";
import type { FloatingIpUpdated } from "./floating_ips/decider.ts";
import { floatingIps } from "./floating_ips/projection.ts";
import { floatingIpResource } from "./floating_ips/resource.ts";
import { findVisible, type Resource } from "./list.ts";
import type { NetworkUpdated } from "./networks/decider.ts";
import { networks } from "./networks/projection.ts";
import { networkResource } from "./networks/resource.ts";
import type { PortUpdated } from "./ports/decider.ts";
import { ports } from "./ports/projection.ts";
import { portResource } from "./ports/resource.ts";
import type { QosPolicyUpdated } from "./qos/decider.ts";
import { qosPolicies } from "./qos/projection.ts";
import { qosPolicyResource } from "./qos/resource.ts";
import { invalidInput, type NeutronRejection, refusal } from "./refusals.ts";
import type { RouterUpdated } from "./routers/decider.ts";
import { routers } from "./routers/projection.ts";
import { routerResource } from "./routers/resource.ts";
import type { SecurityGroupUpdated } from "./security_groups/decider.ts";
import { securityGroups } from "./security_groups/projection.ts";
import { securityGroupResource } from "./security_groups/resource.ts";
import type { SubnetPoolUpdated } from "./subnet_pools/decider.ts";
import { subnetPools } from "./subnet_pools/projection.ts";
import { subnetPoolResource } from "./subnet_pools/resource.ts";
import type { SubnetUpdated } from "./subnets/decider.ts";
import { subnets } from "./subnets/projection.ts";
import { subnetResource } from "./subnets/resource.ts";
import { MAX_TAGS } from "./tags.ts";
import { findOwn, readBody, type WriteDependencies } from "./write.ts";

/** What can have tags. */
interface TaggedState {
  readonly projectId: string;
  readonly tags: readonly string[];
}

/** A kind of resource that has tags: how they are found, and how a change is recorded. */
export interface Tagged {
  readonly name: string;
  readonly plural: string;
  visible(
    reader: WriteDependencies["reader"],
    request: FacadeRequest,
  ): Promise<Versioned<TaggedState> | NeutronRejection>;
  own(
    unit: UnitOfWork,
    request: FacadeRequest,
  ): Promise<Versioned<TaggedState> | NeutronRejection>;
  write(unit: UnitOfWork, before: Versioned<TaggedState>, tags: readonly string[]): Promise<void>;
}

function tagged<State extends TaggedState, Event extends DomainEvent>(
  resource: Resource<State>,
  aggregate: Aggregate<State, Event>,
  changed: (tags: readonly string[]) => Event,
): Tagged {
  return {
    name: resource.name,
    plural: resource.plural,
    async visible(reader, request) {
      const id = request.param("id");
      return await findVisible(reader, resource, id, request.caller) ?? resource.notFound(id);
    },
    own: (unit, request) => findOwn(unit, resource, request, `update_${resource.name}:tags`),
    async write(unit, before, tags) {
      await unit.append(aggregate, before as Versioned<State>, [changed(tags)]);
    },
  };
}

const taggedPolicies = tagged(qosPolicyResource, qosPolicies, (tags): QosPolicyUpdated => ({
  type: "QosPolicyUpdated",
  data: { tags },
}));

/** Every kind of resource that has tags, by the path of its collection. */
export const taggedResources: readonly (readonly [path: string, Tagged])[] = [
  [
    "networks",
    tagged(networkResource, networks, (tags): NetworkUpdated => ({
      type: "NetworkUpdated",
      data: { tags },
    })),
  ],
  [
    "subnets",
    tagged(subnetResource, subnets, (tags): SubnetUpdated => ({
      type: "SubnetUpdated",
      data: { tags },
    })),
  ],
  [
    "ports",
    tagged(portResource, ports, (tags): PortUpdated => ({ type: "PortUpdated", data: { tags } })),
  ],
  ["policies", taggedPolicies],
  ["qos/policies", taggedPolicies],
  [
    "subnetpools",
    tagged(subnetPoolResource, subnetPools, (tags): SubnetPoolUpdated => ({
      type: "SubnetPoolUpdated",
      data: { tags },
    })),
  ],
  [
    "routers",
    tagged(routerResource, routers, (tags): RouterUpdated => ({
      type: "RouterUpdated",
      data: { tags },
    })),
  ],
  [
    "floatingips",
    tagged(floatingIpResource, floatingIps, (tags): FloatingIpUpdated => ({
      type: "FloatingIpUpdated",
      data: { tags },
    })),
  ],
  [
    "security-groups",
    tagged(securityGroupResource, securityGroups, (tags): SecurityGroupUpdated => ({
      type: "SecurityGroupUpdated",
      data: { tags },
    })),
  ],
];

type Methods = Readonly<Partial<Record<"GET" | "POST" | "PUT" | "DELETE", FacadeOperation>>>;

const NOTHING = () => new Response(null, { status: 204 });

/** All tags at once. */
export function tagRoutes(dependencies: WriteDependencies, kind: Tagged): Methods {
  return {
    async GET(request) {
      const found = await kind.visible(dependencies.reader, request);
      return isRejection(found) ? refused(found) : json(200, { tags: found.state.tags });
    },
    async PUT(request) {
      const body = await readBody(request);
      if (body instanceof Response) return body;
      const tags = readTags(body.value, kind);
      if ("rejected" in tags) return refused(tags);
      const refusal = await changeTags(dependencies, kind, request, () => tags);
      return refusal ? refused(refusal) : json(200, { tags });
    },
    async POST(request) {
      const body = await readBody(request);
      if (body instanceof Response) return body;
      const tags = readTags(body.value, kind);
      if ("rejected" in tags) return refused(tags);
      const refusal = await changeTags(
        dependencies,
        kind,
        request,
        (present) => withinLimit([...new Set([...present, ...tags])], kind),
      );
      return refusal ? refused(refusal) : json(201, { tags });
    },
    async DELETE(request) {
      const refusal = await changeTags(dependencies, kind, request, () => []);
      return refusal ? refused(refusal) : NOTHING();
    },
  };
}

/** One tag. */
export function oneTagRoutes(dependencies: WriteDependencies, kind: Tagged): Methods {
  return {
    async GET(request) {
      const found = await kind.visible(dependencies.reader, request);
      if (isRejection(found)) return refused(found);
      const tag = request.param("tag");
      return found.state.tags.includes(tag) ? NOTHING() : refused(noTag(tag));
    },
    async PUT(request) {
      const tag = request.param("tag");
      const reading = text()(tag);
      if ("problem" in reading) return refused(invalidInput(reading.problem));
      const refusal = await changeTags(
        dependencies,
        kind,
        request,
        (tags) => tags.includes(tag) ? tags : withinLimit([...tags, tag], kind),
      );
      return refusal ? refused(refusal) : new Response(null, { status: 201 });
    },
    async DELETE(request) {
      const tag = request.param("tag");
      const refusal = await changeTags(
        dependencies,
        kind,
        request,
        (tags) => tags.includes(tag) ? tags.filter((other) => other !== tag) : noTag(tag),
      );
      return refusal ? refused(refusal) : NOTHING();
    },
  };
}

/** Changes a resource's tags; gives the refusal, if any. */
async function changeTags(
  { committer }: WriteDependencies,
  kind: Tagged,
  request: FacadeRequest,
  change: (tags: readonly string[]) => readonly string[] | NeutronRejection,
): Promise<NeutronRejection | undefined> {
  return await committer.submit(request.metadata("ChangeTags"), async (unit) => {
    const before = await kind.own(unit, request);
    if (isRejection(before)) return before;
    const changed = change(before.state.tags);
    if (isRejection(changed)) return changed;
    const after = changed.toSorted();
    if (JSON.stringify(after) !== JSON.stringify(before.state.tags)) {
      await kind.write(unit, before, after);
    }
  });
}

function readTags(body: unknown, kind: Tagged): readonly string[] | NeutronRejection {
  const isTags = typeof body === "object" && body !== null && Object.hasOwn(body, "tags");
  if (!isTags) return invalidInput("Invalid tags body");
  const reading = listOfItems(text())((body as { readonly tags: unknown }).tags);
  if ("problem" in reading) return invalidInput(reading.problem);
  return "value" in reading ? withinLimit(reading.value, kind) : reading;
}

function withinLimit(tags: readonly string[], kind: Tagged): readonly string[] | NeutronRejection {
  if (tags.length <= MAX_TAGS) return tags;
  return refusal(
    "Invalid",
    "BadRequest",
    `Bad ${kind.plural} request: The number of tags exceed the per-resource limit of ${MAX_TAGS}.`,
  );
}

function noTag(tag: string): NeutronRejection {
  return refusal("NotFound", "TagNotFound", `Tag ${tag} could not be found.`);
}
