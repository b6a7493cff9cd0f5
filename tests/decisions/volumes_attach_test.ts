/** Attaching and detaching volumes: what is decided, and what is refused, in Cinder's words. */
import { assertEquals } from "@std/assert";
import {
  attachVolume,
  beginDetaching,
  completeAttachment,
  connectAttachment,
  detachVolume,
  disconnectAttachment,
  removeAttachment,
  reserveAttachment,
  reserveVolume,
  rollDetaching,
  unreserveVolume,
} from "../../src/facades/volumes/volumes/decide/mod.ts";
import type { VolumeEvent } from "../../src/facades/volumes/volumes/events.ts";
import type { Volume } from "../../src/facades/volumes/volumes/state.ts";
import {
  attached,
  available,
  connected,
  givenVolume,
  inUse,
  reserved,
  reset,
} from "../kit/decision_volumes.ts";

const SHARED = { isMultiattach: true };
const NO_ATTACHMENT = "Volume attachment could not be found with filter: attachment_id = a.";

const reserveFor = (serverId: string | null) => (volume: Volume) =>
  reserveAttachment({
    type: "ReserveAttachment",
    volumeId: "v",
    attachmentId: "a",
    serverId,
    mode: "null",
    isOfCompute: true,
  }, volume);

Deno.test("ReserveAttachment keeps a free volume for a server", () => {
  const expected = [reserved("a", "s")];
  givenVolume(available()).when(reserveFor("s")).then(expected);
  givenVolume(available(), reset("downloading")).when(reserveFor("s")).then(expected);
});

Deno.test("ReserveAttachment lets several servers have a volume that is for several", () => {
  const shared = givenVolume(available(SHARED), inUse("b", "other"));
  shared.when(reserveFor("s")).then([reserved("a", "s")]);
});

Deno.test("ReserveAttachment lets a server have a volume twice that it has: it is being moved", () => {
  givenVolume(available(), inUse("b", "s")).when(reserveFor("s")).then(
    [reserved("a", "s")],
  );
  givenVolume(available(), reserved("b", "s")).when(reserveFor("s")).then(
    [reserved("a", "s")],
  );
});

Deno.test("ReserveAttachment refuses volumes that are not free, or in error", () => {
  const status = (is: string, free = "available or downloading") =>
    `Invalid volume: Volume v status must be ${free} to reserve, but the current status is ${is}.`;
  const of = (event: VolumeEvent | readonly VolumeEvent[]) => givenVolume(available(), event);
  of(inUse("b", "other")).when(reserveFor("s")).thenRefused("Invalid", status("in-use"));
  of(inUse("b", "s")).when(reserveFor(null)).thenRefused("Invalid", status("in-use"));
  of(reset("maintenance")).when(reserveFor("s")).thenRefused("Invalid", status("maintenance"));
  givenVolume(available(SHARED), reset("maintenance")).when(reserveFor("s"))
    .thenRefused("Invalid", status("maintenance", "available or in-use or downloading"));
  of(reset("error_extending")).when(reserveFor("s")).thenRefused(
    "Invalid",
    "Invalid volume: Volume attachments can not be created if the volume is in an error state. " +
      "The Volume v currently has a status of: error_extending ",
  );
});

const connect = (mode?: "ro") => (volume: Volume) =>
  connectAttachment({
    type: "ConnectAttachment",
    volumeId: "v",
    attachmentId: "a",
    host: "host-a",
    mountpoint: "/dev/vdb",
    mode,
  }, volume);

Deno.test("ConnectAttachment tells a host how to reach a volume, to write unless it says not", () => {
  const kept = givenVolume(available(), reserved("a", "s"));
  kept.when(connect()).then([connected("a")]);
  const readOnly = { ...connected("a").data, mode: "ro" } as const;
  kept.when(connect("ro")).then(
    [{ type: "VolumeAttachmentConnected", data: readOnly }],
  );
  givenVolume(available(), reserved("a", "s", { mode: "ro" })).when(connect())
    .then([{ type: "VolumeAttachmentConnected", data: readOnly }]);
});

Deno.test("ConnectAttachment refuses attachments that are gone, and volumes in error", () => {
  givenVolume(available()).when(connect()).thenRefused("NotFound", NO_ATTACHMENT);
  givenVolume(available(), reserved("a", "s"), reset("error")).when(connect()).thenRefused(
    "Conflict",
    "Resource conflict: Volume attachments can not be updated if the volume is in an error " +
      "state. The Volume v currently has a status of: error ",
  );
});

Deno.test("CompleteAttachment has a volume in use, once", () => {
  const complete = (volume: Volume) => completeAttachment("a", volume);
  const at = givenVolume(available(), reserved("a", "s"), connected("a"));
  at.when(complete).then([attached("a")]);
  givenVolume(available(), inUse("a", "s")).when(complete).thenNothing();
  givenVolume(available()).when(complete).thenRefused("NotFound", NO_ATTACHMENT);
});

Deno.test("DisconnectAttachment keeps a volume reserved that no host has any more", () => {
  const disconnect = (volume: Volume) => disconnectAttachment("a", volume);
  const event = { type: "VolumeAttachmentDisconnected", data: { attachmentId: "a" } } as const;
  givenVolume(available(), inUse("a", "s")).when(disconnect).then([event]);
  givenVolume(available(), reserved("a", "s")).when(disconnect).thenNothing();
  givenVolume(available()).when(disconnect).thenNothing();
  const { status, attachments: [one] } = givenVolume(available(), inUse("a", "s"), event).state;
  assertEquals([status, one?.status, one?.host, one?.isConnected], [
    "reserved",
    "reserved",
    null,
    false,
  ]);
  const shared = [available(SHARED), inUse("b", "other"), inUse("a", "s"), event] as const;
  assertEquals(givenVolume(...shared).state.status, "in-use");
});

Deno.test("RemoveAttachment frees a volume, but not what compute has connected", () => {
  const remove = (byCompute: boolean) => (volume: Volume) =>
    removeAttachment({ attachmentId: "a", byCompute }, volume);
  const event = { type: "VolumeAttachmentRemoved", data: { attachmentId: "a" } } as const;
  const used = givenVolume(available(), inUse("a", "s"));
  used.when(remove(true)).then([event]);
  used.when(remove(false)).thenRefused(
    "Conflict",
    "Detach volume from instance s using the Compute API",
  );
  givenVolume(available(), reserved("a", "s")).when(remove(false)).then([event]);
  const ofOthers = reserved("a", null, { isOfCompute: false });
  givenVolume(available(), ofOthers, connected("a")).when(remove(false)).then([event]);
  givenVolume(available()).when(remove(true)).thenRefused("NotFound", NO_ATTACHMENT);
  assertEquals(givenVolume(available(), inUse("a", "s"), event).state.status, "available");
});

Deno.test("ReserveVolume and UnreserveVolume are the older way to keep a volume", () => {
  const kept = { type: "VolumeReserved", data: {} } as const;
  givenVolume(available()).when(reserveVolume).then([kept]);
  givenVolume(available(SHARED), inUse("a", "s")).when(reserveVolume).then([kept]);
  givenVolume(available(), inUse("a", "s")).when(reserveVolume).thenRefused(
    "Invalid",
    "Invalid volume: Volume status must be available to reserve, but the status is in-use.",
  );
  givenVolume(available(), kept).when(unreserveVolume)
    .then([{ type: "VolumeUnreserved", data: {} }]);
  givenVolume(available()).when(unreserveVolume).thenNothing();
});

Deno.test("BeginDetaching and RollDetaching are the older way to give a volume up", () => {
  const begun = { type: "VolumeDetachBegun", data: {} } as const;
  const used = [available(), inUse("a", "s")] as const;
  givenVolume(...used).when(beginDetaching).then([begun]);
  const message =
    "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status " +
    "must be 'attached' to detach.";
  givenVolume(available()).when(beginDetaching).thenRefused("Invalid", message);
  givenVolume(...used, begun).when(beginDetaching).thenRefused("Invalid", message);
  givenVolume(...used, begun).when(rollDetaching)
    .then([{ type: "VolumeDetachRolledBack", data: {} }]);
  givenVolume(...used).when(rollDetaching).thenNothing();
});

const attach = (mode: "rw" | "ro" = "rw", serverId: string | null = "s") => (volume: Volume) =>
  attachVolume({
    type: "AttachVolume",
    volumeId: "v",
    attachmentId: "a",
    serverId,
    host: serverId === null ? "host-a" : null,
    mountpoint: "/dev/vdb",
    mode,
  }, volume);

Deno.test("AttachVolume does in one what three requests do", () => {
  const host = { attachmentId: "a", host: null, mountpoint: "/dev/vdb", mode: "rw" as const };
  givenVolume(available()).when(attach()).then([
    reserved("a", "s", { isOfCompute: false, mode: "rw" }),
    { type: "VolumeAttachmentConnected", data: host },
    attached("a"),
  ]);
  givenVolume(available(), inUse("a", "s")).when(attach()).thenNothing();
  givenVolume(available(), inUse("a", "s")).when(attach("rw", null)).thenNothing();
});

Deno.test("AttachVolume refuses volumes that are not free, and writing to what is read only", () => {
  givenVolume(available({ isReadonly: true })).when(attach())
    .thenRefused("Invalid", "Invalid attaching mode 'rw' for volume v.");
  const error = "Error attaching volume - InvalidVolume: Invalid volume: ";
  givenVolume(available(), inUse("b", "other")).when(attach()).thenRefused(
    "Invalid",
    `${error}volume is already attached and multiple attachments are not enabled`,
  );
  givenVolume(available(), reset("error")).when(attach())
    .thenRefused("Invalid", `${error}volume status is error`);
});

Deno.test("DetachVolume takes away the only attachment, or the one that is named", () => {
  const detach = (attachmentId: string | null) => (volume: Volume) =>
    detachVolume(attachmentId, volume);
  const removed = { type: "VolumeAttachmentRemoved", data: { attachmentId: "a" } } as const;
  const free = { isOfCompute: false };
  const one = [available(), reserved("a", "s", free)] as const;
  givenVolume(...one).when(detach(null)).then([removed]);
  givenVolume(...one).when(detach("a")).then([removed]);
  givenVolume(...one).when(detach("b"))
    .thenRefused("Invalid", "Invalid input received: Mismatched volume and attachment");
  const two = [available(SHARED), reserved("a", "s", free), reserved("b", "t", free)] as const;
  givenVolume(...two).when(detach(null)).thenRefused(
    "Invalid",
    "Invalid volume: Detach volume failed: More than one attachment, but no attachment_id provided.",
  );
  givenVolume(...two).when(detach("a")).then([removed]);
  givenVolume(available()).when(detach(null)).thenNothing();
  givenVolume(available(), { type: "VolumeReserved", data: {} }).when(detach(null))
    .then([{ type: "VolumeUnreserved", data: {} }]);
  givenVolume(available(), inUse("a", "s")).when(detach(null)).thenRefused(
    "Conflict",
    "Detach volume from instance s using the Compute API",
  );
});
