/** When something is to end. Source: keystone/common/utils.py, parse_expiration_date. */
import { type Fault, fault } from "./faults.ts";

const CLIENT_IN_ERROR = "The server could not comply with the request since it is either " +
  "malformed or otherwise incorrect. The client is assumed to be in error.";

/** When it ends, in our form; 400 for what is no time, or has passed. `now`: milliseconds. */
export function expiryOf(text: string | null, now: number): string | null | Fault {
  if (text === null) return null;
  const isTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?$/.test(text);
  const millis = isTime ? Date.parse(`${text.replace(" ", "T").replace("Z", "")}Z`) : NaN;
  if (Number.isNaN(millis)) {
    return fault(400, `Timestamp not in expected format. ${CLIENT_IN_ERROR}`);
  }
  if (millis < now) {
    return fault(400, `The 'expires_at' must not be before now. ${CLIENT_IN_ERROR}`);
  }
  return new Date(millis).toISOString().replace("Z", "000Z");
}
