/** Whether a rule allows a request: pure. Source: keystonemiddleware/auth_token, _path_matches. */
import { RE2JS } from "re2js";
import type { AccessRuleFacts } from "./decider.ts";

/** A request, as rules see it. */
export interface AskedFor {
  /** The types that the service asked goes by. */
  readonly services: readonly string[];
  readonly method: string;
  /** The forms of its path: as clients send it, and as the service itself counts it. */
  readonly paths: readonly string[];
}

/** Whether one of the rules allows the request. */
export function isAllowed(rules: readonly AccessRuleFacts[], asked: AskedFor): boolean {
  return rules.some(({ service, method, path }) =>
    method === asked.method && asked.services.includes(service) &&
    asked.paths.some((one) => patternOf(path).matcher(one).matches())
  );
}

const PLACE = /(\{[^}]*\}|\*\*|\*)/;

/** In linear time, whatever the pattern. */
function patternOf(path: string): RE2JS {
  const parts = path.split(PLACE).map((part, at) => {
    if (at % 2 === 0) return RE2JS.quote(part);
    return part === "**" ? ".*" : "[^/]+";
  });
  return RE2JS.compile(parts.join(""));
}
