/** Replies about one server that is asked for everything, at every microversion. */
import type { Answered } from "../../../kit/cloud.ts";
import type { HeldMoves } from "../../../kit/held_moves.ts";
import type { Json } from "../../../kit/samples.ts";
import { RESIZE } from "../actions.ts";
import { bringUp, hostOf, takeDown } from "../moves.ts";
import { volumeOf } from "../volumes.ts";
import type { Asking } from "./asking.ts";

const COMMON = "servers server_actions_common_schema";

/** Asks as an administrator, waits until nothing moves. */
async function act(asking: Asking, id: string, schema: string, body: Json): Promise<Answered> {
  const path = `/v2.1/servers/${id}/action`;
  const answered = await asking.reply(schema, "padmin", "POST", path, body);
  await asking.cloud.cloud.settled();
  return answered;
}

export async function actionReplies(asking: Asking, id: string): Promise<void> {
  const { cloud } = asking;
  await act(asking, id, "images create_image", { createImage: { name: "image" } });
  await act(asking, id, "servers create_backup", {
    createBackup: { name: "backup", backup_type: "daily", rotation: 1 },
  });
  await act(asking, id, "servers rescue_server_with_admin_pass", { rescue: null });
  await act(asking, id, COMMON, { unrescue: null });
  const rebuild = { imageRef: await cloud.imageId() };
  await act(asking, id, "servers rebuild_server_with_admin_pass", { rebuild });
  // Each server begins with flavor 1.
  await act(asking, id, COMMON, RESIZE);
  await act(asking, id, "servers server_actions_confirm_resize", { confirmResize: null });
}

export async function factReplies(asking: Asking, id: string): Promise<void> {
  const { minor } = asking;
  const path = `/v2.1/servers/${id}`;
  await act(asking, id, "servers get_console_output", { "os-getConsoleOutput": {} });
  await asking.reply("servers show_password", "member", "GET", `${path}/os-server-password`);
  const forget = "servers server_actions_delete_password";
  await asking.reply(forget, "member", "DELETE", `${path}/os-server-password`);
  await asking.reply("servers show_server_diagnostics", "admin", "GET", `${path}/diagnostics`);
  if (minor >= 97) {
    await asking.reply("servers list_share_attachments", "member", "GET", `${path}/shares`);
  }
}

export async function historyReplies(asking: Asking, id: string): Promise<void> {
  const path = `/v2.1/servers/${id}/os-instance-actions`;
  for (const as of ["padmin", "member"] as const) {
    const { json } = await asking.reply("servers list_instance_actions", as, "GET", path);
    const [{ request_id }] = json.instanceActions;
    const one = `${path}/${request_id}`;
    await asking.reply("servers show_instance_action", as, "GET", one);
  }
  const all = `/v2.1/os-migrations?instance_uuid=${id}`;
  await asking.reply("migrations list_migrations", "admin", "GET", all);
}

/** Actions up to 2.5; then a path; what its token opens is told of other consoles since 2.99. */
export async function consoleReplies(asking: Asking, id: string): Promise<void> {
  const { minor } = asking;
  if (minor < 6) {
    const body = { "os-getVNCConsole": { type: "novnc" } };
    await act(asking, id, "servers get_vnc_console", body);
    return;
  }
  const { json } = await asking.reply(
    "servers get_remote_consoles",
    "member",
    "POST",
    `/v2.1/servers/${id}/remote-consoles`,
    { remote_console: { protocol: "serial", type: "serial" } },
  );
  if (minor < 99) return;
  const token = new URL(json.remote_console.url).searchParams.get("token");
  const path = `/v2.1/os-console-auth-tokens/${token}`;
  await asking.reply("servers console_auth_tokens", "admin", "GET", path);
}

/** Since 2.101 an attach is answered with 202, and nothing to hold against a schema. */
export async function volumeReplies(asking: Asking, id: string): Promise<void> {
  const { cloud, minor } = asking;
  const path = `/v2.1/servers/${id}/os-volume_attachments`;
  const volumeId = await volumeOf(cloud);
  const body = { volumeAttachment: { volumeId } };
  if (minor < 101) await asking.reply("servers attach_volume", "member", "POST", path, body);
  else await asking.ask("member", "POST", path, body);
  await cloud.cloud.settled();
  const one = `${path}/${volumeId}`;
  await asking.reply("servers show_volume_attachment", "member", "GET", one);
  await asking.reply("servers list_volume_attachments", "member", "GET", path);
  if (minor >= 85) {
    const kept = { volumeAttachment: { volumeId, delete_on_termination: false } };
    await asking.reply("servers update_attached_volume", "padmin", "PUT", one, kept);
  }
  await asking.reply("servers detach_volume", "member", "DELETE", one);
  await cloud.cloud.settled();
  await cloud.ask("member", "DELETE", `/volume/v3/volumes/${volumeId}`);
}

/** While one is under way. */
export async function liveMigrationReplies(
  asking: Asking,
  id: string,
  moves: HeldMoves,
): Promise<void> {
  const { cloud } = asking;
  const live = { "os-migrateLive": { host: null, block_migration: "auto" } };
  await cloud.ask("padmin", "POST", `/v2.1/servers/${id}/action`, { mv: "2.90", body: live });
  await moves.begun;
  if (asking.minor >= 23) {
    const path = `/v2.1/servers/${id}/migrations`;
    await asking.reply("servers list_live_migrations", "admin", "GET", path);
    await asking.reply("migrations list_migrations", "admin", "GET", "/v2.1/os-migrations");
  }
  moves.goOn();
  await cloud.cloud.settled();
}

/** Up to 2.13 a password is answered with. */
export async function evacuationReplies(asking: Asking, id: string): Promise<void> {
  const { cloud, minor } = asking;
  const host = await hostOf(cloud, id);
  await takeDown(cloud, host);
  const path = `/v2.1/servers/${id}/action`;
  const [schema, evacuate] = minor < 14
    ? ["servers evacuate_server_with_admin_pass", { onSharedStorage: false }]
    : ["servers evacuate_server", {}];
  await asking.reply(schema as string, "padmin", "POST", path, { evacuate });
  await bringUp(cloud, host);
}

export async function deleteReplies(asking: Asking, id: string): Promise<void> {
  await asking.reply("servers delete_server", "member", "DELETE", `/v2.1/servers/${id}`);
  await asking.cloud.cloud.settled();
}
