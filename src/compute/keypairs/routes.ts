/** /os-keypairs: list, create, show, delete; nova/api/openstack/compute/keypairs.py. */
import type { Hono } from "hono";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { decideIn, handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { fault, faultOf } from "../../http/faults.ts";
import { nextLink, pageSize } from "../../http/pages.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import { userLimitsOf } from "../quotas/projection.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import {
  type CreateKeyPair,
  createKeyPair,
  deleteKeyPair,
  type KeyPair,
  type KeyPairType,
  notFound,
} from "./decider.ts";
import { type GeneratedKey, generateKey, readKey } from "./key_material.ts";
import { countKeyPairs, findKeyPair, keyPairId, keyPairs, listKeyPairs } from "./projection.ts";
import { createSchema, keyPairQuerySchema, listQuerySchema } from "./schemas.ts";
import { viewCreated, viewKeyPair, viewListed } from "./view.ts";

export interface KeyPairsDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly settings: { readonly maxLimit: number };
}

/** Puts the key pairs' endpoints on an app. */
export function keyPairRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: KeyPairsDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const query = keyPairQuerySchema;
  app.get(
    "/os-keypairs",
    handler((request) => list(dependencies, request), { query: listQuerySchema }),
  );
  app.post(
    "/os-keypairs",
    handler((request) => create(dependencies, request), { body: createSchema }),
  );
  app.get("/os-keypairs/:name", handler((request) => show(dependencies, request), { query }));
  app.delete("/os-keypairs/:name", handler((request) => remove(dependencies, request), { query }));
}

/** Whose key pairs a request is about: from 2.10 another user's may be named. */
function ownerOf({ minor, query, caller }: NovaRequest): string {
  return minor >= 10 && query.get("user_id") || caller.userId;
}

async function list(
  { reader, settings }: KeyPairsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { caller, minor, query } = request;
  const userId = ownerOf(request);
  const refusal = refuseUnlessAllowed("os_compute_api:os-keypairs:index", caller, userId);
  if (refusal) return refusal;
  const isPaged = minor >= 35;
  const size = isPaged ? pageSize(query, settings.maxLimit) : undefined;
  const behind = isPaged ? query.getAll("marker").at(-1) : undefined;
  if (behind !== undefined && !await findKeyPair(reader, userId, behind)) {
    return fault(400, `Marker ${behind} could not be found.`);
  }
  const found = await listKeyPairs(reader, { userId, behind, size });
  const next = size === undefined
    ? undefined
    : nextLink(request.url, query, { size, ids: found.map(({ name }) => name) });
  return {
    status: 200,
    body: {
      keypairs: found.map((keyPair) => ({ keypair: viewListed(keyPair, minor) })),
      ...(next && { keypairs_links: [next] }),
    },
  };
}

async function show({ reader }: KeyPairsDependencies, request: NovaRequest): Promise<Outcome> {
  const userId = ownerOf(request);
  const name = request.param("name");
  const refusal = refuseUnlessAllowed("os_compute_api:os-keypairs:show", request.caller, userId);
  if (refusal) return refusal;
  const found = await findKeyPair(reader, userId, name);
  if (!found) return fault(404, notFound({ userId, name }));
  return { status: 200, body: { keypair: viewKeyPair(found, request.minor) } };
}

/** The body of a create; what its microversion does not have is absent. */
interface AskedKeyPair {
  readonly name: string;
  readonly public_key?: string;
  readonly type?: KeyPairType;
  readonly user_id?: string;
}

async function create(
  dependencies: KeyPairsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { keypair: asked } = request.body as { keypair: AskedKeyPair };
  const { caller, minor } = request;
  const userId = asked.user_id || caller.userId;
  const refusal = refuseUnlessAllowed("os_compute_api:os-keypairs:create", caller, userId);
  if (refusal) return refusal;
  const keyType = asked.type ?? "ssh";
  const generated = asked.public_key === undefined
    ? await generateKey(keyType, userId, new Date())
    : undefined;
  const key = generated ? publicHalf(generated) : readKey(keyType, asked.public_key!);
  const origin = generated ? "generated" : "imported";
  const type = "CreateKeyPair";
  const created = await createWithinQuota(dependencies, request, {
    ...{ type, userId, keyType, key, origin },
    name: asked.name,
  });
  if (isRejection(created)) return faultOf(created);
  const keypair = viewCreated(created.state, minor, generated?.privateKey);
  return { status: minor >= 2 ? 201 : 200, body: { keypair } };
}

/** So that the private half never comes near the log. */
function publicHalf({ publicKey, fingerprint }: GeneratedKey): CreateKeyPair["key"] {
  return { publicKey, fingerprint };
}

function createWithinQuota(
  { committer }: KeyPairsDependencies,
  request: NovaRequest,
  asked: Omit<CreateKeyPair, "owned" | "limit">,
): Promise<Versioned<KeyPair> | Rejection> {
  const { caller } = request;
  return committer.submit(metadataOf(request, asked.type), async (unit) => {
    // The limit is the caller's, as in Nova, whoever gets the key.
    const { key_pairs } = await userLimitsOf(unit, caller.projectId, caller.userId);
    const owned = await countKeyPairs(unit, asked.userId);
    const command = { ...asked, owned, limit: key_pairs };
    return await decideIn(
      unit,
      keyPairs,
      keyPairId(asked.userId, asked.name),
      (keyPair) => createKeyPair(command, keyPair),
    );
  });
}

async function remove({ committer }: KeyPairsDependencies, request: NovaRequest): Promise<Outcome> {
  const { caller, minor } = request;
  const userId = ownerOf(request);
  const name = request.param("name");
  const refusal = refuseUnlessAllowed("os_compute_api:os-keypairs:delete", caller, userId);
  if (refusal) return refusal;
  const command = { type: "DeleteKeyPair", userId, name } as const;
  const deleted = await handle(
    committer,
    keyPairs,
    keyPairId(userId, name),
    metadataOf(request, command.type),
    (keyPair) => deleteKeyPair(command, keyPair),
  );
  if (isRejection(deleted)) return faultOf(deleted);
  return { status: minor >= 2 ? 204 : 202 };
}
