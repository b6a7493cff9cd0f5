/** Every command on images. */
export { createImage, refuseUnlessWaiting, storeData } from "./create.ts";
export { deactivateImage, deleteImage, noImage, reactivateImage } from "./life.ts";
export { addMember, answerOffer, noMember, removeMember, visibleMembers } from "./members.ts";
export { importStaged, refuseUnlessQueued, stageData } from "./stage.ts";
export { addTag, type Change, removeTag, updateImage } from "./update.ts";
