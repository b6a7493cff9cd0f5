/** Conversations about what users, projects, domains and roles share: options, tags, lists. */
import { assert, assertEquals } from "@std/assert";
import { Cloud, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

/** Asks as an admin; gives the status, and what the answer is about or the refusal's message. */
function asAdmin(cloud: Cloud) {
  return async (method: string, path: string, body?: object) => {
    const token = await cloud.token("admin");
    const { status, headers, body: answer } = await cloud.send(method, path, { token, body });
    const [about] = Object.values(answer || {});
    // deno-lint-ignore no-explicit-any -- every answer has another shape.
    return { status, headers, about: about as any, message: answer?.error?.message, body: answer };
  };
}

function namesIn(members: readonly { readonly name: string }[]): readonly string[] {
  return members.map(({ name }) => name);
}

withCloud("what Keystone does not know it keeps and shows", async (cloud) => {
  const ask = asAdmin(cloud);
  for (
    const [path, key, own] of [
      ["/v3/users", "user", "password"],
      ["/v3/projects", "project", "parent_id"],
      ["/v3/domains", "domain", "explicit_domain_id"],
      ["/v3/roles", "role", "domain_id"],
    ] as const
  ) {
    const sent = { name: "thing", color: "red", "the-size": [1, { a: null }], links: {}, id: "x" };
    const made = await ask("POST", path, { [key]: sent });
    assertEquals(made.status, 201, made.message);
    const { id, color, the_size, links } = made.about;
    assertEquals([color, the_size], ["red", [1, { a: null }]]);
    assertEquals([links.self, id.length], [`${BASE}${path.slice(3)}/${id}`, 32]);
    assert(!(own === "password" && own in made.about));
    const one = `${path}/${id}`;
    const changed = await ask("PATCH", one, { [key]: { color: null, weight: 3 } });
    assertEquals([changed.status, changed.message], [200, undefined]);
    const { color: none, the_size: same, weight } = (await ask("GET", one)).about;
    assertEquals([none, same, weight], [null, [1, { a: null }], 3]);
    const [listed] = (await ask("GET", `${path}?name=thing`)).about;
    assertEquals(listed.weight, 3);
  }
});

withCloud("options are set, shown, and reset by null", async (cloud) => {
  const ask = asAdmin(cloud);
  const options = { lock_password: true, multi_factor_auth_rules: [["password", "totp"]] };
  const { about } = await ask("POST", "/v3/users", {
    user: { name: "u", options: { ...options, ignore_password_expiry: null } },
  });
  assertEquals(about.options, options);
  const changed = await ask("PATCH", `/v3/users/${about.id}`, {
    user: { options: { lock_password: null, ignore_user_inactivity: false } },
  });
  assertEquals(changed.about.options, {
    multi_factor_auth_rules: [["password", "totp"]],
    ignore_user_inactivity: false,
  });
  const unknown = await ask("PATCH", `/v3/users/${about.id}`, { user: { options: { x: 1 } } });
  assertEquals([unknown.status, unknown.message], [
    400,
    "Invalid input for field 'user/options': Additional properties are not allowed " +
    "('x' was unexpected)",
  ]);
});

withCloud("what is immutable stays as it is until it is not", async (cloud) => {
  const ask = asAdmin(cloud);
  for (
    const [path, key, more] of [
      ["/v3/projects", "project", {}],
      ["/v3/domains", "domain", { enabled: false }],
      ["/v3/roles", "role", {}],
    ] as const
  ) {
    const made = await ask("POST", path, {
      [key]: { name: "fixed", ...more, options: { immutable: true } },
    });
    assertEquals(made.about.options, { immutable: true });
    const { id } = made.about;
    const one = `${path}/${id}`;
    const words = (verb: string) =>
      `Unable to ${verb} immutable ${key} resource: \`${id}. Set resource option "immutable" to ` +
      "false first.";
    for (
      const change of [
        { description: "d" },
        { color: "red" },
        { options: { immutable: true } },
        { description: "d", options: { immutable: false } },
      ]
    ) {
      const refused = await ask("PATCH", one, { [key]: change });
      assertEquals([refused.status, refused.message], [403, words("update")]);
    }
    const kept = await ask("DELETE", one);
    assertEquals([kept.status, kept.message], [403, words("delete")]);
    const freed = await ask("PATCH", one, { [key]: { options: { immutable: null } } });
    assertEquals([freed.status, freed.about.options], [200, {}]);
    assertEquals((await ask("DELETE", one)).status, 204);
  }
});

withCloud("a domain keeps what is immutable in it", async (cloud) => {
  const ask = asAdmin(cloud);
  const domain = (await ask("POST", "/v3/domains", { domain: { name: "acme" } })).about.id;
  const project = (await ask("POST", "/v3/projects", {
    project: { name: "p", domain_id: domain, options: { immutable: true } },
  })).about.id;
  await ask("PATCH", `/v3/domains/${domain}`, { domain: { enabled: false } });
  assertEquals((await ask("DELETE", `/v3/domains/${domain}`)).status, 403);
  assertEquals((await ask("GET", `/v3/domains/${domain}`)).status, 200);
  await ask("PATCH", `/v3/projects/${project}`, { project: { options: { immutable: false } } });
  assertEquals((await ask("DELETE", `/v3/domains/${domain}`)).status, 204);
});

withCloud("tags of a project: set, add, check, remove, clear", async (cloud) => {
  const ask = asAdmin(cloud);
  const project = cloud.ids.demoProject;
  const tags = `/v3/projects/${project}/tags`;
  const set = await ask("PUT", tags, { tags: ["a", "b c"] });
  assertEquals([set.status, set.body], [200, {
    tags: ["a", "b c"],
    links: { self: `${BASE}/projects/${project}/tags` },
  }]);
  const added = await ask("PUT", `${tags}/d`);
  assertEquals([added.status, added.headers.get("location")], [
    201,
    `${BASE}/projects/${project}/tags/d`,
  ]);
  assertEquals((await ask("PUT", `${tags}/d`)).status, 201);
  assertEquals((await ask("GET", tags)).about, ["a", "b c", "d"]);
  assertEquals((await ask("HEAD", `${tags}/b%20c`)).status, 204);
  assertEquals((await ask("DELETE", `${tags}/a`)).status, 204);
  for (const method of ["GET", "DELETE"]) {
    const gone = await ask(method, `${tags}/a`);
    assertEquals([gone.status, gone.message], [404, "Could not find project tag: a."]);
  }
  const bad = await ask("PUT", `${tags}/a,b`);
  assertEquals([bad.status, bad.message], [400, "'a,b' does not match '^[^,/]*$'"]);
  const twice = await ask("PUT", tags, { tags: ["x", "x"] });
  assertEquals([twice.status, twice.message], [
    400,
    "Invalid input for field 'tags': [...] has non-unique elements",
  ]);
  const most = Array.from({ length: 80 }, (_, at) => `t${at}`);
  assertEquals((await ask("PUT", tags, { tags: most })).status, 200);
  assertEquals((await ask("PUT", `${tags}/more`)).message, "[...] is too long");
  assertEquals((await ask("DELETE", tags)).status, 204);
  assertEquals((await ask("GET", `/v3/projects/${project}`)).about.tags, []);
  assertEquals(
    (await ask("PUT", "/v3/projects/none/tags/a")).message,
    "Could not find project: none.",
  );

  await ask("PATCH", `/v3/projects/${project}`, { project: { options: { immutable: true } } });
  const words = (verb: string) =>
    `Cannot ${verb} project tags for ${project}, project is immutable. Set "immutable" option to ` +
    "false before creating project tags.";
  assertEquals((await ask("PUT", `${tags}/a`)).message, words("create"));
  assertEquals((await ask("PUT", tags, { tags: ["a"] })).message, words("update"));

  const token = await cloud.token("demo");
  const status = async (method: string, path: string) =>
    (await cloud.send(method, path, { token })).status;
  assertEquals([await status("GET", tags), await status("PUT", `${tags}/a`)], [200, 403]);
  const other = `/v3/projects/${cloud.ids.adminProject}/tags`;
  assertEquals(await status("GET", other), 403);
});

withCloud("projects are found by their tags", async (cloud) => {
  const ask = asAdmin(cloud);
  for (const [name, tags] of [["ab", ["a", "b"]], ["bc", ["b", "c"]], ["c", ["c"]]] as const) {
    await ask("POST", "/v3/projects", { project: { name, tags } });
  }
  const found = async (query: string) => namesIn((await ask("GET", `/v3/projects?${query}`)).about);
  assertEquals(await found("tags=b"), ["ab", "bc"]);
  assertEquals(await found("tags=a,b"), ["ab"]);
  assertEquals(await found("tags-any=a,c"), ["ab", "bc", "c"]);
  assertEquals(await found("not-tags=b,c"), ["ab", "admin", "c", "demo"]);
  assertEquals(await found("not-tags-any=b,c"), ["admin", "demo"]);
  assertEquals(await found("tags=b&not-tags=a"), ["bc"]);
  assertEquals(await found("tags=c&name=c"), ["c"]);
  assertEquals(await found("tags=none"), []);
});

withCloud("lists are narrowed by parts of names, in capitals or not", async (cloud) => {
  const ask = asAdmin(cloud);
  for (const name of ["Ann", "Hannah", "50%_off"]) {
    await ask("POST", "/v3/users", { user: { name } });
  }
  const found = async (query: string) => namesIn((await ask("GET", `/v3/users?${query}`)).about);
  assertEquals(await found("name__contains=ann"), ["Hannah"]);
  assertEquals(await found("name__icontains=ANN"), ["Ann", "Hannah"]);
  assertEquals(await found("name__startswith=A"), ["Ann"]);
  assertEquals(await found("name__istartswith=a"), ["admin", "Ann"]);
  assertEquals(await found("name__endswith=h"), ["Hannah"]);
  assertEquals(await found("name__endswith=H"), []);
  assertEquals(await found("name__iendswith=NN"), ["Ann"]);
  assertEquals(await found("name__contains=%25_"), ["50%_off"]);
  assertEquals(await found("name__contains=_"), ["50%_off"]);
  // What Keystone does not understand it passes over.
  assertEquals((await found("name__sounds=ann&email__contains=x&name__contains=")).length, 6);
  assertEquals(await found("enabled=false"), []);
});

withCloud("lists come a page at a time, each with the way to the next", async (cloud) => {
  const ask = asAdmin(cloud);
  for (const n of [1, 2, 3, 4]) await ask("POST", "/v3/groups", { group: { name: `g${n}` } });
  for (
    const [path, count] of [["groups", 4], ["users", 3], ["roles", 5], ["services", 6]] as const
  ) {
    const seen: string[] = [];
    let next: string | null = `${BASE}/${path}?limit=2`;
    for (let pages = 0; next !== null; pages++) {
      assert(pages < 5, "no end");
      const { body, about } = await ask("GET", next.slice(BASE.length - 3));
      seen.push(...about.map(({ id }: { id: string }) => id));
      assertEquals(body.truncated, body.links.next === null ? undefined : true);
      next = body.links.next;
    }
    assertEquals([seen.length, new Set(seen).size], [count, count], path);
    const unknown = await ask("GET", `/v3/${path}?marker=none`);
    assertEquals([unknown.status, unknown.message], [404, "Marker none could not be found."]);
    assertEquals((await ask("GET", `/v3/${path}?limit=x`)).status, 400);
    assertEquals((await ask("GET", `/v3/${path}?limit=0`)).about, []);
  }
});

withCloud("a project shows what is above it and below", async (cloud) => {
  const ask = asAdmin(cloud);
  const make = async (name: string, parent_id?: string) =>
    (await ask("POST", "/v3/projects", { project: { name, parent_id } })).about.id;
  const top = await make("top");
  const middle = await make("middle", top);
  const [left, right] = [await make("left", middle), await make("right", middle)];
  const show = async (id: string, query: string) =>
    (await ask("GET", `/v3/projects/${id}?${query}`)).about;
  assertEquals((await show(left, "parents_as_ids")).parents, {
    [middle]: { [top]: { default: null } },
  });
  assertEquals((await show(top, "subtree_as_ids")).subtree, {
    [middle]: { [left]: null, [right]: null },
  });
  assertEquals((await show(left, "subtree_as_ids")).subtree, null);
  assertEquals((await show(top, "parents_as_ids=0")).parents, undefined);
  // Lists show what the user has a role on.
  assertEquals((await show(top, "subtree_as_list")).subtree, []);
  const { adminUser, memberRole } = cloud.ids;
  await ask("PUT", `/v3/projects/${middle}/users/${adminUser}/roles/${memberRole}`);
  assertEquals((await show(top, "subtree_as_list")).subtree[0].project.name, "middle");
  assertEquals((await show(left, "parents_as_list")).parents[0].project.id, middle);
  const both = await ask("GET", `/v3/projects/${top}?parents_as_ids&parents_as_list`);
  assertEquals([both.status, both.message], [
    400,
    "Cannot use parents_as_list and parents_as_ids query params at the same time.",
  ]);

  const switched = async (id: string, enabled: boolean) => {
    const { status, message } = await ask("PATCH", `/v3/projects/${id}`, { project: { enabled } });
    return [status, message];
  };
  assertEquals(await switched(top, false), [
    403,
    `Cannot disable project ${top} since its subtree contains enabled projects.`,
  ]);
  for (const id of [left, right, middle, top]) {
    assertEquals(await switched(id, false), [200, undefined]);
  }
  assertEquals(await switched(left, true), [
    403,
    `Cannot enable project ${left} since it has disabled parents`,
  ]);
  const below = await ask("POST", "/v3/projects", { project: { name: "x", parent_id: left } });
  assertEquals([below.status, below.message], [
    400,
    `cannot create a project in a branch containing a disabled project: ${left}`,
  ]);
  for (const id of [top, middle, left]) assertEquals(await switched(id, true), [200, undefined]);
  const fourth = await make("fourth", left);
  const fifth = await make("fifth", fourth);
  const sixth = await ask("POST", "/v3/projects", { project: { name: "6", parent_id: fifth } });
  assertEquals([sixth.status, sixth.message], [
    403,
    `Max hierarchy depth reached for ${fifth} branch.`,
  ]);
});

withCloud("a role of a domain gives what it implies, and is in no token", async (cloud) => {
  const ask = asAdmin(cloud);
  const { demoUser, demoProject, memberRole, managerRole } = cloud.ids;
  const acme = (await ask("POST", "/v3/domains", { domain: { name: "acme" } })).about.id;
  const made = await ask("POST", "/v3/roles", { role: { name: "member", domain_id: "default" } });
  assertEquals([made.status, made.about.domain_id], [201, "default"]);
  const { id } = made.about;
  const twice = await ask("POST", "/v3/roles", { role: { name: "member", domain_id: "default" } });
  assertEquals([twice.status, twice.message], [
    409,
    "Conflict occurred attempting to store role - Duplicate entry found with name member at " +
    "domain ID default.",
  ]);
  const foreign = (await ask("POST", "/v3/roles", { role: { name: "member", domain_id: acme } }))
    .about.id;
  assertEquals(namesIn((await ask("GET", "/v3/roles?domain_id=default")).about), ["member"]);
  assertEquals((await ask("GET", "/v3/roles")).about.length, 5);
  const moved = await ask("PATCH", `/v3/roles/${id}`, { role: { domain_id: acme } });
  assertEquals([moved.status, moved.message], [400, "Update of `domain_id` is not allowed."]);

  const grants = `/v3/projects/${demoProject}/users/${demoUser}/roles`;
  const mismatch = await ask("PUT", `${grants}/${foreign}`);
  assertEquals([mismatch.status, mismatch.message], [
    403,
    `Project ${demoProject} must be in the same domain as the role ${foreign} being assigned.`,
  ]);
  await ask("PUT", `${grants}/${id}`);
  await ask("DELETE", `${grants}/${memberRole}`);
  assertEquals((await cloud.logIn("demo")).status, 401);
  await ask("PUT", `/v3/roles/${id}/implies/${managerRole}`);
  const roles = (await cloud.logIn("demo")).body.token.roles;
  assertEquals(namesIn(roles), ["manager", "member", "reader"]);
  const effective = (await ask("GET", `/v3/role_assignments?user.id=${demoUser}&effective`)).about;
  assertEquals(effective.some(({ role }: { role: { id: string } }) => role.id === id), false);
  const [named] =
    (await ask("GET", `/v3/role_assignments?user.id=${demoUser}&include_names`)).about;
  assertEquals(named.role, { id, name: "member", domain: { id: "default", name: "Default" } });

  await ask("PATCH", `/v3/domains/${acme}`, { domain: { enabled: false } });
  assertEquals((await ask("DELETE", `/v3/domains/${acme}`)).status, 204);
  assertEquals((await ask("GET", `/v3/roles/${foreign}`)).status, 404);
});

withCloud("implications: put, head, get, delete, and effective at once", async (cloud) => {
  const ask = asAdmin(cloud);
  const { readerRole, serviceRole, adminRole } = cloud.ids;
  const path = `/v3/roles/${readerRole}/implies/${serviceRole}`;
  const view = (id: string, name: string) => ({ id, links: { self: `${BASE}/roles/${id}` }, name });
  const none = await ask("GET", path);
  assertEquals([none.status, none.message], [404, `${readerRole} does not imply ${serviceRole}.`]);
  const made = await ask("PUT", path);
  assertEquals([made.status, made.body], [201, {
    role_inference: {
      prior_role: view(readerRole, "reader"),
      implies: view(serviceRole, "service"),
    },
    links: { self: `${BASE}/roles/${readerRole}/implies/${serviceRole}` },
  }]);
  assertEquals([(await ask("HEAD", path)).status, (await ask("GET", path)).body], [204, made.body]);
  assertEquals(namesIn((await cloud.logIn("reader")).body.token.roles), ["reader", "service"]);
  const twice = await ask("PUT", path);
  assertEquals([twice.status, twice.message], [
    409,
    "Conflict occurred attempting to store implied_role - Duplicate entry.",
  ]);
  const admin = await ask("PUT", `/v3/roles/${readerRole}/implies/${adminRole}`);
  assertEquals([admin.status, admin.message], [403, `${adminRole} cannot be an implied roles.`]);
  assertEquals((await ask("PUT", `/v3/roles/${readerRole}/implies/none`)).status, 404);
  assertEquals((await ask("DELETE", path)).status, 204);
  assertEquals((await ask("DELETE", path)).status, 404);
  const token = await cloud.token("demo");
  for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
    assertEquals((await cloud.send(method, path, { token })).status, 403);
  }
});
