/** Compute hosts: what can happen to one, and what is true of it. */
import { type Decision, reject } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type HostEvent = HostAdded;

/** A host offers itself for servers. */
export interface HostAdded {
  readonly type: "HostAdded";
  readonly data: HostFacts;
}

export interface HostFacts {
  readonly node: string;
  readonly availabilityZone: string;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  /** How many times over each may be claimed; nova/conf/compute.py, `*_allocation_ratio`. */
  readonly vcpuRatio: number;
  readonly ramRatio: number;
  readonly diskRatio: number;
}

export interface Host extends HostFacts {
  readonly exists: boolean;
  readonly addedAt: string;
}

export const NO_HOST: Host = {
  exists: false,
  addedAt: "",
  node: "",
  availabilityZone: "",
  vcpus: 0,
  ramMib: 0,
  diskGib: 0,
  vcpuRatio: 1,
  ramRatio: 1,
  diskRatio: 1,
};

export function evolve(host: Host, event: Recorded<HostEvent>): Host {
  switch (event.type) {
    case "HostAdded":
      return { ...host, ...event.data, exists: true, addedAt: event.recordedAt };
  }
}

export interface AddHost {
  readonly type: "AddHost";
  readonly host: string;
  readonly facts: HostFacts;
}

/** Adds a host; refuses a name that is taken. */
export function addHost(command: AddHost, host: Host): Decision<HostAdded> {
  if (host.exists) return reject("Conflict", `Host ${command.host} already exists.`);
  return [{ type: "HostAdded", data: command.facts }];
}
