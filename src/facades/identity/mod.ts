/** The embedded identity service: Keystone v3, as far as stock clients use it. */
export { AccessRuleGate } from "./access_rules/gate.ts";
export { type CatalogService, EMBEDDED_SERVICES } from "./catalog/built_in.ts";
export { DEFAULT_DOMAIN_ID } from "./domains/decider.ts";
export { hasDomains } from "./domains/projection.ts";
export { hashPassword } from "./passwords.ts";
export { identityRoutes, type IdentityRoutesOptions } from "./routes.ts";
export { type Seed, seedIdentity, type SeedIds, seedIds } from "./seed.ts";
export { EmbeddedIdentity, identityAggregates, type IdentityOptions } from "./service.ts";
