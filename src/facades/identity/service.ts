/** The embedded identity service: issues tokens, and vouches for them. */
import type { Clock } from "../../eventsourcing/clock.ts";
import type { AnyAggregate } from "../../eventsourcing/aggregate.ts";
import type { Change, Committer } from "../../eventsourcing/committer.ts";
import type { Caller, TokenChecker } from "../../http/auth.ts";
import type { EventLog } from "../../store/event_log.ts";
import type { Reader } from "../../store/query.ts";
import type { Secrets } from "../../store/secrets.ts";
import { accessRules } from "./access_rules/projection.ts";
import { applicationCredentials } from "./application_credentials/projection.ts";
import { consumers } from "./consumers/projection.ts";
import { credentials } from "./credentials/projection.ts";
import { domainConfigs } from "./domain_config/projection.ts";
import { domains } from "./domains/projection.ts";
import { endpointFilters } from "./endpoint_filters/projection.ts";
import { endpointGroups } from "./endpoint_groups/projection.ts";
import { endpoints } from "./endpoints/projection.ts";
import { groups } from "./groups/projection.ts";
import { identityProviders } from "./identity_providers/projection.ts";
import { limits } from "./limits/projection.ts";
import { mappings } from "./mappings/projection.ts";
import { policies } from "./policies/projection.ts";
import { findProject, projects } from "./projects/projection.ts";
import { regions } from "./regions/projection.ts";
import { registeredLimits } from "./registered_limits/projection.ts";
import { roles } from "./roles/projection.ts";
import { catalogServices } from "./services/projection.ts";
import { type TokenClaims, TokenSigner } from "./tokens/claims.ts";
import { resolveToken, type Token } from "./tokens/token.ts";
import { trusts } from "./trusts/projection.ts";
import { users } from "./users/projection.ts";

/** Every kind of stream the identity service has. */
export const identityAggregates: readonly AnyAggregate[] = [
  domains,
  projects,
  roles,
  users,
  groups,
  applicationCredentials,
  accessRules,
  catalogServices,
  endpoints,
  regions,
  credentials,
  registeredLimits,
  limits,
  endpointGroups,
  endpointFilters,
  domainConfigs,
  policies,
  consumers,
  trusts,
  mappings,
  identityProviders,
];

export interface IdentityOptions {
  readonly log: EventLog;
  readonly committer: Committer;
  /** 32 bytes; tokens signed with another key are unknown. */
  readonly tokenKey: Uint8Array;
  /** Seals what credentials hold. */
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Default 3,600, as Keystone's. */
  readonly tokenLifetimeSeconds?: number;
  /** New ids of users, projects and the like: 32 hex digits. */
  readonly newId?: () => string;
}

/** How many tokens are known without a look at the tables. */
const KNOWN_TOKENS = 2_000;

/**
 * Vouches for tokens it has signed, in any process that has the same log and key.
 *
 * A token is looked up once and then known, until identity data change.
 */
export class EmbeddedIdentity implements TokenChecker {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly tokenLifetimeMs: number;
  readonly newId: () => string;
  readonly #signer: TokenSigner;
  readonly #known = new Map<string, Token>();
  /** Counts the changes, so that nothing read before one is remembered after it. */
  #changes = 0;

  constructor(options: IdentityOptions) {
    this.reader = options.log.reader;
    this.committer = options.committer;
    this.secrets = options.secrets;
    this.clock = options.clock;
    this.tokenLifetimeMs = (options.tokenLifetimeSeconds ?? 3600) * 1000;
    this.newId = options.newId ?? (() => crypto.randomUUID().replaceAll("-", ""));
    this.#signer = new TokenSigner(options.tokenKey);
    this.committer.onCommit((changes) => this.#forgetAfter(changes));
  }

  /** Whether there is a project of this id. */
  async hasProject(id: string): Promise<boolean> {
    return await findProject(this.reader, id) !== undefined;
  }

  async check(token: string): Promise<Caller | undefined> {
    return (await this.validate(token))?.caller;
  }

  /**
   * What the token is worth now; undefined when it is unknown, expired or revoked.
   *
   * `graceMs`: for how long after its end it still counts, in milliseconds.
   */
  async validate(token: string, graceMs = 0): Promise<Token | undefined> {
    const known = this.#known.get(token) ?? await this.#lookUp(token);
    if (known && known.claims.expiresAt + graceMs > this.clock()) return known;
    this.#known.delete(token);
    return undefined;
  }

  /** What a token is worth, if that is at hand: it was looked up, and nothing has changed since. */
  known(token: string): Token | undefined {
    return this.#known.get(token);
  }

  /** The token that says so; undefined when its user may not have it. */
  async issue(
    claims: TokenClaims,
  ): Promise<{ readonly id: string; readonly token: Token } | undefined> {
    const token = await resolveToken(this.reader, claims);
    return token && { id: this.#signer.sign(claims), token };
  }

  async #lookUp(text: string): Promise<Token | undefined> {
    const claims = this.#signer.read(text);
    if (!claims) return undefined;
    const changesBefore = this.#changes;
    const token = await resolveToken(this.reader, claims);
    if (token && changesBefore === this.#changes) this.#remember(text, token);
    return token;
  }

  #remember(text: string, token: Token): void {
    if (this.#known.size >= KNOWN_TOKENS) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest!);
    }
    this.#known.set(text, token);
  }

  #forgetAfter(changes: readonly Change[]): void {
    if (!changes.some(({ aggregate }) => identityAggregates.includes(aggregate))) return;
    this.#changes++;
    this.#known.clear();
  }
}
