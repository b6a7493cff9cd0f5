/** What is in a credential for EC2: pure. Source: keystone/api/credentials.py. */
import { createHash } from "node:crypto";
import { type Fault, fault, missing } from "../http/faults.ts";

/** The values in a secret that is JSON. */
export type Ec2Blob = Readonly<Record<string, unknown>> & { readonly access: string };

/** Whether a type is that of EC2, in capitals or not. */
export function isEc2(type: string | undefined): boolean {
  return type?.toLowerCase() === "ec2";
}

/** Reads a secret for EC2; 400 for what is none. */
export function readEc2Blob(blob: string): Ec2Blob | Fault {
  const value = parsed(blob);
  if (value === undefined) return fault(400, "Invalid blob in credential");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return missing("blob", "credential");
  }
  if (Object.keys(value).length === 0) return missing("blob", "credential");
  const { access } = value as Record<string, unknown>;
  return typeof access === "string" ? value as Ec2Blob : missing("access", "credential");
}

/** The id of the credential with this access key: 64 hex digits. */
export function ec2IdOf({ access }: Ec2Blob): string {
  return createHash("sha256").update(access).digest("hex");
}

const FIXED = ["trust_id", "app_cred_id", "access_token_id", "access_id"];

/** 400 for a secret that would change what tokens got with it are bound to. */
export function refuseRebinding(before: Ec2Blob, after: Ec2Blob): Fault | undefined {
  const changed = FIXED.find((key) => before[key] !== after[key]);
  return changed === undefined
    ? undefined
    : fault(400, `${changed} can not be updated for credential`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
