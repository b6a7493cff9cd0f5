/** Bodies of PUT /servers/{id}, read into what is to change. */
import { assertEquals } from "@std/assert";
import { readUpdate } from "../../src/compute/servers/requests.ts";
import { updateSchema } from "../../src/compute/servers/schemas.ts";
import type { Minor } from "../../src/http/microversions.ts";
import { bodyProblem } from "../../src/http/schema.ts";

/** Each body with the first microversion that knows its fields. */
const BODIES: readonly (readonly [Minor, object, object])[] = [
  [1, {}, {}],
  [1, { name: "db" }, { name: "db" }],
  [1, { accessIPv4: "192.0.2.7" }, { accessIPv4: "192.0.2.7" }],
  [1, { accessIPv6: "2001:0DB8::0:7" }, { accessIPv6: "2001:db8::7" }],
  [1, { "OS-DCF:diskConfig": "AUTO" }, { diskConfig: "AUTO" }],
  [19, { description: "text" }, { description: "text" }],
  [19, { description: null }, { description: null }],
  [90, { hostname: "db-1" }, { hostname: "db-1" }],
  [94, { hostname: "db.example.org" }, { hostname: "db.example.org" }],
  [104, { pinned_availability_zone: "nova" }, { pinnedAvailabilityZone: "nova" }],
  [104, { pinned_availability_zone: null }, { pinnedAvailabilityZone: null }],
  [
    90,
    { name: "db", description: null, hostname: "db-1" },
    { name: "db", description: null, hostname: "db-1" },
  ],
];

for (const [minor, server, changes] of BODIES) {
  const body = { server };

  Deno.test(`PUT ${JSON.stringify(server)} changes what it names, from 2.${minor}`, () => {
    assertEquals(bodyProblem(updateSchema(minor), body), undefined);
    assertEquals<unknown>(readUpdate(body), changes);
  });

  if (minor > 1) {
    Deno.test(`PUT ${JSON.stringify(server)} is refused below 2.${minor}`, () => {
      assertEquals(typeof bodyProblem(updateSchema(minor - 1), body), "string");
    });
  }
}
