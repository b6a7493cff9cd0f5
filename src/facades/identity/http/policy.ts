/** Who may do what: Keystone's rules by name, each with its default; keystone/common/policies. */
import type { Token } from "../tokens/token.ts";
import { type Fault, forbidden } from "./faults.ts";

/** What an operation is done to, as far as a rule asks. */
export interface PolicyTarget {
  /** The user it is of; of a trust, the trustor. */
  readonly userId?: string;
  readonly trusteeId?: string;
  readonly projectId?: string;
  /** The domain that what it is done to is in. */
  readonly domainId?: string;
  /** Of a grant or a membership: the domain that its user, or the grant's group, is in. */
  readonly userDomainId?: string;
  readonly roleName?: string;
  /** The domain that a grant's role is of; null: it is one of the whole cloud. */
  readonly roleDomainId?: string | null;
}

type Expression = (token: Token, target: PolicyTarget) => boolean;

const has = (role: string): Expression => (token) => token.caller.roles.has(role);

const admin = has("admin");

const systemReader: Expression = (token) =>
  token.scope?.on === "system" && token.caller.roles.has("reader");

const systemAdmin: Expression = (token) => token.scope?.on === "system" && token.caller.isAdmin;

/** With the role on the domain that the target is in. */
const onItsDomain = (role: string): Expression => (token, { domainId }) =>
  token.scope?.on === "domain" && token.scope.domain.id === domainId &&
  token.caller.roles.has(role);

/** With a token of the domain that the target is in, whatever the roles. */
const onItsDomainAtAll: Expression = ({ scope }, { domainId }) =>
  scope?.on === "domain" && scope.domain.id === domainId;

/** With the role on any domain: lists then show that domain only. */
const onSomeDomain = (role: string): Expression => (token) =>
  token.scope?.on === "domain" && token.caller.roles.has(role);

const theUser: Expression = (token, { userId }) => token.user.id === userId;

const theTrustee: Expression = (token, { trusteeId }) => token.user.id === trusteeId;

const itsProject: Expression = (token, { projectId }) =>
  token.scope?.on === "project" && token.scope.project.id === projectId;

const inItsDomain: Expression = (token, { domainId }) =>
  (token.scope?.on === "project" || token.scope?.on === "domain") &&
  token.scope.domain.id === domainId;

const sameDomains: Expression = (_token, { domainId, userDomainId }) => domainId === userDomainId;

/** The role is one of the whole cloud, or of the domain of the token. */
const roleFits: Expression = ({ scope }, { roleDomainId: of = null }) =>
  of === null || (scope?.on === "domain" && scope.domain.id === of);

const DELEGABLE: ReadonlySet<string> = new Set(["manager", "member", "reader"]);

const delegableRole: Expression = (_token, { roleName }) => DELEGABLE.has(roleName ?? "");

const anyOf = (...all: readonly Expression[]): Expression => (token, target) =>
  all.some((expression) => expression(token, target));

const allOf = (...all: readonly Expression[]): Expression => (token, target) =>
  all.every((expression) => expression(token, target));

const anyone: Expression = () => true;

const adminOrDomainManager = anyOf(admin, onItsDomain("manager"));
const adminOrSystemReader = anyOf(admin, systemReader);
const adminOrReader = anyOf(admin, systemReader, onItsDomain("reader"));
const adminOrListReader = anyOf(admin, systemReader, onSomeDomain("reader"));
const listsGrants = anyOf(admin, systemReader, allOf(onItsDomain("reader"), sameDomains));
const checksGrants = anyOf(
  admin,
  systemReader,
  allOf(onItsDomain("reader"), sameDomains, roleFits),
);
const putsIntoGroups = anyOf(admin, allOf(onItsDomain("manager"), sameDomains));
const makesGrants = anyOf(
  admin,
  allOf(onItsDomain("manager"), sameDomains, delegableRole),
);

const RULES = {
  "identity:check_token": anyOf(admin, systemReader, theUser),
  "identity:validate_token": anyOf(admin, systemReader, has("service"), theUser),
  "identity:revoke_token": anyOf(admin, theUser),
  "identity:list_users": adminOrListReader,
  "identity:get_user": anyOf(adminOrReader, theUser),
  "identity:create_user": adminOrDomainManager,
  "identity:update_user": adminOrDomainManager,
  "identity:delete_user": adminOrDomainManager,
  "identity:list_user_projects": anyOf(adminOrReader, theUser),
  "identity:list_groups_for_user": anyOf(adminOrReader, theUser),
  "identity:list_groups": adminOrListReader,
  "identity:get_group": adminOrReader,
  "identity:create_group": adminOrDomainManager,
  "identity:update_group": adminOrDomainManager,
  "identity:delete_group": adminOrDomainManager,
  "identity:list_users_in_group": adminOrReader,
  "identity:check_user_in_group": listsGrants,
  "identity:add_user_to_group": putsIntoGroups,
  "identity:remove_user_from_group": putsIntoGroups,
  "identity:list_projects": adminOrListReader,
  "identity:get_project": anyOf(adminOrReader, itsProject),
  "identity:create_project": adminOrDomainManager,
  "identity:update_project": adminOrDomainManager,
  "identity:delete_project": adminOrDomainManager,
  "identity:list_project_tags": anyOf(adminOrReader, itsProject),
  "identity:get_project_tag": anyOf(adminOrReader, itsProject),
  "identity:update_project_tags": adminOrDomainManager,
  "identity:create_project_tag": adminOrDomainManager,
  "identity:delete_project_tags": adminOrDomainManager,
  "identity:delete_project_tag": adminOrDomainManager,
  "identity:list_domains": adminOrListReader,
  "identity:get_domain": anyOf(adminOrSystemReader, inItsDomain),
  "identity:create_domain": admin,
  "identity:update_domain": admin,
  "identity:delete_domain": admin,
  "identity:list_roles": anyOf(adminOrSystemReader, onSomeDomain("manager")),
  "identity:get_role": anyOf(adminOrSystemReader, allOf(has("manager"), delegableRole)),
  "identity:create_role": admin,
  "identity:update_role": admin,
  "identity:delete_role": admin,
  "identity:list_domain_roles": adminOrSystemReader,
  "identity:get_domain_role": adminOrSystemReader,
  "identity:create_domain_role": admin,
  "identity:update_domain_role": admin,
  "identity:delete_domain_role": admin,
  "identity:list_role_inference_rules": adminOrSystemReader,
  "identity:list_implied_roles": adminOrSystemReader,
  "identity:get_implied_role": adminOrSystemReader,
  "identity:check_implied_role": adminOrSystemReader,
  "identity:create_implied_role": admin,
  "identity:delete_implied_role": admin,
  "identity:list_role_assignments": adminOrListReader,
  "identity:list_role_assignments_for_tree": adminOrListReader,
  "identity:list_grants": listsGrants,
  "identity:check_grant": checksGrants,
  "identity:create_grant": makesGrants,
  "identity:revoke_grant": makesGrants,
  "identity:list_system_grants_for_user": adminOrSystemReader,
  "identity:check_system_grant_for_user": adminOrSystemReader,
  "identity:create_system_grant_for_user": admin,
  "identity:revoke_system_grant_for_user": admin,
  "identity:list_system_grants_for_group": adminOrSystemReader,
  "identity:check_system_grant_for_group": adminOrSystemReader,
  "identity:create_system_grant_for_group": admin,
  "identity:revoke_system_grant_for_group": admin,
  "identity:list_application_credentials": anyOf(adminOrSystemReader, theUser),
  "identity:get_application_credential": anyOf(adminOrSystemReader, theUser),
  "identity:create_application_credential": theUser,
  "identity:delete_application_credential": anyOf(admin, theUser),
  "identity:list_access_rules": anyOf(systemReader, theUser),
  "identity:get_access_rule": anyOf(systemReader, theUser),
  "identity:delete_access_rule": anyOf(systemAdmin, theUser),
  "identity:list_credentials": adminOrSystemReader,
  "identity:get_credential": anyOf(adminOrSystemReader, theUser),
  "identity:create_credential": anyOf(admin, theUser),
  "identity:update_credential": anyOf(admin, theUser),
  "identity:delete_credential": anyOf(admin, theUser),
  "identity:ec2_list_credentials": anyOf(adminOrSystemReader, theUser),
  "identity:ec2_get_credential": anyOf(adminOrSystemReader, theUser),
  "identity:ec2_create_credential": anyOf(admin, allOf(has("member"), theUser)),
  "identity:ec2_delete_credential": anyOf(admin, allOf(has("member"), theUser)),
  "identity:s3tokens_validate": anyOf(admin, has("service")),
  "identity:list_registered_limits": anyone,
  "identity:get_registered_limit": anyone,
  "identity:create_registered_limits": admin,
  "identity:update_registered_limit": admin,
  "identity:delete_registered_limit": admin,
  "identity:list_limits": anyone,
  "identity:get_limit": anyOf(adminOrSystemReader, onItsDomainAtAll, itsProject),
  "identity:create_limits": admin,
  "identity:update_limit": admin,
  "identity:delete_limit": admin,
  "identity:get_domain_config": adminOrSystemReader,
  "identity:create_domain_config": admin,
  "identity:update_domain_config": admin,
  "identity:delete_domain_config": admin,
  "identity:get_security_compliance_domain_config": anyone,
  "identity:list_services": adminOrSystemReader,
  "identity:get_service": adminOrSystemReader,
  "identity:create_service": admin,
  "identity:update_service": admin,
  "identity:delete_service": admin,
  "identity:list_endpoints": adminOrSystemReader,
  "identity:get_endpoint": adminOrSystemReader,
  "identity:create_endpoint": admin,
  "identity:update_endpoint": admin,
  "identity:delete_endpoint": admin,
  "identity:list_regions": anyone,
  "identity:get_region": anyone,
  "identity:create_region": admin,
  "identity:update_region": admin,
  "identity:delete_region": admin,
  "identity:list_endpoint_groups": adminOrSystemReader,
  "identity:get_endpoint_group": adminOrSystemReader,
  "identity:create_endpoint_group": admin,
  "identity:update_endpoint_group": admin,
  "identity:delete_endpoint_group": admin,
  "identity:list_projects_associated_with_endpoint_group": adminOrSystemReader,
  "identity:list_endpoints_associated_with_endpoint_group": adminOrSystemReader,
  "identity:get_endpoint_group_in_project": adminOrSystemReader,
  "identity:list_endpoint_groups_for_project": adminOrSystemReader,
  "identity:add_endpoint_group_to_project": admin,
  "identity:remove_endpoint_group_from_project": admin,
  "identity:list_projects_for_endpoint": adminOrSystemReader,
  "identity:add_endpoint_to_project": admin,
  "identity:check_endpoint_in_project": adminOrSystemReader,
  "identity:list_endpoints_for_project": adminOrSystemReader,
  "identity:remove_endpoint_from_project": admin,
  "identity:list_policies": adminOrSystemReader,
  "identity:get_policy": adminOrSystemReader,
  "identity:create_policy": admin,
  "identity:update_policy": admin,
  "identity:delete_policy": admin,
  "identity:list_consumers": adminOrSystemReader,
  "identity:get_consumer": adminOrSystemReader,
  "identity:create_consumer": admin,
  "identity:update_consumer": admin,
  "identity:delete_consumer": admin,
  "identity:create_trust": theUser,
  "identity:list_trusts": adminOrSystemReader,
  "identity:list_trusts_for_trustor": anyOf(adminOrSystemReader, theUser),
  "identity:list_trusts_for_trustee": anyOf(adminOrSystemReader, theUser),
  "identity:get_trust": anyOf(adminOrSystemReader, theUser, theTrustee),
  "identity:list_roles_for_trust": anyOf(adminOrSystemReader, theUser, theTrustee),
  "identity:get_role_for_trust": anyOf(adminOrSystemReader, theUser, theTrustee),
  "identity:delete_trust": anyOf(admin, theUser),
  "identity:list_mappings": adminOrSystemReader,
  "identity:get_mapping": adminOrSystemReader,
  "identity:create_mapping": admin,
  "identity:update_mapping": admin,
  "identity:delete_mapping": admin,
  "identity:list_identity_providers": adminOrSystemReader,
  "identity:get_identity_provider": adminOrSystemReader,
  "identity:create_identity_provider": admin,
  "identity:update_identity_provider": admin,
  "identity:delete_identity_provider": admin,
} satisfies Record<string, Expression>;

/** A rule's name. */
export type Rule = keyof typeof RULES;

/** Whether the rule lets this token do it to this target. */
export function isAllowed(rule: Rule, token: Token, target: PolicyTarget): boolean {
  return RULES[rule](token, target);
}

/** 403 in Keystone's words unless the rule allows it. */
export function refuseUnlessAllowed(
  rule: Rule,
  token: Token,
  target: PolicyTarget = {},
): Fault | undefined {
  return isAllowed(rule, token, target) ? undefined : forbidden(rule);
}
