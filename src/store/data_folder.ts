/** The data folder: one process's at a time, with its keys. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";

/** Another process has the folder open: the message says which folder, and what to do. */
export class FolderInUse extends Error {
  override readonly name = "FolderInUse";
}

/** A data folder that this process has to itself until it is closed or dies. */
export class DataFolder {
  readonly #lock: Deno.FsFile;

  private constructor(readonly path: string, lock: Deno.FsFile) {
    this.#lock = lock;
  }

  /** Takes the folder, making it where there is none; refuses (throws) one that is in use. */
  static async open(path: string): Promise<DataFolder> {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    const lock = await Deno.open(join(path, "lock"), { create: true, write: true });
    // The system lets go of the lock when the process ends, however it ends.
    if (!await lock.tryLock(true)) {
      lock.close();
      throw new FolderInUse(
        `the data folder ${path} is in use by another process: stop that one, or give this one ` +
          "a folder of its own with --data-dir",
      );
    }
    return new DataFolder(path, lock);
  }

  /** Path of the event log's file. */
  get logPath(): string {
    return logPathIn(this.path);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** A secret key of 32 bytes, made at the first call and kept in a file only its owner reads. */
  async key(name: string): Promise<Uint8Array> {
    const path = this.file(`${name}.key`);
    try {
      return await Deno.readFile(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const key = new Uint8Array(randomBytes(32));
    await writeDurably(path, key);
    return key;
  }

  /** Whether another process has the log's file open, now that this one has closed it. */
  async isLogInUse(): Promise<boolean> {
    // Whoever closes a log last clears its write-ahead file away.
    return await exists(`${this.logPath}-wal`);
  }

  /**
   * Puts a copy of a file in the place of the log, which must be closed; at every instant there is
   * either the old log or the new one. `aside`: where the old one is kept; undefined: nowhere.
   */
  async replaceLog(file: string, aside: string | undefined): Promise<void> {
    const draft = `${this.logPath}.new`;
    await Deno.copyFile(file, draft);
    await sync(draft);
    if (aside !== undefined) await Deno.link(this.logPath, aside);
    await Deno.rename(draft, this.logPath);
    await sync(this.path);
  }

  close(): void {
    this.#lock.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function sync(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.sync();
}

/** Path of the event log's file in a data folder. */
export function logPathIn(folder: string): string {
  return join(folder, "chronova.db");
}

/** Writes a file that only its owner may read, whole or not at all, synced before it counts. */
export async function writeDurably(path: string, contents: Uint8Array): Promise<void> {
  const draft = `${path}.new`;
  const file = await Deno.open(draft, { create: true, write: true, truncate: true, mode: 0o600 });
  try {
    let written = 0;
    while (written < contents.length) written += await file.write(contents.subarray(written));
    await file.sync();
  } finally {
    file.close();
  }
  await Deno.rename(draft, path);
}
