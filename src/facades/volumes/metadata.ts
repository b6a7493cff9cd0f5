/** `…/metadata`, of volumes and of snapshots alike; cinder/api/v3/volume_metadata.py. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import { json } from "../endpoint.ts";
import { nothing, refused } from "./answers.ts";
import type { VolumeOperation, VolumeRequest } from "./endpoint.ts";
import { metadataItemSchema, metadataSchema } from "./schemas.ts";

export type Metadata = Readonly<Record<string, string>>;

type Found = Versioned<{ readonly metadata: Metadata }>;

/** What has metadata: how it is found, and changed. */
export interface WithMetadata {
  find(request: VolumeRequest): Promise<Found | Rejection>;
  /** Gives the metadata that hold from now on, or why not. */
  change(
    request: VolumeRequest,
    command: string,
    next: (before: Metadata, id: string) => Metadata | Rejection,
  ): Promise<Found | Rejection>;
  /** Says that a key is not there. */
  noKey(id: string, key: string): Rejection;
  /** For the log: `Volume`, `VolumeSnapshot`. */
  readonly noun: string;
}

/** The operations on the metadata of one kind of thing, by path and method. */
export function metadataOperations(things: WithMetadata) {
  return { all: allOf(things), one: oneOf(things) };
}

function allOf(things: WithMetadata): Record<"GET" | "POST" | "PUT", VolumeOperation> {
  return {
    async GET(request) {
      const found = await things.find(request);
      return isRejection(found) ? refused(found) : json(200, { metadata: found.state.metadata });
    },
    POST: (request) => write(request, things, "Set", (before, given) => ({ ...before, ...given })),
    PUT: (request) => write(request, things, "Replace", (_before, given) => given),
  };
}

async function write(
  request: VolumeRequest,
  things: WithMetadata,
  verb: string,
  next: (before: Metadata, given: Metadata) => Metadata,
): Promise<Response> {
  const body = await request.body(metadataSchema);
  if (body instanceof Response) return body;
  const { metadata: given } = body.value as { metadata: Metadata };
  const outcome = await things.change(
    request,
    `${verb}${things.noun}Metadata`,
    (before) => next(before, given),
  );
  return isRejection(outcome) ? refused(outcome) : json(200, { metadata: outcome.state.metadata });
}

function oneOf(things: WithMetadata): Record<"GET" | "PUT" | "DELETE", VolumeOperation> {
  return {
    async GET(request) {
      const key = request.param("key");
      const found = await things.find(request);
      if (isRejection(found)) return refused(found);
      const { metadata } = found.state;
      if (!Object.hasOwn(metadata, key)) return refused(things.noKey(found.id, key));
      return json(200, { meta: { [key]: metadata[key] } });
    },
    PUT: (request) => writeOne(request, things),
    async DELETE(request) {
      const key = request.param("key");
      const outcome = await things.change(
        request,
        `Delete${things.noun}Metadata`,
        (before, id) => without(before, key) ?? things.noKey(id, key),
      );
      return isRejection(outcome) ? refused(outcome) : nothing(200);
    },
  };
}

async function writeOne(request: VolumeRequest, things: WithMetadata): Promise<Response> {
  const key = request.param("key");
  const body = await request.body(metadataItemSchema);
  if (body instanceof Response) return body;
  const { meta } = body.value as { meta: Metadata };
  if (!Object.hasOwn(meta, key)) {
    return refused(reject("Invalid", "Request body and URI mismatch"));
  }
  if (Object.keys(meta).length > 1) {
    return refused(reject("Invalid", "Request body contains too many items"));
  }
  const outcome = await things.change(
    request,
    `Set${things.noun}Metadata`,
    (before) => ({ ...before, ...meta }),
  );
  return isRejection(outcome) ? refused(outcome) : json(200, { meta });
}

function without(metadata: Metadata, key: string): Metadata | undefined {
  if (!Object.hasOwn(metadata, key)) return undefined;
  const { [key]: _, ...others } = metadata;
  return others;
}
