/** A seed file made ready: read, checked, its passwords hashed and its images' bytes stored. */
import { dirname, resolve } from "node:path";
import type { UnitOfWork } from "../eventsourcing/committer.ts";
import { hashPassword, type SeedIds } from "../facades/identity/mod.ts";
import { generatedData, type ImageContent, storeSeedData } from "../facades/images/mod.ts";
import { applySeed, type Prepared, SeedRefused } from "./apply.ts";
import { checkSeed, type Environment } from "./check.ts";
import { Directory } from "./directory.ts";
import type { SeedFile, SeedImage, SeedUser } from "./format.ts";
import type { Problem } from "./problems.ts";
import { type ReadSeed, readSeed } from "./read.ts";

/** What a seed file is made ready with. */
export interface PlanOptions {
  readonly ids: SeedIds;
  readonly content: ImageContent;
  readonly environment: Environment;
  /** VCPUs and so on of hosts that do not say themselves. */
  readonly hostSize: Prepared["hostSize"];
}

type ImageData = Prepared["images"] extends ReadonlyMap<unknown, infer Data> ? Data : never;

/** A seed that only needs a transaction. */
export class SeedPlan {
  private constructor(
    private readonly read: ReadSeed,
    private readonly prepared: Prepared,
    private readonly content: ImageContent,
  ) {}

  /**
   * Makes a file ready.
   *
   * Refuses (throws `BadSeedFile`) a file with anything wrong, all of it told at once; throws
   * `NotFound` when there is no such file.
   */
  static async prepare(path: string, options: PlanOptions): Promise<SeedPlan> {
    const { ids, content, environment, hostSize } = options;
    const read = readSeed(await Deno.readTextFile(path), path);
    const { seed } = read;
    const directory = new Directory(seed, ids, newHexId);
    const problems = checkSeed(seed, directory, environment);
    if (problems.length > 0) throw read.refuse(problems);
    const images = await storeImages(seed, { folder: dirname(path), content, read });
    const passwords = await hashPasswords(seed, environment);
    const prepared = { directory, images, passwords, ids, hostSize };
    return new SeedPlan(read, prepared, content);
  }

  /** What the file says. */
  get seed(): SeedFile {
    return this.read.seed;
  }

  /** Writes all of it; throws `BadSeedFile` for what the cloud's own rules refuse. */
  async apply(unit: UnitOfWork): Promise<void> {
    try {
      await applySeed(unit, this.seed, this.prepared);
    } catch (error) {
      throw error instanceof SeedRefused ? this.read.refuse([error.problem]) : error;
    }
  }

  /** Removes what was stored: the seed was refused. */
  async discard(): Promise<void> {
    await discardImages(this.prepared.images, this.content);
  }
}

async function discardImages(
  images: Prepared["images"],
  content: ImageContent,
): Promise<void> {
  for (const { data: { source } } of images.values()) {
    if (source.kind === "file") await content.removeAny(source.name);
  }
}

async function storeImages(
  { images = [] }: SeedFile,
  { folder, content, read }: {
    readonly folder: string;
    readonly content: ImageContent;
    readonly read: ReadSeed;
  },
): Promise<Prepared["images"]> {
  const stored = new Map<SeedImage, ImageData>();
  const problems: Problem[] = [];
  for (const [at, image] of images.entries()) {
    const imageId = image.id ?? crypto.randomUUID();
    if (image.file === undefined) {
      stored.set(image, { imageId, data: generatedData(imageId, image.size) });
      continue;
    }
    try {
      using file = await Deno.open(resolve(folder, image.file));
      const diskFormat = image.disk_format ?? "qcow2";
      const data = await storeSeedData(content, { imageId, diskFormat }, file.readable);
      stored.set(image, { imageId, data });
    } catch (error) {
      const message = `cannot be read: ${(error as Error).message}`;
      problems.push({ path: ["images", at, "file"], message });
    }
  }
  if (problems.length === 0) return stored;
  await discardImages(stored, content);
  throw read.refuse(problems);
}

async function hashPasswords(
  { users = [] }: SeedFile,
  environment: Environment,
): Promise<Prepared["passwords"]> {
  const hashed = users.map(async (user): Promise<[SeedUser, string | null]> => {
    const { password } = user;
    const text = typeof password === "object" ? environment(password.env) : password;
    return [user, text === undefined ? null : await hashPassword(text)];
  });
  return new Map(await Promise.all(hashed));
}

function newHexId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
