/** Whether what limits refer to is there. Source: keystone/limit/core.py, _assert_resource_exist. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { findDomain } from "../domains/projection.ts";
import { missing } from "../http/faults.ts";
import { findProject } from "../projects/projection.ts";

export interface Referred {
  readonly serviceId?: string;
  readonly regionId?: string | null;
  readonly projectId?: string | null;
  readonly domainId?: string | null;
}

/** Refuses a service, region, project or domain that is not there. */
export async function refuseStray(
  reader: Reader,
  catalog: Catalog,
  target: "limit" | "registered_limit",
  { serviceId, regionId, projectId, domainId }: Referred,
): Promise<Rejection | undefined> {
  const stray = (attribute: string) => reject("Invalid", missing(attribute, target).message);
  const isKnown = (all: readonly { readonly id: string }[], id: string) =>
    all.some((one) => one.id === id);
  if (serviceId !== undefined && !isKnown(await catalog.services(reader), serviceId)) {
    return stray("service_id");
  }
  if (regionId && !isKnown(await catalog.regions(reader), regionId)) return stray("region_id");
  if (projectId && !await findProject(reader, projectId)) return stray("project_id");
  if (domainId && !await findDomain(reader, domainId)) return stray("domain_id");
}
