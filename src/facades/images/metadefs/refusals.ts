/** What is not there, or there already, in Glance's words; glance/common/exception.py. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";

/** Words for a namespace that is not there, or that the caller may not see. */
export const noNamespace = {
  /** Of the namespace itself, and of objects. */
  ofDatabase: (namespace: string): Rejection =>
    reject("NotFound", `Metadata definition namespace=${namespace} was not found.`),
  /** Of everything else. */
  ofApi: (namespace: string): Rejection => reject("NotFound", `Namespace ${namespace} not found`),
};

export const noObject = (name: string): Rejection =>
  reject("NotFound", `Could not find metadata object ${name}`);

export const noProperty = (name: string): Rejection =>
  reject("NotFound", `Could not find property ${name}`);

export const noTag = (name: string): Rejection =>
  reject("NotFound", `Could not find metadata tag ${name}`);

export const noResourceType = (name: string, namespace: string): Rejection =>
  reject(
    "NotFound",
    `The metadata definition resource-type association of resource-type=${name} to ` +
      `namespace=${namespace}, was not found.`,
  );

export const duplicateNamespace = (namespace: string): Rejection =>
  reject("Conflict", `The metadata definition namespace=${namespace} already exists.`);

export const duplicateObject = (name: string, namespace: string): Rejection =>
  reject(
    "Conflict",
    `A metadata definition object with name=${name} already exists in namespace=${namespace}.`,
  );

export const duplicateProperty = (name: string, namespace: string): Rejection =>
  reject(
    "Conflict",
    `A metadata definition property with name=${name} already exists in namespace=${namespace}.`,
  );

export const duplicateTag = (name: string, namespace: string): Rejection =>
  reject(
    "Conflict",
    `A metadata tag with name=${name} already exists in namespace=${namespace}. (Please note ` +
      "that metadata tag names are case insensitive).",
  );

export const duplicateResourceType = (name: string, namespace: string): Rejection =>
  reject(
    "Conflict",
    `The metadata definition resource-type association of resource-type=${name} to ` +
      `namespace=${namespace} already exists.`,
  );

/** Says that a new name is another's; in Glance's words, which tell the old one. */
export function wouldDuplicate(kind: string, name: string, namespace: string): Rejection {
  return reject(
    "Conflict",
    `Invalid update. It would result in a duplicate metadata definition ${kind} with the same ` +
      `name=${name} in namespace=${namespace}.`,
  );
}

/** Says that something of a protected namespace stays. */
export function isProtected(kind: string, name: string): Rejection {
  return reject(
    "Forbidden",
    `Metadata definition ${kind} ${name} is protected and cannot be deleted.`,
  );
}
