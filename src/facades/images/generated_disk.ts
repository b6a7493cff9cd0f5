/** A disk image that is computed instead of kept: small, but a real qcow2 that tools can read. */

const CLUSTER_BITS = 16;
const CLUSTER = 1 << CLUSTER_BITS;
/** Header, refcount table, refcount block, L1 table, L2 table; what follows holds data. */
const FIRST_DATA_CLUSTER = 5;
const CLUSTERS = 16;
/** Bit 63 of a table's entry: the cluster belongs to this entry alone. */
const COPIED = 1n << 63n;

/** Size of a generated disk's file, unless more is asked for: 1 MiB. */
export const GENERATED_SIZE_BYTES = CLUSTERS * CLUSTER;
/** Size of the disk within: 112 MiB. */
export const GENERATED_VIRTUAL_SIZE_BYTES = 112 * 2 ** 20;

/**
 * A qcow2 file of 1 MiB; the same bytes for the same seed, for ever.
 *
 * The disk begins with 704 KiB of pseudo-random bytes and is empty behind them.
 * Source: QEMU, docs/interop/qcow2.txt (version 3, 64 KiB clusters, 16-bit refcounts).
 */
export function generatedDisk(seed: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(GENERATED_SIZE_BYTES);
  const view = new DataView(bytes.buffer);
  writeHeader(view);
  view.setBigUint64(1 * CLUSTER, BigInt(2 * CLUSTER));
  for (let i = 0; i < CLUSTERS; i++) view.setUint16(2 * CLUSTER + 2 * i, 1);
  view.setBigUint64(3 * CLUSTER, BigInt(4 * CLUSTER) | COPIED);
  for (let i = FIRST_DATA_CLUSTER; i < CLUSTERS; i++) {
    const entry = 4 * CLUSTER + 8 * (i - FIRST_DATA_CLUSTER);
    view.setBigUint64(entry, BigInt(i * CLUSTER) | COPIED);
  }
  fillRandomly(view, FIRST_DATA_CLUSTER * CLUSTER, seed);
  return bytes;
}

/** The disk in a generated disk's file, without the file around it, as far as it is not empty. */
export function generatedRawDisk(seed: string): Uint8Array<ArrayBuffer> {
  return generatedDisk(seed).slice(FIRST_DATA_CLUSTER * CLUSTER);
}

/**
 * The bytes of a range of a generated disk's file, a part at a time; beyond 1 MiB all are zero.
 *
 * `end` is the first byte that is not in it.
 */
export function* generatedBytes(
  seed: string,
  { start, end }: { readonly start: number; readonly end: number },
): Generator<Uint8Array<ArrayBuffer>> {
  if (start < GENERATED_SIZE_BYTES) yield generatedDisk(seed).slice(start, end);
  for (let at = Math.max(start, GENERATED_SIZE_BYTES); at < end; at += ZEROS.length) {
    yield ZEROS.slice(0, Math.min(ZEROS.length, end - at));
  }
}

const ZEROS = new Uint8Array(GENERATED_SIZE_BYTES);

function writeHeader(view: DataView): void {
  view.setUint32(0, 0x514649fb); // "QFI\xfb"
  view.setUint32(4, 3); // version
  view.setUint32(20, CLUSTER_BITS);
  view.setBigUint64(24, BigInt(GENERATED_VIRTUAL_SIZE_BYTES));
  view.setUint32(36, 1); // entries in the L1 table
  view.setBigUint64(40, BigInt(3 * CLUSTER)); // the L1 table
  view.setBigUint64(48, BigInt(1 * CLUSTER)); // the refcount table
  view.setUint32(56, 1); // clusters of the refcount table
  view.setUint32(96, 4); // refcounts of 2^4 bits
  view.setUint32(100, 104); // length of this header
}

/** Marsaglia's xorshift32, seeded with FNV-1a of the seed's code units. */
function fillRandomly(view: DataView, from: number, seed: string): void {
  let x = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) x = Math.imul(x ^ seed.charCodeAt(i), 0x01000193);
  x ||= 1;
  for (let offset = from; offset < view.byteLength; offset += 4) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    view.setUint32(offset, x >>> 0);
  }
}
