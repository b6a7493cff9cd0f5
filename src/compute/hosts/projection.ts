/** Compute hosts as rows, and as the scheduler sees them. */
import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../store/query.ts";
import { hostUsages } from "../servers/tallies.ts";
import { evolve, type Host, type HostEvent, NO_HOST } from "./decider.ts";
import type { Candidate } from "./scheduler.ts";

interface HostColumns {
  availability_zone: string;
}

/** Hosts: stream `host-<name>`, table `hosts`. */
export const hosts: Aggregate<Host, HostEvent> = {
  category: "host",
  eventTypes: {
    HostAdded: [],
  },
  initialState: NO_HOST,
  evolve,
  projection: stateTable<Host, HostColumns>({
    name: "hosts",
    version: 1,
    columns: { availability_zone: "nocase" },
    row: ({ state }) => ({ availability_zone: state.availabilityZone }),
  }),
};

const allHosts = queriesOn<{ hosts: StateColumns & HostColumns }>()
  .prepare<Record<never, never>, StateColumns>((db) =>
    db.selectFrom("hosts").select(["id", "version", "state"]).orderBy("id")
  );

/** Every host with its name, by name. */
export async function listHosts(
  reader: Reader,
): Promise<readonly { readonly name: string; readonly state: Host }[]> {
  return (await reader.all(allHosts, {})).map(({ id, state }) => ({
    name: id,
    state: JSON.parse(state) as Host,
  }));
}

/** Every host as a candidate for the scheduler, with what is claimed of it at this moment. */
export async function candidates(reader: Reader): Promise<readonly Candidate[]> {
  const used = new Map((await hostUsages.all(reader)).map((usage) => [usage.key, usage]));
  return (await listHosts(reader)).map(({ name, state }) => {
    const usage = used.get(name);
    return {
      host: name,
      node: state.node,
      availabilityZone: state.availabilityZone,
      enabled: true,
      up: true,
      vcpus: Math.floor(state.vcpus * state.vcpuRatio),
      ramMib: Math.floor(state.ramMib * state.ramRatio),
      diskGib: Math.floor(state.diskGib * state.diskRatio),
      vcpusUsed: usage?.vcpus ?? 0,
      ramMibUsed: usage?.ramMib ?? 0,
      diskGibUsed: usage?.diskGib ?? 0,
    };
  });
}
