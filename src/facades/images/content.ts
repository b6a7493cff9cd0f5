/** The bytes of images: files of one folder, and disks that are computed. */
import { Digesting, type Digests } from "./checksums.ts";
import type { DataSource } from "./events.ts";
import { generatedBytes, generatedRawDisk } from "./generated_disk.ts";

/** Part of an image's data, in bytes; `end` is the first byte that is not in it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Data that are on the disk, under a name that no image has yet. */
export interface StoredFile extends Digests {
  readonly name: string;
  /** The first bytes, by which some formats say how large a disk they hold. */
  readonly head: Uint8Array;
}

const HEAD_BYTES = 512;

/** How names of files end that a cloud begins with. */
export const SEED_SUFFIX = ".seed";

/** Keeps and reads image data in one folder. */
export class ImageContent {
  /** `folder` is made when the first data come. */
  constructor(readonly folder: string) {}

  /**
   * Writes data to a new file, synced to the disk under its final name.
   *
   * Gives `tooLarge`, and leaves nothing, when there is more than `limitBytes`. Cut off by a crash
   * or an error, it leaves at most a file that no event names.
   */
  async store(
    name: string,
    data: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<StoredFile | "tooLarge"> {
    const partial = this.#path(`${name}.part`);
    const digesting = new Digesting();
    let head = new Uint8Array();
    await Deno.mkdir(this.folder, { recursive: true });
    const file = await Deno.open(partial, { write: true, createNew: true });
    try {
      for await (const chunk of data) {
        if (digesting.sizeBytes + chunk.length > limitBytes) throw new TooLarge();
        if (head.length < HEAD_BYTES) head = concat(head, chunk).slice(0, HEAD_BYTES);
        digesting.take(chunk);
        await writeAll(file, chunk);
      }
      await file.sync();
      file.close();
    } catch (error) {
      file.close();
      await Deno.remove(partial);
      if (error instanceof TooLarge) return "tooLarge";
      throw error;
    }
    await Deno.rename(partial, this.#path(name));
    await this.#syncFolder();
    return { name, head, ...digesting.end() };
  }

  /** The bytes of a range. */
  async read(source: DataSource, { start, end }: ByteRange): Promise<ReadableStream<Uint8Array>> {
    if (source.kind === "generated") {
      return ReadableStream.from(
        source.isRaw
          ? [generatedRawDisk(source.seed).slice(start, end)]
          : generatedBytes(source.seed, { start, end }),
      );
    }
    const file = await Deno.open(this.#path(source.name));
    await file.seek(start, Deno.SeekMode.Start);
    return file.readable.pipeThrough(firstBytes(end - start));
  }

  /** Makes sure that a file is gone; those of the cloud's seed stay, for a reset to come back to. */
  async remove(name: string): Promise<void> {
    if (name.endsWith(SEED_SUFFIX)) return;
    await this.removeAny(name);
  }

  /** The same for files of the seed too: of a seed that was refused. */
  async removeAny(name: string): Promise<void> {
    await Deno.remove(this.#path(name)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  /** Names of all files, those of unfinished uploads included. */
  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    await Deno.mkdir(this.folder, { recursive: true });
    for await (const entry of Deno.readDir(this.folder)) names.push(entry.name);
    return names;
  }

  #path(name: string): string {
    return `${this.folder}/${name}`;
  }

  /** A new name is only safe once the folder that holds it is synced too. */
  async #syncFolder(): Promise<void> {
    if (Deno.build.os === "windows") return;
    using folder = await Deno.open(this.folder);
    await folder.sync();
  }
}

class TooLarge extends Error {}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** Passes so many bytes and ends. */
function firstBytes(count: number): TransformStream<Uint8Array, Uint8Array> {
  let left = count;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
      if (left === 0) controller.terminate();
    },
  });
}
