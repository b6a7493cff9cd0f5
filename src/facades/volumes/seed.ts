/** The volume type that a new cloud begins with. */
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import { createVolumeType, DEFAULT_TYPE_NAME } from "./types/decider.ts";
import type { Reader } from "../../store/query.ts";
import { allTypes, findTypeByName, volumeTypes } from "./types/projection.ts";

/** Makes the type `__DEFAULT__`, as Cinder's database does; one that is there is left alone. */
export async function seedVolumes(
  unit: UnitOfWork,
  { typeId }: { readonly typeId: string },
): Promise<void> {
  const isNameTaken = await findTypeByName(unit, DEFAULT_TYPE_NAME) !== undefined;
  const decision = createVolumeType({
    type: "CreateVolumeType",
    name: DEFAULT_TYPE_NAME,
    description: "Default Volume Type",
    isPublic: true,
    extraSpecs: {},
    isNameTaken,
  });
  if (isRejection(decision)) return;
  await unit.append(volumeTypes, await unit.load(volumeTypes, typeId), decision);
}

/** Whether there are volume types at all. */
export async function hasVolumeTypes(reader: Reader): Promise<boolean> {
  return (await allTypes(reader)).length > 0;
}
