/** `/v3/OS-FEDERATION/identity_providers`. Source: keystone/api/os_federation.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import type { JsonSchema } from "../../../http/schema.ts";
import { createDomain, domainNotFound } from "../domains/decider.ts";
import { domains, findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { faultOf } from "../http/faults.ts";
import { type PlainKind, PlainOperations } from "../http/plain_resource.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { boolean, type Fields, idOrNull, text, textOrNull } from "../http/schema_parts.ts";
import { defined } from "../http/views.ts";
import {
  createIdentityProvider,
  deleteIdentityProvider,
  type IdentityProvider,
  type IdentityProviderEvent,
  identityProviderNotFound,
  updateIdentityProvider,
} from "./decider.ts";
import { identityProviders, takenRemoteId } from "./projection.ts";

interface ProviderBody {
  readonly description?: string | null;
  readonly enabled?: boolean;
  readonly domain_id?: string | null;
  readonly remote_ids?: readonly string[] | null;
  readonly authorization_ttl?: number | null;
}

const FIELDS: Fields = {
  enabled: boolean,
  description: textOrNull,
  authorization_ttl: { type: ["integer", "null"], minimum: 0 },
  remote_ids: { type: ["array", "null"], items: text, uniqueItems: true },
};

/** A body of these fields and no others. */
function bodyOf(properties: Fields, more: JsonSchema = {}): JsonSchema {
  const provider: JsonSchema = {
    type: "object",
    properties,
    additionalProperties: false,
    ...more,
  };
  return {
    type: "object",
    properties: { identity_provider: provider },
    required: ["identity_provider"],
    additionalProperties: false,
  };
}

const createSchema = bodyOf({ ...FIELDS, domain_id: idOrNull });

const updateSchema = bodyOf(FIELDS, { minProperties: 1 });

const PATH = "OS-FEDERATION/identity_providers";

const PROVIDER: PlainKind<IdentityProvider, IdentityProviderEvent> = {
  one: "identity_provider",
  many: "identity_providers",
  path: PATH,
  aggregate: identityProviders,
  order: "id",
  filters: ["id", "enabled"],
  rules: { list: "identity:list_identity_providers", get: "identity:get_identity_provider" },
  view: (state) => ({
    domain_id: state.domainId,
    enabled: state.enabled,
    description: state.description,
    remote_ids: state.remoteIds,
    authorization_ttl: state.authorizationTtlMinutes,
  }),
  links: (request, id) => ({ protocols: `${request.base}/${PATH}/${id}/protocols` }),
  notFound: identityProviderNotFound,
};

/** The routes under `/v3/OS-FEDERATION/identity_providers`. */
export function identityProviderRoutes(endpoints: IdentityEndpoints): Hono {
  const operations = new ProviderOperations(endpoints.service, PROVIDER);
  const routes = new Hono();
  const one = "/:idp_id";
  routes.get("/", endpoints.authenticated((request) => operations.list(request)));
  routes.get(
    one,
    endpoints.authenticated((request) => operations.show(request, request.param("idp_id"))),
  );
  routes.put(one, endpoints.authenticated((request) => operations.create(request), createSchema));
  routes.patch(one, endpoints.authenticated((request) => operations.update(request), updateSchema));
  routes.delete(one, endpoints.authenticated((request) => operations.remove(request)));
  return routes;
}

class ProviderOperations extends PlainOperations<IdentityProvider, IdentityProviderEvent> {
  /** With a domain of its own, unless the body names one. */
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("idp_id");
    const sent = request.body["identity_provider"] as ProviderBody;
    const refusal = refuseUnlessAllowed("identity:create_identity_provider", request.token);
    if (refusal) return refusal;
    const facts = {
      description: sent.description ?? null,
      enabled: sent.enabled ?? false,
      remoteIds: [...sent.remote_ids ?? []].sort(),
      authorizationTtlMinutes: sent.authorization_ttl ?? null,
    };
    const outcome = await this.service.committer.submit(
      request.metadata("CreateIdentityProvider"),
      async (unit): Promise<Versioned<IdentityProvider> | Rejection> => {
        const domainId = await this.#domainFor(unit, id, sent.domain_id ?? undefined);
        if (isRejection(domainId)) return domainId;
        const command = {
          type: "CreateIdentityProvider",
          id,
          provider: { domainId, ...facts },
          takenRemoteId: await takenRemoteId(unit, id, facts.remoteIds),
        } as const;
        return await decideIn(
          unit,
          identityProviders,
          id,
          (state) => createIdentityProvider(command, state),
        );
      },
    );
    return isRejection(outcome) ? faultOf(outcome) : this.answer(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("idp_id");
    const sent = request.body["identity_provider"] as ProviderBody;
    const refusal = refuseUnlessAllowed("identity:update_identity_provider", request.token);
    if (refusal) return refusal;
    const { description, enabled, authorization_ttl: authorizationTtlMinutes } = sent;
    const remoteIds = sent.remote_ids === undefined ? undefined : [...sent.remote_ids ?? []].sort();
    const changes = defined({ description, enabled, remoteIds, authorizationTtlMinutes });
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateIdentityProvider"),
      async (unit) => {
        const taken = await takenRemoteId(unit, id, remoteIds ?? []);
        const command = {
          type: "UpdateIdentityProvider",
          id,
          changes,
          takenRemoteId: taken,
        } as const;
        return await decideIn(
          unit,
          identityProviders,
          id,
          (state) => updateIdentityProvider(command, state),
        );
      },
    );
    return isRejection(outcome) ? faultOf(outcome) : this.answer(request, 200, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("idp_id");
    return await this.change(request, {
      rule: "identity:delete_identity_provider",
      command: "DeleteIdentityProvider",
      id,
      status: 204,
      decide: (state) => deleteIdentityProvider({ type: "DeleteIdentityProvider", id }, state),
    });
  }

  /** The domain named, which must be there, or one that is made for the provider. */
  async #domainFor(
    unit: UnitOfWork,
    providerId: string,
    wanted: string | undefined,
  ): Promise<string | Rejection> {
    if (wanted !== undefined) {
      return await findDomain(unit, wanted) ? wanted : domainNotFound(wanted);
    }
    const id = this.service.newId();
    const description = `Auto generated federated domain for Identity Provider: ${providerId}`;
    const domain = { name: id, description, enabled: true };
    const command = { type: "CreateDomain", id, domain } as const;
    const made = await decideIn(unit, domains, id, (state) => createDomain(command, state));
    return isRejection(made) ? made : id;
  }
}
