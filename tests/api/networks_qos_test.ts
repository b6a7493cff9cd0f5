/** QoS policies, their rules, and what they are for. */
import { assertEquals } from "@std/assert";
import {
  BASE,
  make,
  type Name,
  type Neighbours,
  put,
  refusalOf,
  withNeighbours,
} from "./networks_kit_test.ts";

const makePolicy = (cloud: Neighbours, more: object = {}) =>
  make(cloud, "qos/policies", { policy: { name: "gold", ...more } }, "admin");

const create = (cloud: Neighbours, path: string, body: object, name: Name = "admin") =>
  cloud.ask(name, "POST", `${BASE}/${path}`, { body });

const get = async (cloud: Neighbours, path: string, name: Name = "admin") =>
  (await cloud.ask(name, "GET", `${BASE}/${path}`)).body;

const drop = (cloud: Neighbours, path: string, name: Name = "admin") =>
  cloud.ask(name, "DELETE", `${BASE}/${path}`);

Deno.test("a QoS policy from create to delete", () =>
  withNeighbours(async (cloud) => {
    const policy = await makePolicy(cloud, { description: "d" });
    assertEquals({ ...policy, created_at: 0, updated_at: 0 }, {
      id: policy.id,
      name: "gold",
      tenant_id: "project-admin",
      project_id: "project-admin",
      description: "d",
      shared: false,
      is_default: false,
      rules: [],
      tags: [],
      created_at: 0,
      updated_at: 0,
      revision_number: 1,
    });
    const path = `qos/policies/${policy.id}`;
    assertEquals((await create(cloud, "qos/policies", { policy: {} }, "member")).status, 403);
    assertEquals((await get(cloud, "qos/policies", "member")).policies, []);
    const shared = await put(cloud, path, { policy: { shared: true, name: "silver" } }, "admin");
    assertEquals([shared.body.policy.shared, shared.body.policy.name], [true, "silver"]);
    assertEquals((await get(cloud, "qos/policies?name=silver", "member")).policies.length, 1);
    assertEquals((await put(cloud, path, { policy: { name: "x" } })).status, 403);
    assertEquals((await put(cloud, `${path}/tags`, { tags: ["a"] }, "admin")).status, 200);
    assertEquals((await get(cloud, path)).policy.tags, ["a"]);
    assertEquals((await drop(cloud, path, "member")).status, 403);
    assertEquals((await drop(cloud, path)).status, 204);
    assertEquals(refusalOf(await drop(cloud, path)).slice(0, 2), [404, "QosPolicyNotFound"]);
  }));

Deno.test("one default policy a project, which its new networks have", () =>
  withNeighbours(async (cloud) => {
    const policy = await makePolicy(cloud, { is_default: true });
    const second = await create(cloud, "qos/policies", { policy: { is_default: true } });
    assertEquals(refusalOf(second), [
      409,
      "QoSPolicyDefaultAlreadyExists",
      "A default QoS policy exists for project project-admin.",
    ]);
    const network = await make(cloud, "networks", { network: {} }, "admin");
    assertEquals(network.qos_policy_id, policy.id);
    const none = await make(cloud, "networks", { network: { qos_policy_id: null } }, "admin");
    assertEquals(none.qos_policy_id, null);
    const path = `qos/policies/${policy.id}`;
    const unset = await put(cloud, path, { policy: { is_default: false } }, "admin");
    assertEquals(unset.body.policy.is_default, false);
  }));

Deno.test("rules of every kind", () =>
  withNeighbours(async (cloud) => {
    const policy = await makePolicy(cloud, { shared: true });
    for (
      const [kind, asked, made, changed] of [
        [
          "bandwidth_limit",
          { max_kbps: 1000 },
          { max_kbps: 1000, max_burst_kbps: 0, direction: "egress" },
          { max_kbps: 2000, direction: "ingress" },
        ],
        ["dscp_marking", { dscp_mark: 16 }, { dscp_mark: 16 }, { dscp_mark: 0 }],
        [
          "minimum_bandwidth",
          { min_kbps: "500" },
          { min_kbps: 500, direction: "egress" },
          { min_kbps: 600 },
        ],
        [
          "packet_rate_limit",
          { max_kpps: 10, direction: "ingress" },
          { max_kpps: 10, max_burst_kpps: 0, direction: "ingress" },
          { max_burst_kpps: 5 },
        ],
        [
          "minimum_packet_rate",
          { min_kpps: 10, direction: "any" },
          { min_kpps: 10, direction: "any" },
          { direction: "egress" },
        ],
      ] as const
    ) {
      const path = `qos/policies/${policy.id}/${kind}_rules`;
      const key = `${kind}_rule`;
      const answer = await create(cloud, path, { [key]: asked });
      assertEquals(answer.status, 201, answer.text);
      const { id, ...values } = answer.body[key];
      assertEquals(values, { ...made });
      assertEquals((await get(cloud, `${path}/${id}`))[key], { id, ...made });
      const updated = await put(cloud, `${path}/${id}`, { [key]: changed }, "admin");
      assertEquals(updated.body[key], { id, ...made, ...changed });
      assertEquals((await get(cloud, path, "member"))[`${key}s`], [{ id, ...made, ...changed }]);
      assertEquals((await create(cloud, path, { [key]: asked }, "member")).status, 403);
      const twice = { ...asked, ...("direction" in changed ? changed : {}) };
      assertEquals(refusalOf(await create(cloud, path, { [key]: twice })).slice(0, 2), [
        409,
        "QoSRulesConflict",
      ]);
    }
    const { rules } = (await get(cloud, `qos/policies/${policy.id}`)).policy;
    assertEquals(rules.length, 5);
    assertEquals([rules[1].type, rules[1].dscp_mark, rules[1].qos_policy_id], [
      "dscp_marking",
      0,
      policy.id,
    ]);
    const path = `qos/policies/${policy.id}/dscp_marking_rules/${rules[1].id}`;
    assertEquals((await drop(cloud, path)).status, 204);
    assertEquals(refusalOf(await drop(cloud, path)).slice(0, 2), [404, "QosRuleNotFound"]);
  }));

Deno.test("rules that are refused", () =>
  withNeighbours(async (cloud) => {
    const policy = await makePolicy(cloud);
    for (
      const [kind, asked] of [
        ["bandwidth_limit", {}],
        ["bandwidth_limit", { max_kbps: -1 }],
        ["bandwidth_limit", { max_kbps: 1, direction: "any" }],
        ["dscp_marking", { dscp_mark: 3 }],
        ["minimum_bandwidth", { min_kbps: "x" }],
        ["minimum_packet_rate", { min_kpps: 1, direction: "up" }],
        ["minimum_packet_rate", { min_kpps: 1, colour: "red" }],
      ] as const
    ) {
      const path = `qos/policies/${policy.id}/${kind}_rules`;
      const { status, text } = await create(cloud, path, { [`${kind}_rule`]: asked });
      assertEquals(status, 400, text);
    }
    const path = `qos/policies/${crypto.randomUUID()}/dscp_marking_rules`;
    const unknown = await create(cloud, path, { dscp_marking_rule: { dscp_mark: 0 } });
    assertEquals(refusalOf(unknown).slice(0, 2), [404, "QosPolicyNotFound"]);
  }));

Deno.test("networks, ports and floating IPs have a policy, which stays for that long", () =>
  withNeighbours(async (cloud) => {
    const mine = await makePolicy(cloud);
    const policy = await makePolicy(cloud, { shared: true });
    const id = policy.id;
    const asked = (qos_policy_id: string) => ({ network: { qos_policy_id } });
    assertEquals(
      refusalOf(await create(cloud, "networks", asked(mine.id), "member")).slice(0, 2),
      [404, "QosPolicyNotFound"],
    );
    const network = await make(cloud, "networks", asked(id));
    const port = await make(cloud, "ports", { port: { network_id: network.id } });
    assertEquals([port.qos_policy_id, port.qos_network_policy_id], [null, id]);
    const path = `ports/${port.id}`;
    const changed = await put(cloud, path, { port: { qos_policy_id: id } });
    assertEquals(changed.body.port.qos_policy_id, id);
    const refused = await drop(cloud, `qos/policies/${id}`);
    assertEquals(refusalOf(refused).slice(0, 2), [409, "QosPolicyInUse"]);
    assertEquals((await get(cloud, `ports?qos_policy_id=${id}`)).ports.length, 1);
    const gone = await put(cloud, `networks/${network.id}`, { network: { qos_policy_id: null } });
    assertEquals(gone.body.network.qos_policy_id, null);
    assertEquals((await drop(cloud, path, "member")).status, 204);
    assertEquals((await drop(cloud, `qos/policies/${id}`)).status, 204);
  }));

Deno.test("the kinds of rules are told", () =>
  withNeighbours(async (cloud) => {
    const { rule_types } = await get(cloud, "qos/rule-types", "member");
    assertEquals(rule_types.length, 5);
    const shown = (await get(cloud, "qos/rule-types/bandwidth_limit")).rule_type;
    assertEquals([shown.type, shown.drivers.length], ["bandwidth_limit", 1]);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/qos/rule-types/x`)).status, 403);
    assertEquals((await cloud.ask("admin", "GET", `${BASE}/qos/rule-types/x`)).status, 404);
  }));
