/** What a request for a token looks like. Source: keystone/auth/schema.py. */
import type { JsonSchema } from "../../../http/schema.ts";
import { type Fault, fault } from "../http/faults.ts";

/** By id, or by name within a domain. */
export interface Reference {
  readonly id?: string;
  readonly name?: string;
  readonly domain?: { readonly id?: string; readonly name?: string };
}

/** The value of `auth`. */
export interface AuthRequest {
  readonly identity: {
    readonly methods: readonly string[];
    readonly password?: { readonly user?: Reference & { readonly password?: string } };
    readonly token?: { readonly id: string };
    readonly application_credential?: {
      readonly id?: string;
      readonly name?: string;
      readonly user?: Reference;
      readonly secret?: string;
    };
  };
  readonly scope?: string | ScopeRequest;
}

export interface ScopeRequest {
  readonly project?: Reference;
  readonly domain?: { readonly id?: string; readonly name?: string };
  readonly system?: object;
  readonly "OS-TRUST:trust"?: { readonly id?: string };
  readonly unscoped?: unknown;
}

const text: JsonSchema = { type: "string" };

const domain: JsonSchema = { type: "object", properties: { id: text, name: text } };

const reference: JsonSchema = { type: "object", properties: { id: text, name: text, domain } };

const user: JsonSchema = {
  type: "object",
  properties: { id: text, name: text, domain, password: text },
};

export const authSchema: JsonSchema = {
  type: "object",
  properties: {
    identity: {
      type: "object",
      properties: {
        methods: { type: "array", items: text },
        password: { type: "object", properties: { user } },
        token: { type: "object", properties: { id: text }, required: ["id"] },
        application_credential: {
          type: "object",
          properties: { id: text, name: text, secret: text, user: reference },
        },
      },
      required: ["methods"],
    },
    scope: {
      type: ["object", "string"],
      properties: {
        project: reference,
        domain,
        system: { type: "object", properties: { all: { type: "boolean" } } },
        "OS-TRUST:trust": { type: "object", properties: { id: text } },
      },
    },
  },
  required: ["identity"],
};

/** 400 where neither an id nor a name says who or what is meant. */
export function refuseNameless(auth: AuthRequest): Fault | undefined {
  const who = auth.identity.password?.user;
  const scope = typeof auth.scope === "object" ? auth.scope : undefined;
  const references: readonly (readonly [string, Reference | undefined])[] = [
    ["identity/password/user", who],
    ["identity/password/user/domain", who?.domain],
    ["scope/project", scope?.project],
    ["scope/project/domain", scope?.project?.domain],
    ["scope/domain", scope?.domain],
  ];
  const nameless = references.find(([, named]) =>
    named && named.id === undefined && named.name === undefined
  );
  return nameless &&
    fault(400, `Invalid input for field ${nameless[0]}: id or name must be present.`);
}
