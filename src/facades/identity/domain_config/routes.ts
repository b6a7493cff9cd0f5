/** `/v3/domains/{domain_id}/config`. Source: keystone/api/domains.py, DomainConfigBase. */
import { Hono } from "hono";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { type Decision, isRejection } from "../../../eventsourcing/decider.ts";
import { DEFAULT_DOMAIN_ID, domainNotFound } from "../domains/decider.ts";
import { findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type Fault, faultOf } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { object } from "../http/schema_parts.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  type ConfigOption,
  deleteDomainConfig,
  type DomainConfig,
  type DomainConfigEvent,
  domainConfigNotFound,
  replaceDomainConfig,
  shownConfig,
  updateDomainConfig,
} from "./decider.ts";
import {
  type Config,
  invalidConfig,
  isSensitive,
  type Part,
  refuseBadConfig,
  refuseOtherParts,
  refuseUnsupported,
} from "./options.ts";
import { domainConfigOf, domainConfigs } from "./projection.ts";

const schema = { type: "object", properties: { config: object } } as const;

/** The routes of domains' configuration, under `/v3/domains`. */
export function domainConfigRoutes(endpoints: IdentityEndpoints): Hono {
  const configs = new ConfigOperations(endpoints.service);
  const routes = new Hono();
  const all = "/:domain_id/config";
  routes.put(all, endpoints.authenticated((request) => configs.replace(request), schema));
  for (const path of [all, `${all}/:group`, `${all}/:group/:option`]) {
    routes.get(path, endpoints.authenticated((request) => configs.show(request)));
    routes.patch(path, endpoints.authenticated((request) => configs.update(request), schema));
    routes.delete(path, endpoints.authenticated((request) => configs.remove(request)));
  }
  return routes;
}

class ConfigOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const part = partOf(request);
    if (part.group === "security_compliance") return await this.#showCompliance(request, part);
    const refusal = await this.#refuse(request, "identity:get_domain_config");
    if (refusal) return refusal;
    const unsupported = refuseUnsupported(part);
    return unsupported ? faultOf(unsupported) : await this.#shown(request, part);
  }

  /** Gives the domain this configuration in place of what it had. */
  async replace(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = await this.#refuse(request, "identity:create_domain_config");
    if (refusal) return refusal;
    const config = configOf(request);
    const bad = refuseBadConfig(config);
    if (bad) return faultOf(bad);
    const hadNone = (await this.#configOf(request)).options.length === 0;
    const command = { type: "ReplaceDomainConfig", options: this.#optionsOf(config) } as const;
    const fault = await this.#change(
      request,
      command.type,
      (state) => replaceDomainConfig(command, state),
    );
    if (fault) return fault;
    const shown = shownConfig(await this.#configOf(request), {}) ?? {};
    return { status: hadNone ? 201 : 200, body: { config: shown } };
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = await this.#refuse(request, "identity:update_domain_config");
    if (refusal) return refusal;
    const part = partOf(request);
    const sent = configOf(request);
    // Of one option, the body is that option alone.
    const config: Config = part.group && part.option ? { [part.group]: sent } : sent;
    const bad = refuseBadConfig(config) ?? refuseUnsupported(part) ??
      refuseOtherParts(config, part);
    if (bad) return faultOf(bad);
    const domainId = request.param("domain_id");
    const options = this.#optionsOf(config);
    const command = { type: "UpdateDomainConfig", domainId, options, part } as const;
    return await this.#change(
      request,
      command.type,
      (state) => updateDomainConfig(command, state),
    ) ?? await this.#shown(request, {});
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = await this.#refuse(request, "identity:delete_domain_config");
    if (refusal) return refusal;
    const part = partOf(request);
    const unsupported = refuseUnsupported(part);
    if (unsupported) return faultOf(unsupported);
    const domainId = request.param("domain_id");
    const command = { type: "DeleteDomainConfig", domainId, part } as const;
    return await this.#change(
      request,
      command.type,
      (state) => deleteDomainConfig(command, state),
    ) ?? { status: 204 };
  }

  /** What passwords must be like: anything. Only the default domain tells. */
  async #showCompliance(request: AuthenticatedRequest, { option }: Part): Promise<Outcome> {
    const rule = "identity:get_security_compliance_domain_config";
    const refusal = await this.#refuse(request, rule);
    if (refusal) return refusal;
    const all = { password_regex: null, password_regex_description: null };
    if (request.param("domain_id") !== DEFAULT_DOMAIN_ID) {
      return faultOf(invalidConfig(
        "Reading security compliance information for any domain other than the default domain " +
          "is not allowed or supported.",
      ));
    }
    if (option && !Object.hasOwn(all, option)) {
      return faultOf(invalidConfig(
        "Reading security compliance values other than password_regex and " +
          "password_regex_description is not allowed.",
      ));
    }
    const config = option ? { [option]: null } : { security_compliance: all };
    return { status: 200, body: { config } };
  }

  /** 403 unless the rule allows it, 404 for a domain that is not there. */
  async #refuse(request: AuthenticatedRequest, rule: Rule): Promise<Fault | undefined> {
    const id = request.param("domain_id");
    return refuseUnlessAllowed(rule, request.token) ??
      (await findDomain(this.service.reader, id) ? undefined : faultOf(domainNotFound(id)));
  }

  #configOf(request: AuthenticatedRequest): Promise<DomainConfig> {
    return domainConfigOf(this.service.reader, request.param("domain_id"));
  }

  async #shown(request: AuthenticatedRequest, part: Part): Promise<Outcome> {
    const config = shownConfig(await this.#configOf(request), part);
    if (config) return { status: 200, body: { config } };
    return faultOf(domainConfigNotFound(request.param("domain_id"), part));
  }

  #optionsOf(config: Config): readonly ConfigOption[] {
    const { secrets } = this.service;
    return Object.entries(config).flatMap(([group, options]) =>
      Object.entries(options).map(([option, value]) =>
        isSensitive(group, option)
          ? { group, option, sealed: secrets.seal(JSON.stringify(value)) }
          : { group, option, value }
      )
    );
  }

  /** Records a change; what it gives is why there is none. */
  async #change(
    request: AuthenticatedRequest,
    command: string,
    decide: (state: DomainConfig) => Decision<DomainConfigEvent>,
  ): Promise<Fault | undefined> {
    const id = request.param("domain_id");
    const outcome = await this.service.committer.submit(request.metadata(command), async (unit) => {
      if (!await findDomain(unit, id)) return domainNotFound(id);
      return await decideIn(unit, domainConfigs, id, decide);
    });
    return isRejection(outcome) ? faultOf(outcome) : undefined;
  }
}

function partOf(request: AuthenticatedRequest): Part {
  const [group, option] = [request.param("group"), request.param("option")];
  return { ...(group && { group }), ...(option && { option }) };
}

function configOf(request: AuthenticatedRequest): Config {
  return (request.body["config"] ?? {}) as Config;
}
