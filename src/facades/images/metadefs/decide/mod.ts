/** Every command on metadata definitions. */
export {
  createNamespace,
  deleteNamespace,
  type NamespaceContent,
  updateNamespace,
} from "./namespaces.ts";
export { addObject, changeObject, clearObjects, removeObject } from "./objects.ts";
export { addProperty, changeProperty, clearProperties, removeProperty } from "./properties.ts";
export { addResourceType, removeResourceType } from "./resource_types.ts";
export { addTag, clearTags, removeTag, renameTag, setTags } from "./tags.ts";
