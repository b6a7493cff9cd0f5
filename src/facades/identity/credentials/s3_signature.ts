/** What a signature for S3 must be: pure. Source: keystone/api/s3tokens.py. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

const SERVICES: ReadonlySet<string> = new Set(["s3", "iam", "sts"]);

/**
 * The signature of what was signed with a secret, of version 4 or, of what does not say so, 1.
 *
 * `token`: what was signed, base64. Undefined for what is no text to sign of version 4.
 */
export function s3Signature(token: string, secret: string): string | undefined {
  const signed = Buffer.from(token, "base64");
  if (signed.subarray(0, 4).toString("latin1") !== "AWS4") {
    return createHmac("sha1", secret).update(signed).digest("base64");
  }
  const lines = signed.toString("latin1").split("\n");
  if (lines.length !== 4 || lines[0] !== "AWS4-HMAC-SHA256") return undefined;
  const scope = lines[2]!.split("/");
  const [date, region, service, end] = scope as [string, string, string, string];
  if (scope.length !== 4 || end !== "aws4_request" || !SERVICES.has(service)) return undefined;
  const key = [date, region, service, end]
    .reduce<string | Buffer>((over, part) => hmac(over, part), `AWS4${secret}`);
  return createHmac("sha256", key).update(signed).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(Buffer.from(text, "latin1")).digest();
}
