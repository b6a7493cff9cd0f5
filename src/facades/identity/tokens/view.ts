/** A token as Keystone's JSON. Source: keystone/common/render_token.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { timestampOf } from "../../../eventsourcing/clock.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import type { Scope, Token } from "./token.ts";

/** The body of an answer about a token; unscoped tokens have no catalog. */
export function tokenView(token: Token, catalog: readonly CatalogEntry[] | undefined): object {
  const { claims, user, userDomain, scope, roles, credential, trust } = token;
  return {
    token: {
      methods: claims.methods,
      user: {
        domain: reference(userDomain),
        id: user.id,
        name: user.state.name,
        password_expires_at: null,
      },
      audit_ids: claims.auditIds,
      expires_at: timestampOf(claims.expiresAt * 1000),
      issued_at: timestampOf(claims.issuedAt * 1000),
      ...(scope && { ...scopeView(scope), roles }),
      ...(scope && catalog && { catalog }),
      ...(trust && {
        "OS-TRUST:trust": {
          id: trust.id,
          trustor_user: { id: trust.state.trustorId },
          trustee_user: { id: trust.state.trusteeId },
          impersonation: trust.state.impersonation,
        },
      }),
      ...(credential && {
        application_credential: {
          ...reference(credential),
          restricted: !credential.state.unrestricted,
          ...(credential.state.accessRules.length > 0 && {
            access_rules: credential.state.accessRules,
          }),
        },
      }),
    },
  };
}

function scopeView(scope: Scope): object {
  switch (scope.on) {
    case "project":
      return {
        project: { domain: reference(scope.domain), ...reference(scope.project) },
        is_domain: false,
      };
    case "domain":
      return { domain: reference(scope.domain) };
    case "system":
      return { system: { all: true } };
  }
}

function reference(named: Versioned<{ readonly name: string }>): { id: string; name: string } {
  return { id: named.id, name: named.state.name };
}
