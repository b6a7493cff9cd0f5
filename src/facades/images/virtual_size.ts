/** How large a disk an image's data describe. */

const QCOW2_MAGIC = 0x514649fb;

/**
 * Size of the disk in bytes: that of the data for raw disks, what the header says for qcow2; null
 * where the format does not say, or the data are not of it.
 *
 * `head` are the first bytes of the data. Source: QEMU, docs/interop/qcow2.txt.
 */
export function virtualSize(
  diskFormat: string | null,
  head: Uint8Array,
  sizeBytes: number,
): number | null {
  if (diskFormat === "raw" || diskFormat === "iso") return sizeBytes;
  if (diskFormat !== "qcow2" || head.length < 32) return null;
  const view = new DataView(head.buffer, head.byteOffset);
  if (view.getUint32(0) !== QCOW2_MAGIC) return null;
  const size = view.getBigUint64(24);
  return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : null;
}
