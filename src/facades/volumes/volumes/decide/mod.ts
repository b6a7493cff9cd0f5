/** Every command on volumes. */
export {
  attachVolume,
  beginDetaching,
  completeAttachment,
  connectAttachment,
  detachVolume,
  disconnectAttachment,
  refuseDisconnection,
  removeAttachment,
  reserveAttachment,
  reserveVolume,
  rollDetaching,
  unreserveVolume,
} from "./attach.ts";
export {
  extendVolume,
  resetVolumeStatus,
  setImageMetadata,
  unsetImageMetadata,
  updateVolume,
} from "./change.ts";
export { recordGone, recordMade, recordUploaded, recordWorkFailure, uploadVolume } from "./work.ts";
export { createVolume, type Source } from "./create.ts";
export { putImage, reimageVolume, revertVolume } from "./overwrite.ts";
export { deleteVolume } from "./delete.ts";
export { manageVolume, takeUp, unmanageVolume } from "./manage.ts";
export { handOver, offerVolume, withdrawOffer } from "./transfer.ts";
