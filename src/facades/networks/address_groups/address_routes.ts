/** `PUT /v2.0/address-groups/{id}/add_addresses` and `…/remove_addresses`. */
import { isRejection } from "../../../eventsourcing/decider.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { refused } from "../answers.ts";
import { objectIn, refuseBody } from "../body.ts";
import { subnetList } from "../fields.ts";
import { record } from "../record.ts";
import { badRequest, type NetworkDecision, type NeutronRejection } from "../refusals.ts";
import { findOwn, readBody, type WriteDependencies } from "../write.ts";
import {
  addAddresses,
  type AddressGroup,
  type AddressGroupEvent,
  type ChangeAddresses,
  removeAddresses,
} from "./decider.ts";
import { addressGroups } from "./projection.ts";
import { addressGroupResource } from "./resource.ts";

type Decide = (command: ChangeAddresses, group: AddressGroup) => NetworkDecision<AddressGroupEvent>;

/** Adds addresses to a group. */
export function addToGroup(dependencies: WriteDependencies): FacadeOperation {
  const options = { action: "add_addresses", command: "AddAddresses" };
  return change(dependencies, options, addAddresses);
}

/** Takes addresses from a group. */
export function removeFromGroup(dependencies: WriteDependencies): FacadeOperation {
  const options = { action: "remove_addresses", command: "RemoveAddresses" };
  return change(dependencies, options, removeAddresses);
}

function change(
  { reader, committer }: WriteDependencies,
  { action, command }: { readonly action: string; readonly command: string },
  decide: Decide,
): FacadeOperation {
  return async (request) => {
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const addresses = readAddresses(body.value);
    if (isRejection(addresses)) return refused(addresses);
    const outcome = await committer.submit(request.metadata(command), async (unit) => {
      const before = await findOwn(unit, addressGroupResource, request, action);
      if (isRejection(before)) return before;
      const decision = decide({ id: before.id, addresses }, before.state);
      return await record(unit, addressGroups, before, decision);
    });
    if (isRejection(outcome)) return refused(outcome);
    const [view] = await addressGroupResource.views(reader, [outcome], request.caller);
    return json(200, { address_group: view });
  };
}

function readAddresses(body: unknown): readonly string[] | NeutronRejection {
  const outer = objectIn(body);
  if (!outer) return refuseBody(body);
  const reading = subnetList(outer["addresses"]);
  if ("value" in reading) return reading.value;
  if (isRejection(reading)) return reading;
  return badRequest(`Invalid input for addresses. Reason: ${reading.problem}.`);
}
