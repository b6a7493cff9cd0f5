/** Conversations about roles that are granted on all that is below a project or a domain. */
import { assertEquals } from "@std/assert";
import { Cloud, SYSTEM, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

function asAdmin(cloud: Cloud) {
  return async (method: string, path: string, body?: object) => {
    const token = await cloud.token("admin", SYSTEM);
    const { status, body: answer } = await cloud.send(method, path, { token, body });
    const [about] = Object.values(answer || {});
    // deno-lint-ignore no-explicit-any -- every answer has another shape.
    return { status, about: about as any, message: answer?.error?.message };
  };
}

function namesIn(members: readonly { readonly name: string }[]): readonly string[] {
  return members.map(({ name }) => name);
}

/** Projects `top`, `middle` and `low`, each below the one before. */
async function tower(cloud: Cloud): Promise<{ top: string; middle: string; low: string }> {
  const ask = asAdmin(cloud);
  const make = async (name: string, parent_id?: string) =>
    (await ask("POST", "/v3/projects", { project: { name, parent_id } })).about.id;
  const top = await make("top");
  const middle = await make("middle", top);
  return { top, middle, low: await make("low", middle) };
}

withCloud(
  "a role inherited from a project is one on all below it, and not on it",
  async (cloud) => {
    const ask = asAdmin(cloud);
    const { top, middle, low } = await tower(cloud);
    const { readerUser, memberRole } = cloud.ids;
    const path = `/v3/OS-INHERIT/projects/${top}/users/${readerUser}/roles/${memberRole}` +
      "/inherited_to_projects";
    assertEquals((await ask("HEAD", path)).status, 404);
    assertEquals([(await ask("PUT", path)).status, (await ask("PUT", path)).status], [204, 204]);
    assertEquals((await ask("HEAD", path)).status, 204);
    const plain = `/v3/projects/${top}/users/${readerUser}/roles/${memberRole}`;
    assertEquals((await ask("HEAD", plain)).status, 404, "it is not a grant on the project");

    const logIn = (id: string) => cloud.logIn("reader", { project: { id } });
    assertEquals((await logIn(top)).status, 401);
    for (const project of [middle, low]) {
      assertEquals(namesIn((await logIn(project)).body.token.roles), ["member", "reader"]);
    }
    const token = await cloud.token("reader", { project: { id: low } });
    const own = await cloud.send("GET", "/v3/auth/projects", { token });
    assertEquals(namesIn(own.body.projects), ["demo", "low", "middle"]);
    const projects = await cloud.send("GET", `/v3/users/${readerUser}/projects`, { token });
    assertEquals(namesIn(projects.body.projects), ["demo", "low", "middle"]);

    assertEquals((await ask("DELETE", path)).status, 204);
    assertEquals(await cloud.identity.check(token), undefined);
    assertEquals((await ask("DELETE", path)).status, 404);
  },
);

withCloud(
  "a role inherited from a domain is one on its projects, for groups too",
  async (cloud) => {
    const ask = asAdmin(cloud);
    const { adminProject, readerUser, memberRole } = cloud.ids;
    const group = (await ask("POST", "/v3/groups", { group: { name: "crew" } })).about.id;
    await ask("PUT", `/v3/groups/${group}/users/${readerUser}`);
    const all = `/v3/OS-INHERIT/domains/default/groups/${group}/roles`;
    assertEquals((await ask("PUT", `${all}/${memberRole}/inherited_to_projects`)).status, 204);
    assertEquals(namesIn((await ask("GET", `${all}/inherited_to_projects`)).about), ["member"]);
    assertEquals((await ask("GET", `/v3/domains/default/groups/${group}/roles`)).about, []);
    const { low } = await tower(cloud);
    for (const id of [adminProject, low]) {
      const { body } = await cloud.logIn("reader", { project: { id } });
      assertEquals(namesIn(body.token.roles), ["member", "reader"]);
    }
    assertEquals((await cloud.logIn("reader", { domain: { id: "default" } })).status, 401);
    await ask("DELETE", `/v3/groups/${group}`);
    assertEquals((await cloud.logIn("reader", { project: { id: low } })).status, 401);
  },
);

withCloud("role assignments tell what is inherited, and where it leads", async (cloud) => {
  const ask = asAdmin(cloud);
  const { top, middle, low } = await tower(cloud);
  const { readerUser, readerRole, memberRole } = cloud.ids;
  const end = `users/${readerUser}/roles/${memberRole}/inherited_to_projects`;
  await ask("PUT", `/v3/OS-INHERIT/projects/${top}/${end}`);
  const list = async (query: string) =>
    (await ask("GET", `/v3/role_assignments?user.id=${readerUser}&${query}`)).about;
  const inherited = { "OS-INHERIT:inherited_to": "projects" };
  const links = { assignment: `${BASE}/OS-INHERIT/projects/${top}/${end}` };
  const direct = {
    role: { id: memberRole },
    user: { id: readerUser },
    scope: { project: { id: top }, ...inherited },
    links,
  };
  assertEquals(await list("scope.OS-INHERIT:inherited_to=projects"), [direct]);
  assertEquals(await list(`scope.project.id=${top}`), [direct]);
  assertEquals((await list("")).length, 2);
  assertEquals((await list("scope.OS-INHERIT:inherited_to=")).length, 1);

  const effective = await list(`effective&role.id=${memberRole}`);
  assertEquals(
    effective,
    [middle, low].map((id) => ({
      ...direct,
      scope: { project: { id }, ...inherited },
    })),
  );
  const ofLow = await list(`effective&scope.project.id=${low}`);
  assertEquals(ofLow.map(({ role }: { role: { id: string } }) => role.id), [
    memberRole,
    readerRole,
  ]);
  assertEquals(await list(`effective&scope.project.id=${top}`), []);
  const ofTree = await list(
    `effective&include_subtree&scope.project.id=${middle}&role.id=${memberRole}`,
  );
  assertEquals(ofTree, effective);
  assertEquals((await list(`include_subtree&scope.project.id=${top}`)).length, 1);
  const scopeless = await ask("GET", "/v3/role_assignments?include_subtree");
  assertEquals([scopeless.status, scopeless.message], [
    400,
    "scope.project.id must be specified if include_subtree is also specified",
  ]);
  const refused = await ask(
    "GET",
    "/v3/role_assignments?effective&scope.domain.id=default&" +
      "scope.OS-INHERIT:inherited_to=projects",
  );
  assertEquals([refused.status, refused.message], [
    400,
    "Combining effective, domain and inherited filters will always result in an empty list.",
  ]);
  await ask("DELETE", `/v3/projects/${low}`);
  await ask("DELETE", `/v3/projects/${middle}`);
  await ask("DELETE", `/v3/projects/${top}`);
  assertEquals((await list("")).length, 1);
});
