/**
 * Every status of a server, and every task on the way to it, as a client sees them that asks often
 * enough: before each commit that changes a server, and once nothing moves.
 */
import { assert, assertEquals } from "@std/assert";
import { servers } from "../../src/compute/servers/aggregate.ts";
import type { Settings } from "../../src/config.ts";
import { type TestCloud, withCloud } from "../kit/cloud.ts";

/** api-ref, "Server status". */
const EVERY_STATUS = [
  "ACTIVE",
  "BUILD",
  "DELETED",
  "ERROR",
  "HARD_REBOOT",
  "MIGRATING",
  "PASSWORD",
  "PAUSED",
  "REBOOT",
  "REBUILD",
  "RESCUE",
  "RESIZE",
  "REVERT_RESIZE",
  "SHELVED",
  "SHELVED_OFFLOADED",
  "SHUTOFF",
  "SOFT_DELETED",
  "SUSPENDED",
  "UNKNOWN",
  "VERIFY_RESIZE",
] as const;

/** What a client does: an action, or another request. */
type Step =
  | { readonly action: string; readonly value?: unknown }
  | "create"
  | "create too large"
  | "rebuild"
  | "delete"
  | "lose its host"
  | "lose the cell"
  | "reach the cell";

interface Journey {
  readonly steps: readonly Step[];
  readonly settings?: Partial<Settings>;
  /** What is seen of the last step: status, vm_state, task_state and power_state. */
  readonly seen: readonly string[];
}

const action = (action: string, value: unknown = null): Step => ({ action, value });
const BIGGER = { flavorRef: "2" };
const LIVE = { host: null, block_migration: "auto" };
const BACKUP = { name: "x", backup_type: "daily", rotation: 1 };

/** Shelved servers stay on their hosts. */
const KEPT: Partial<Settings> = { shelvedOffloadSeconds: -1 };
/** Deleted servers can be restored. */
const RECLAIMED: Partial<Settings> = { reclaimInstanceSeconds: 3600 };

const JOURNEYS: Readonly<Record<string, Journey>> = {
  "create": {
    steps: ["create"],
    seen: [
      "BUILD building scheduling 0",
      "BUILD building networking 0",
      "BUILD building block_device_mapping 0",
      "BUILD building spawning 0",
      "ACTIVE active - 1",
    ],
  },
  "create, where no host has the room": {
    steps: ["create too large"],
    settings: { simulatedHostRamMib: 4096 },
    seen: [
      "BUILD building scheduling 0",
      "ERROR error - 0",
    ],
  },
  "stop": {
    steps: ["create", action("os-stop")],
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active powering-off 1",
      "SHUTOFF stopped - 4",
    ],
  },
  "start": {
    steps: ["create", action("os-stop"), action("os-start")],
    seen: [
      "SHUTOFF stopped - 4",
      "SHUTOFF stopped powering-on 4",
      "ACTIVE active - 1",
    ],
  },
  "soft reboot": {
    steps: ["create", action("reboot", { type: "SOFT" })],
    seen: [
      "ACTIVE active - 1",
      "REBOOT active rebooting 1",
      "REBOOT active reboot_pending 1",
      "REBOOT active reboot_started 1",
      "ACTIVE active - 1",
    ],
  },
  "hard reboot": {
    steps: ["create", action("reboot", { type: "HARD" })],
    seen: [
      "ACTIVE active - 1",
      "HARD_REBOOT active rebooting_hard 1",
      "HARD_REBOOT active reboot_pending_hard 1",
      "HARD_REBOOT active reboot_started_hard 1",
      "ACTIVE active - 1",
    ],
  },
  "pause": {
    steps: ["create", action("pause")],
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active pausing 1",
      "PAUSED paused - 3",
    ],
  },
  "unpause": {
    steps: ["create", action("pause"), action("unpause")],
    seen: [
      "PAUSED paused - 3",
      "PAUSED paused unpausing 3",
      "ACTIVE active - 1",
    ],
  },
  "suspend": {
    steps: ["create", action("suspend")],
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active suspending 1",
      "SUSPENDED suspended - 7",
    ],
  },
  "resume": {
    steps: ["create", action("suspend"), action("resume")],
    seen: [
      "SUSPENDED suspended - 7",
      "SUSPENDED suspended resuming 7",
      "ACTIVE active - 1",
    ],
  },
  "change password": {
    steps: ["create", action("changePassword", { adminPass: "x" })],
    seen: [
      "ACTIVE active - 1",
      "PASSWORD active updating_password 1",
      "ACTIVE active - 1",
    ],
  },
  "rescue": {
    steps: ["create", action("rescue")],
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active rescuing 1",
      "RESCUE rescued - 1",
    ],
  },
  "unrescue": {
    steps: ["create", action("rescue"), action("unrescue")],
    seen: [
      "RESCUE rescued - 1",
      "RESCUE rescued unrescuing 1",
      "ACTIVE active - 1",
    ],
  },
  "rebuild": {
    steps: ["create", "rebuild"],
    seen: [
      "ACTIVE active - 1",
      "REBUILD active rebuilding 1",
      "REBUILD active rebuild_block_device_mapping 1",
      "REBUILD active rebuild_spawning 1",
      "ACTIVE active - 1",
    ],
  },
  "rebuild stopped": {
    steps: ["create", action("os-stop"), "rebuild"],
    seen: [
      "SHUTOFF stopped - 4",
      "REBUILD stopped rebuilding 4",
      "REBUILD stopped rebuild_block_device_mapping 4",
      "REBUILD stopped rebuild_spawning 4",
      "SHUTOFF stopped powering-off 4",
      "SHUTOFF stopped - 4",
    ],
  },
  "create image": {
    steps: ["create", action("createImage", { name: "x" })],
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active image_snapshot_pending 1",
      "ACTIVE active image_snapshot 1",
      "ACTIVE active image_pending_upload 1",
      "ACTIVE active image_uploading 1",
      "ACTIVE active - 1",
    ],
  },
  "create backup": {
    steps: ["create", action("createBackup", BACKUP)],
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active image_backup 1",
      "ACTIVE active image_pending_upload 1",
      "ACTIVE active image_uploading 1",
      "ACTIVE active - 1",
    ],
  },
  "shelve": {
    steps: ["create", action("shelve")],
    settings: KEPT,
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active shelving 1",
      "ACTIVE active shelving_image_pending_upload 1",
      "ACTIVE active shelving_image_uploading 1",
      "SHELVED shelved - 4",
    ],
  },
  "shelve offload": {
    steps: ["create", action("shelve"), action("shelveOffload")],
    settings: KEPT,
    seen: [
      "SHELVED shelved - 4",
      "SHELVED shelved shelving_offloading 4",
      "SHELVED_OFFLOADED shelved_offloaded - 4",
    ],
  },
  "unshelve": {
    steps: ["create", action("shelve"), action("unshelve")],
    settings: KEPT,
    seen: [
      "SHELVED shelved - 4",
      "SHELVED shelved unshelving 4",
      "SHELVED shelved powering-on 4",
      "ACTIVE active - 1",
    ],
  },
  "shelve and offload": {
    steps: ["create", action("shelve")],
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active shelving 1",
      "ACTIVE active shelving_image_pending_upload 1",
      "ACTIVE active shelving_image_uploading 1",
      "SHELVED shelved shelving_offloading 4",
      "SHELVED_OFFLOADED shelved_offloaded - 4",
    ],
  },
  "unshelve offloaded": {
    steps: ["create", action("shelve"), action("unshelve")],
    seen: [
      "SHELVED_OFFLOADED shelved_offloaded - 4",
      "SHELVED_OFFLOADED shelved_offloaded unshelving 4",
      "SHELVED_OFFLOADED shelved_offloaded spawning 4",
      "ACTIVE active - 1",
    ],
  },
  "resize": {
    steps: ["create", action("resize", BIGGER)],
    seen: [
      "ACTIVE active - 1",
      "RESIZE active resize_prep 1",
      "RESIZE active resize_migrating 1",
      "RESIZE active resize_migrated 1",
      "RESIZE active resize_finish 1",
      "VERIFY_RESIZE resized - 1",
    ],
  },
  "confirm": {
    steps: ["create", action("resize", BIGGER), action("confirmResize")],
    seen: [
      "VERIFY_RESIZE resized - 1",
      "ACTIVE active - 1",
    ],
  },
  "revert": {
    steps: ["create", action("resize", BIGGER), action("revertResize")],
    seen: [
      "VERIFY_RESIZE resized - 1",
      "REVERT_RESIZE resized resize_reverting 1",
      "ACTIVE active - 1",
    ],
  },
  "resize stopped": {
    steps: ["create", action("os-stop"), action("resize", BIGGER)],
    seen: [
      "SHUTOFF stopped - 4",
      "RESIZE stopped resize_prep 4",
      "RESIZE stopped resize_migrating 4",
      "RESIZE stopped resize_migrated 4",
      "RESIZE stopped resize_finish 4",
      "VERIFY_RESIZE resized - 4",
    ],
  },
  "revert stopped": {
    steps: ["create", action("os-stop"), action("resize", BIGGER), action("revertResize")],
    seen: [
      "VERIFY_RESIZE resized - 4",
      "REVERT_RESIZE resized resize_reverting 4",
      "VERIFY_RESIZE resized powering-off 4",
      "SHUTOFF stopped - 4",
    ],
  },
  "migrate": {
    steps: ["create", action("migrate")],
    seen: [
      "ACTIVE active - 1",
      "RESIZE active resize_prep 1",
      "RESIZE active resize_migrating 1",
      "RESIZE active resize_migrated 1",
      "RESIZE active resize_finish 1",
      "VERIFY_RESIZE resized - 1",
    ],
  },
  "live migrate": {
    steps: ["create", action("os-migrateLive", LIVE)],
    seen: [
      "ACTIVE active - 1",
      "MIGRATING active migrating 1",
      "ACTIVE active - 1",
    ],
  },
  "live migrate paused": {
    steps: ["create", action("pause"), action("os-migrateLive", LIVE)],
    seen: [
      "PAUSED paused - 3",
      "MIGRATING paused migrating 3",
      "PAUSED paused - 3",
    ],
  },
  "evacuate": {
    steps: ["create", "lose its host", action("evacuate", {})],
    seen: [
      "ACTIVE active - 1",
      "REBUILD active rebuilding 1",
      "REBUILD active rebuild_block_device_mapping 1",
      "REBUILD active rebuild_spawning 1",
      "ACTIVE active - 1",
    ],
  },
  "lose its cell": {
    steps: ["create", "lose the cell"],
    seen: ["UNKNOWN - - 0"],
  },
  "reach its cell again": {
    steps: ["create", "lose the cell", "reach the cell"],
    seen: ["ACTIVE active - 1"],
  },
  "reset state": {
    steps: ["create", action("os-resetState", { state: "error" })],
    seen: [
      "ACTIVE active - 1",
      "ERROR error - 1",
    ],
  },
  "delete": {
    steps: ["create", "delete"],
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active deleting 1",
      "DELETED deleted - 0",
    ],
  },
  "soft delete": {
    steps: ["create", "delete"],
    settings: RECLAIMED,
    seen: [
      "ACTIVE active - 1",
      "ACTIVE active soft-deleting 1",
      "SOFT_DELETED soft-delete - 4",
    ],
  },
  "restore": {
    steps: ["create", "delete", action("restore")],
    settings: RECLAIMED,
    seen: [
      "SOFT_DELETED soft-delete - 4",
      "SOFT_DELETED soft-delete restoring 4",
      "ACTIVE active - 1",
    ],
  },
  "force delete": {
    steps: ["create", "delete", action("forceDelete")],
    settings: RECLAIMED,
    seen: [
      "SOFT_DELETED soft-delete - 4",
      "SOFT_DELETED soft-delete deleting 4",
      "DELETED deleted - 0",
    ],
  },
};

for (const [name, { steps, seen, settings }] of Object.entries(JOURNEYS)) {
  Deno.test(`statuses on the way: ${name}`, () =>
    withCloud(async (cloud) => {
      const client = new WatchingClient(cloud);
      for (const step of steps) await client.take(step);
      assertEquals(client.seen, seen);
    }, { settings }));
}

Deno.test("the journeys show every status of the API reference", () => {
  const seen = new Set(Object.values(JOURNEYS).flatMap(({ seen }) => seen));
  const statuses = new Set([...seen].map((state) => state.split(" ")[0]!));
  assertEquals([...statuses].sort(), [...EVERY_STATUS].sort());
});

/** Takes steps, and looks at the server each time that it is about to change. */
class WatchingClient {
  #id = "";
  #seen: string[] = [];

  constructor(readonly cloud: TestCloud) {
    cloud.cloud.committer.onChange(async (_, { aggregate, after }) => {
      // The change is not committed yet: others see what there was.
      if (aggregate === servers && after.id === this.#id) await this.#look();
    });
  }

  get seen(): readonly string[] {
    return this.#seen;
  }

  async take(step: Step): Promise<void> {
    this.#seen = [];
    const { status, text } = await this.#ask(step);
    assert(status < 300, text);
    await this.cloud.cloud.settled();
    await this.#look();
  }

  async #ask(step: Step) {
    const { cloud } = this;
    const at = `/v2.1/servers/${this.#id}`;
    switch (step) {
      case "create":
      case "create too large": {
        const flavor = step === "create" ? {} : { flavorRef: "5" };
        const body = { server: { ...await cloud.plain(), ...flavor } };
        const answered = await cloud.ask("padmin", "POST", "/v2.1/servers", { mv: "2.90", body });
        this.#id = answered.json.server.id;
        return answered;
      }
      case "delete":
        return await cloud.ask("padmin", "DELETE", at);
      case "lose its host": {
        const { json } = await cloud.ask("padmin", "GET", at, { mv: "2.90" });
        const host = json.server["OS-EXT-SRV-ATTR:host"];
        const body = { host, binary: "nova-compute", forced_down: true };
        return await cloud.ask("admin", "PUT", "/v2.1/os-services/force-down", {
          mv: "2.11",
          body,
        });
      }
      case "lose the cell":
      case "reach the cell": {
        const body = { cell: { reachable: step === "reach the cell" } };
        return await cloud.ask("admin", "PUT", "/chronova/v1/cell", { body });
      }
      default: {
        const body = step === "rebuild"
          ? { rebuild: { imageRef: await cloud.imageId() } }
          : { [step.action]: step.value };
        return await cloud.ask("padmin", "POST", `${at}/action`, { mv: "2.90", body });
      }
    }
  }

  async #look(): Promise<void> {
    const query = "deleted=true&changes-since=2000-01-01T00:00:00Z";
    const mv = "2.69";
    const live = await this.cloud.ask("padmin", "GET", `/v2.1/servers/${this.#id}`, { mv });
    const server = live.status === 200
      ? live.json.server
      : (await this.cloud.ask("admin", "GET", `/v2.1/servers/detail?all_tenants=1&${query}`)).json
        .servers[0];
    const of = (key: string) => server[`OS-EXT-STS:${key}`] ?? "-";
    const now = `${server.status} ${of("vm_state")} ${of("task_state")} ${of("power_state")}`;
    if (this.#seen.at(-1) !== now) this.#seen.push(now);
  }
}
