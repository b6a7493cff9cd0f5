import {
  addObject,
  addProperty,
  addResourceType,
  addTag,
  changeObject,
  changeProperty,
  clearObjects,
  clearProperties,
  clearTags,
  createNamespace,
  deleteNamespace,
  type NamespaceContent,
  removeObject,
  removeProperty,
  removeResourceType,
  removeTag,
  renameTag,
  setTags,
  updateNamespace,
} from "../../src/facades/images/metadefs/decide/mod.ts";
import type {
  MetadefEvent,
  NamespaceFacts,
  ObjectFacts,
  PropertyFacts,
} from "../../src/facades/images/metadefs/events.ts";
import { metadefNamespaces } from "../../src/facades/images/metadefs/projection.ts";
import { givenOf, outcome } from "../kit/given.ts";

const namespace = givenOf(metadefNamespaces);

const FACTS: NamespaceFacts = {
  namespace: "n",
  displayName: null,
  description: null,
  visibility: "public",
  isProtected: false,
  owner: "project-1",
};
const OBJECT: ObjectFacts = { name: "o", description: null, required: [], properties: [] };
const PROPERTY: PropertyFacts = { name: "p", schema: { title: "t", type: "string" } };
const TYPE = { name: "OS::X", prefix: null, propertiesTarget: null };
const EMPTY: NamespaceContent = { objects: [], properties: [], tags: [], resourceTypes: [] };

const created: MetadefEvent = { type: "MetadefNamespaceCreated", data: FACTS };
const full: readonly MetadefEvent[] = [
  created,
  { type: "MetadefResourceTypeAdded", data: TYPE },
  { type: "MetadefObjectAdded", data: OBJECT },
  { type: "MetadefTagsAdded", data: { names: ["red", "blue"] } },
  { type: "MetadefPropertyAdded", data: PROPERTY },
];
const guarded: MetadefEvent = {
  type: "MetadefNamespaceUpdated",
  data: { ...FACTS, isProtected: true },
};

const CREATE = {
  type: "CreateNamespace",
  by: { isAdmin: true },
  facts: FACTS,
  content: EMPTY,
  isNameTaken: false,
} as const;

Deno.test("createNamespace makes it with what it contains, in Glance's order", () => {
  outcome(createNamespace({
    ...CREATE,
    content: {
      objects: [OBJECT],
      properties: [PROPERTY],
      tags: ["red", "blue"],
      resourceTypes: [TYPE],
    },
  })).then(full);
  outcome(createNamespace(CREATE)).then([created]);
});

Deno.test("createNamespace refuses who is no admin, taken names, and names twice within", () => {
  outcome(createNamespace({ ...CREATE, by: { isAdmin: false } })).thenRefused(
    "Forbidden",
    "You are not authorized to complete add_metadef_namespace action.",
  );
  outcome(createNamespace({ ...CREATE, isNameTaken: true }))
    .thenRefused("Conflict", "The metadata definition namespace=n already exists.");
  outcome(createNamespace({
    ...CREATE,
    content: { ...EMPTY, properties: [PROPERTY, { ...PROPERTY, name: "P" }] },
  })).thenRefused(
    "Conflict",
    "A metadata definition property with name=P already exists in namespace=n.",
  );
  outcome(createNamespace({ ...CREATE, content: { ...EMPTY, resourceTypes: [TYPE, TYPE] } }))
    .thenRefused(
      "Conflict",
      "The metadata definition resource-type association of resource-type=OS::X to " +
        "namespace=n already exists.",
    );
});

Deno.test("updateNamespace says all anew, nothing when all is so, and no name of another's", () => {
  const facts = { ...FACTS, description: "d" };
  const update = { type: "UpdateNamespace", facts, isNameTaken: false } as const;
  namespace(full).when((state) => updateNamespace(update, state))
    .then([{ type: "MetadefNamespaceUpdated", data: facts }]);
  namespace(full).when((state) => updateNamespace({ ...update, facts: FACTS }, state))
    .thenNothing();
  namespace(full).when((state) => updateNamespace({ ...update, isNameTaken: true }, state))
    .thenRefused(
      "Conflict",
      "Invalid update. It would result in a duplicate metadata definition namespace with the " +
        "same name of n",
    );
});

Deno.test("deleteNamespace deletes, but nothing that is protected", () => {
  namespace(full).when(deleteNamespace).then([{ type: "MetadefNamespaceDeleted", data: {} }]);
  const words = "Metadata definition namespace n is protected and cannot be deleted.";
  const safe = namespace(full, guarded);
  safe.when(deleteNamespace).thenRefused("Forbidden", words);
  safe.when(clearObjects).thenRefused("Forbidden", words);
  safe.when(clearProperties).thenRefused("Forbidden", words);
  safe.when(clearTags).thenRefused("Forbidden", words);
  for (
    const [kind, name, decide] of [
      ["object", "o", removeObject],
      ["property", "p", removeProperty],
      ["tag", "red", removeTag],
      ["resource-type-association", "OS::X", removeResourceType],
    ] as const
  ) {
    safe.when<MetadefEvent>((state) => decide(name, state)).thenRefused(
      "Forbidden",
      `Metadata definition ${kind} ${name} is protected and cannot be deleted.`,
    );
  }
});

Deno.test("objects are added, changed and removed, by names without case", () => {
  namespace(created).when((state) => addObject(OBJECT, state))
    .then([{ type: "MetadefObjectAdded", data: OBJECT }]);
  namespace(full).when((state) => addObject({ ...OBJECT, name: "O" }, state)).thenRefused(
    "Conflict",
    "A metadata definition object with name=O already exists in namespace=n.",
  );
  const object = { ...OBJECT, name: "O", description: "d" };
  namespace(full).when((state) => changeObject("O", object, state))
    .then([{ type: "MetadefObjectChanged", data: { was: "o", object } }]);
  const other: MetadefEvent = { type: "MetadefObjectAdded", data: { ...OBJECT, name: "q" } };
  namespace(full, other).when((state) => changeObject("q", object, state)).thenRefused(
    "Conflict",
    "Invalid update. It would result in a duplicate metadata definition object with the same " +
      "name=q in namespace=n.",
  );
  namespace(full).when((state) => changeObject("q", object, state))
    .thenRefused("NotFound", "Could not find metadata object q");
  namespace(full).when((state) => removeObject("O", state))
    .then([{ type: "MetadefObjectsRemoved", data: { names: ["o"] } }]);
  namespace(full, other).when(clearObjects)
    .then([{ type: "MetadefObjectsRemoved", data: { names: ["o", "q"] } }]);
  namespace(created).when(clearObjects).thenNothing();
});

Deno.test("properties are added, changed and removed", () => {
  namespace(created).when((state) => addProperty(PROPERTY, state))
    .then([{ type: "MetadefPropertyAdded", data: PROPERTY }]);
  namespace(full).when((state) => addProperty(PROPERTY, state)).thenRefused(
    "Conflict",
    "A metadata definition property with name=p already exists in namespace=n.",
  );
  const property = { ...PROPERTY, name: "q" };
  namespace(full).when((state) => changeProperty("p", property, state))
    .then([{ type: "MetadefPropertyChanged", data: { was: "p", property } }]);
  namespace(full).when((state) => changeProperty("q", property, state))
    .thenRefused("NotFound", "Could not find property q");
  namespace(full).when((state) => removeProperty("q", state))
    .thenRefused("NotFound", "Could not find property q");
  namespace(full).when(clearProperties)
    .then([{ type: "MetadefPropertiesRemoved", data: { names: ["p"] } }]);
  namespace(created).when(clearProperties).thenNothing();
});

Deno.test("tags are added, renamed and removed, one or all", () => {
  const duplicate = (name: string) =>
    `A metadata tag with name=${name} already exists in namespace=n. (Please note that ` +
    "metadata tag names are case insensitive).";
  namespace(full).when((state) => addTag("green", state))
    .then([{ type: "MetadefTagsAdded", data: { names: ["green"] } }]);
  namespace(full).when((state) => addTag("RED", state)).thenRefused("Conflict", duplicate("RED"));
  const set = (names: readonly string[], appends: boolean) =>
    namespace(full).when((state) => setTags({ type: "SetTags", names, appends }, state));
  set(["red", "pink"], false).then([
    { type: "MetadefTagsRemoved", data: { names: ["red", "blue"] } },
    { type: "MetadefTagsAdded", data: { names: ["red", "pink"] } },
  ]);
  set(["pink"], true).then([{ type: "MetadefTagsAdded", data: { names: ["pink"] } }]);
  set(["Red"], true).thenRefused("Conflict", duplicate("Red"));
  set(["pink", "Pink"], false).thenRefused("Conflict", duplicate("Pink"));
  set([], false).thenNothing();
  namespace(full).when((state) => renameTag("red", "Red", state))
    .then([{ type: "MetadefTagRenamed", data: { was: "red", name: "Red" } }]);
  namespace(full).when((state) => renameTag("red", "red", state)).thenNothing();
  namespace(full).when((state) => renameTag("red", "BLUE", state))
    .thenRefused("Conflict", duplicate("BLUE"));
  namespace(full).when((state) => renameTag("pink", "x", state))
    .thenRefused("NotFound", "Could not find metadata tag pink");
  namespace(full).when((state) => removeTag("red", state))
    .then([{ type: "MetadefTagsRemoved", data: { names: ["red"] } }]);
  namespace(full).when(clearTags)
    .then([{ type: "MetadefTagsRemoved", data: { names: ["red", "blue"] } }]);
});

Deno.test("resource types are associated once, and let go", () => {
  namespace(created).when((state) => addResourceType(TYPE, state))
    .then([{ type: "MetadefResourceTypeAdded", data: TYPE }]);
  namespace(full).when((state) => addResourceType(TYPE, state)).thenRefused(
    "Conflict",
    "The metadata definition resource-type association of resource-type=OS::X to namespace=n " +
      "already exists.",
  );
  namespace(full).when((state) => removeResourceType("OS::X", state))
    .then([{ type: "MetadefResourceTypeRemoved", data: { name: "OS::X" } }]);
  namespace(created).when((state) => removeResourceType("OS::X", state))
    .thenRefused("NotFound", "Failed to find resource type OS::X to delete");
});
