/** What a new cloud begins with, all in one transaction: it is there whole, or not at all. */
import { addHost } from "./compute/hosts/decider.ts";
import { hosts } from "./compute/hosts/projection.ts";
import { createFlavor, DEFAULT_FLAVORS } from "./compute/flavors/decider.ts";
import { flavors } from "./compute/flavors/projection.ts";
import type { Settings } from "./config.ts";
import { decideIn } from "./eventsourcing/command_handler.ts";
import type { Committer, UnitOfWork } from "./eventsourcing/committer.ts";
import { hashPassword, seedIdentity, seedIds } from "./facades/identity/mod.ts";
import { seedImages } from "./facades/images/mod.ts";
import { seedNetworks } from "./facades/networks/mod.ts";
import { hasVolumeTypes, seedVolumes } from "./facades/volumes/mod.ts";
import type { EventLog } from "./store/event_log.ts";

/** Passwords of a new cloud's users. */
export interface Passwords {
  readonly admin: string;
  readonly demo: string;
  readonly reader: string;
}

/** What is seeded from. */
export interface SeedOptions {
  readonly committer: Committer;
  readonly log: EventLog;
  readonly settings: Settings;
  /** Keeps the passwords where their owner finds them; nothing is seeded when it fails. */
  keepPasswords(passwords: Passwords): Promise<void>;
}

/** Seeds an empty log; one that has events gets what every cloud of this release has. */
export async function seed(options: SeedOptions): Promise<void> {
  const { committer, log, settings } = options;
  if ((await log.head()).position > 0) return await catchUp(options);
  const passwords = {
    admin: settings.adminPassword || randomPassword(),
    demo: settings.demoPassword || randomPassword(),
    reader: settings.readerPassword || randomPassword(),
  };
  const [adminPasswordHash, demoPasswordHash, readerPasswordHash] = await Promise.all(
    [passwords.admin, passwords.demo, passwords.reader].map(hashPassword),
  ) as [string, string, string];
  const ids = seedIds(() => crypto.randomUUID().replaceAll("-", ""));
  const metadata = {
    actor: { userId: ids.adminUser, projectId: ids.adminProject, roles: ["admin"] },
    requestId: `req-${crypto.randomUUID()}`,
    command: "SeedCloud",
  };
  // Kept first: a crash between the two leaves passwords of nobody, not users without passwords.
  await options.keepPasswords(passwords);
  await committer.submit(metadata, async (unit) => {
    await seedIdentity(unit, { ids, adminPasswordHash, demoPasswordHash, readerPasswordHash });
    await seedFlavors(unit);
    await seedHosts(unit, settings);
    await seedImages(unit, { imageId: crypto.randomUUID() });
    await seedNetworks(unit, {
      networkId: crypto.randomUUID(),
      subnetId: crypto.randomUUID(),
      projectId: ids.adminProject,
    });
    await seedVolumes(unit, { typeId: crypto.randomUUID() });
  });
}

/** Clouds that an older release has made lack a volume type. */
async function catchUp({ committer, log }: SeedOptions): Promise<void> {
  if (await hasVolumeTypes(log.reader)) return;
  await committer.submit(
    {
      actor: { userId: "", projectId: "", roles: [] },
      requestId: `req-${crypto.randomUUID()}`,
      command: "SeedCloud",
    },
    (unit) => seedVolumes(unit, { typeId: crypto.randomUUID() }),
  );
}

async function seedFlavors(unit: UnitOfWork): Promise<void> {
  for (const flavor of DEFAULT_FLAVORS) {
    await decideIn(
      unit,
      flavors,
      flavor.id,
      (state) => createFlavor({ type: "CreateFlavor", ...flavor }, state),
    );
  }
}

async function seedHosts(unit: UnitOfWork, settings: Settings): Promise<void> {
  const digits = String(settings.simulatedHosts).length;
  for (let number = 1; number <= settings.simulatedHosts; number++) {
    const host = `compute-${String(number).padStart(digits, "0")}`;
    await decideIn(unit, hosts, host, (state) =>
      addHost({
        type: "AddHost",
        host,
        facts: {
          node: host,
          availabilityZone: "nova",
          vcpus: settings.simulatedHostVcpus,
          ramMib: settings.simulatedHostRamMib,
          diskGib: settings.simulatedHostDiskGib,
          // nova/conf/compute.py, `initial_*_allocation_ratio`.
          vcpuRatio: 4,
          ramRatio: 1,
          diskRatio: 1,
        },
      }, state));
  }
}

/** 24 characters that need no quoting anywhere: about 142 bits. */
function randomPassword(): string {
  const characters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (byte) => characters[byte % characters.length]).join("");
}
