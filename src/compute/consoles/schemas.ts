/** Schemas of requests about consoles; nova/api/openstack/compute/schemas/remote_consoles.py. */
import type { Minor } from "../../http/microversions.ts";
import type { JsonSchema } from "../../http/schema.ts";
import {
  anyParameters,
  anything,
  bodyOf,
  object,
  queryOf,
  versioned,
} from "../../http/schema_parts.ts";

interface Words {
  readonly protocols: readonly string[];
  readonly types: readonly string[];
}

/** The body of `POST /servers/{id}/remote-consoles`. */
export const remoteConsoleSchema: (minor: Minor) => JsonSchema = versioned<Words, JsonSchema>(
  {
    protocols: ["vnc", "spice", "serial", "rdp"],
    types: ["novnc", "xvpvnc", "spice-html5", "serial", "rdp-html5"],
  },
  {
    8: ({ protocols, types }) => ({
      protocols: [...protocols, "mks"],
      types: [...types, "webmks"],
    }),
    99: ({ protocols, types }) => ({ protocols, types: [...types, "spice-direct"] }),
  },
  ({ protocols, types }) =>
    bodyOf(
      "remote_console",
      object({ protocol: oneOf(protocols), type: oneOf(types) }, ["protocol", "type"]),
    ),
);

/** The query string of `GET /os-console-auth-tokens/{token}`. */
export const tokenQuerySchema: (minor: Minor) => JsonSchema = versioned(
  anyParameters,
  { 99: () => queryOf({}, "refused") },
  (query) => query,
);

/** The bodies of the actions that ended with 2.5. */
export const consoleActionSchemas = {
  vnc: actionOf("os-getVNCConsole", ["novnc", "xvpvnc"]),
  spice: actionOf("os-getSPICEConsole", ["spice-html5"]),
  serial: actionOf("os-getSerialConsole", ["serial"]),
  /** Removed from Nova: whatever is asked, it is refused. */
  rdp: anything,
} as const;

function actionOf(name: string, types: readonly string[]): JsonSchema {
  return bodyOf(name, object({ type: oneOf(types) }, ["type"]));
}

function oneOf(words: readonly string[]): JsonSchema {
  return { type: "string", enum: words };
}
