/** `/v3/domains`. Source: keystone/api/domains.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeDomain } from "../cascade.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { fault, faultOf } from "../http/faults.ts";
import { answerList, ownDomainFilter } from "../http/lists.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import {
  boolean,
  createBody,
  immutableOption,
  nameUpTo,
  tags,
  textOrNull,
  updateBody,
} from "../http/schema_parts.ts";
import { defined, idMatches } from "../http/views.ts";
import { type Options, withoutNulls } from "../options.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { recordDomainChanges, recordNewDomain } from "./changes.ts";
import { type Domain, domainNotFound } from "./decider.ts";
import { findDomain, listDomains } from "./projection.ts";
import { domainView } from "./view.ts";

interface DomainBody {
  readonly id?: unknown;
  readonly explicit_domain_id?: string;
  readonly name?: string;
  readonly description?: string | null;
  readonly enabled?: boolean;
  readonly tags?: readonly string[];
  readonly options?: Options;
}

const FIELDS = {
  name: nameUpTo(64),
  description: textOrNull,
  enabled: boolean,
  tags,
  options: immutableOption,
};

const CREATE_FIELDS = { ...FIELDS, explicit_domain_id: { type: "string" } } as const;

const createSchema = createBody("domain", CREATE_FIELDS);

const updateSchema = updateBody("domain", FIELDS);

/** The routes under `/v3/domains`. */
export function domainRoutes(endpoints: IdentityEndpoints): Hono {
  const domains = new DomainOperations(endpoints.service);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => domains.list(request)));
  routes.post("/", endpoints.authenticated((request) => domains.create(request), createSchema));
  routes.get("/:domain_id", endpoints.authenticated((request) => domains.show(request)));
  routes.patch(
    "/:domain_id",
    endpoints.authenticated((request) => domains.update(request), updateSchema),
  );
  routes.delete("/:domain_id", endpoints.authenticated((request) => domains.remove(request)));
  return routes;
}

class DomainOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    return refuseUnlessAllowed("identity:list_domains", request.token) ??
      await answerList(request, "domains", {
        filters: ["enabled", "name"],
        fixed: ownDomainFilter(request, "id"),
        find: (query) => listDomains(reader, query),
        has: (id) => findDomain(reader, id),
        view: (domain) => domainView(request, domain),
      });
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("domain_id");
    const domain = await findDomain(this.service.reader, id);
    return refuseUnlessAllowed("identity:get_domain", request.token, { domainId: domain?.id }) ??
      shown(request, 200, domain ?? domainNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:create_domain", request.token);
    if (refusal) return refusal;
    const { domain } = request.body as { domain: DomainBody };
    const id = domain.explicit_domain_id ?? this.service.newId();
    if (!/^[0-9a-f]{32}$/.test(id)) {
      return fault(400, "Domain ID does not conform to required UUID format.");
    }
    const name = domain.name!.trim();
    const facts = {
      name,
      description: domain.description ?? "",
      enabled: domain.enabled ?? true,
      ...defined({
        tags: domain.tags,
        options: domain.options && withoutNulls(domain.options),
        extra: newExtrasOf(domain, CREATE_FIELDS),
      }),
    };
    const metadata = request.metadata("CreateDomain");
    const outcome = await recordNewDomain(this.service, metadata, id, facts);
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:update_domain", request.token);
    if (refusal) return refusal;
    const id = request.param("domain_id");
    const { domain } = request.body as { domain: DomainBody };
    if (!idMatches(domain.id, id)) return fault(400, "Cannot change ID");
    const { description, enabled, tags, options } = domain;
    const name = domain.name?.trim();
    const changes = defined({
      name,
      description: description === null ? "" : description,
      ...{ enabled, tags, options },
      extra: extrasOf(domain, FIELDS),
    });
    const metadata = request.metadata("UpdateDomain");
    const outcome = await recordDomainChanges(this.service, metadata, id, changes);
    return shown(request, 200, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:delete_domain", request.token);
    if (refusal) return refusal;
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteDomain"),
      (unit) => removeDomain(unit, request.param("domain_id")),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }
}

function shown(
  request: AuthenticatedRequest,
  status: number,
  outcome: Versioned<Domain> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { domain: domainView(request, outcome) } };
}
