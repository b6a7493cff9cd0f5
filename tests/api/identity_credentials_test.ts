/** Conversations about credentials for other ends, and about what they must not tell. */
import { assert, assertEquals } from "@std/assert";
import { Cloud, SYSTEM, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

const REST = "The server could not comply with the request since it is either malformed or " +
  "otherwise incorrect. The client is assumed to be in error.";

function ids(members: readonly { readonly id: string }[]): readonly string[] {
  return members.map(({ id }) => id).sort();
}

async function make(cloud: Cloud, token: string, credential: object) {
  const answer = await cloud.send("POST", "/v3/credentials", { token, body: { credential } });
  assertEquals(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.credential;
}

withCloud("credentials: create, show, list, update, delete one's own", async (cloud) => {
  const token = await cloud.token("demo");
  const { demoUser, demoProject } = cloud.ids;
  const made = await make(cloud, token, { type: "cert", blob: "pem", user_id: demoUser, hue: 1 });
  const view = {
    hue: 1,
    id: made.id,
    type: "cert",
    user_id: demoUser,
    project_id: null,
    blob: "pem",
    links: { self: `${BASE}/credentials/${made.id}` },
  };
  assertEquals(made, view);
  const path = `/v3/credentials/${made.id}`;
  assertEquals((await cloud.send("GET", path, { token })).body.credential, view);
  const other = await make(cloud, token, { type: "totp", blob: "seed", user_id: demoUser });
  const list = async (query = "", as = token) =>
    (await cloud.send("GET", `/v3/credentials${query}`, { token: as })).body.credentials;
  assertEquals(ids(await list()), [made.id, other.id].sort());
  assertEquals(await list("?type=cert"), [view]);

  const updated = await cloud.send("PATCH", path, {
    token,
    body: { credential: { blob: "other", project_id: demoProject } },
  });
  assertEquals([updated.status, updated.body.credential], [200, {
    ...view,
    blob: "other",
    project_id: demoProject,
  }]);
  const renamed = await cloud.send("PATCH", path, { token, body: { credential: { hue: 2 } } });
  assertEquals([renamed.body.credential.blob, renamed.body.credential.hue], ["other", 2]);
  assertEquals((await cloud.send("DELETE", path, { token })).status, 204);
  assertEquals(ids(await list()), [other.id]);

  const admin = await cloud.token("admin");
  const gone = await cloud.send("GET", path, { token: admin });
  assertEquals([gone.status, gone.body.error.message], [
    404,
    `Could not find credential: ${made.id}.`,
  ]);
  assertEquals(ids(await list(`?user_id=${demoUser}`, admin)), [other.id]);
  await cloud.send("DELETE", `/v3/users/${demoUser}`, { token: admin });
  assertEquals(await list("", admin), []);
});

withCloud("nobody sees, makes or gives away credentials of others", async (cloud) => {
  const [demo, reader] = [await cloud.token("demo"), await cloud.token("reader")];
  const { demoUser, readerUser } = cloud.ids;
  const { id } = await make(cloud, demo, { type: "cert", blob: "pem", user_id: demoUser });
  const statuses = async (
    token: string,
    ...all: readonly (readonly [string, string, object?])[]
  ) => {
    const given: number[] = [];
    for (const [method, path, credential] of all) {
      const body = credential && { credential };
      given.push((await cloud.send(method, path, { token, body })).status);
    }
    return given;
  };
  const path = `/v3/credentials/${id}`;
  assertEquals(
    await statuses(
      reader,
      ["GET", path],
      ["PATCH", path, { blob: "x" }],
      ["DELETE", path],
      ["GET", "/v3/credentials/none"],
      ["POST", "/v3/credentials", { type: "cert", blob: "x", user_id: demoUser }],
    ),
    [403, 403, 403, 403, 403],
  );
  assertEquals(await statuses(demo, ["PATCH", path, { user_id: readerUser }]), [403]);
  const listed = await cloud.send("GET", `/v3/credentials?user_id=${demoUser}`, { token: reader });
  assertEquals(listed.body.credentials, []);
  // A reader of the system sees all of them, and changes none.
  const grant = `/v3/system/users/${readerUser}/roles/${cloud.ids.readerRole}`;
  await cloud.send("PUT", grant, { token: await cloud.token("admin", SYSTEM) });
  const ofSystem = await cloud.token("reader", SYSTEM);
  assertEquals(await statuses(ofSystem, ["GET", path], ["DELETE", path]), [200, 403]);
});

withCloud("credentials for EC2 are found by their access key", async (cloud) => {
  const token = await cloud.token("demo");
  const { demoUser, demoProject } = cloud.ids;
  const ec2 = { type: "ec2", user_id: demoUser, project_id: demoProject };
  const blob = JSON.stringify({ access: "key", secret: "s" });
  const { id } = await make(cloud, token, { ...ec2, blob });
  assertEquals(id, "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683");
  const post = async (credential: object) => {
    const answer = await cloud.send("POST", "/v3/credentials", { token, body: { credential } });
    return [answer.status, answer.body.error?.message];
  };
  assertEquals(await post({ ...ec2, blob }), [
    409,
    `Conflict occurred attempting to store credential - Duplicate entry found with ID ${id}.`,
  ]);
  assertEquals(await post({ ...ec2, blob: "{" }), [400, "Invalid blob in credential"]);
  assertEquals(await post({ ...ec2, blob: "{}" }), [
    400,
    `Expecting to find blob in credential. ${REST}`,
  ]);
  assertEquals(await post({ ...ec2, blob: '{"secret":"s"}' }), [
    400,
    `Expecting to find access in credential. ${REST}`,
  ]);
  assertEquals(await post({ type: "ec2", blob, user_id: demoUser }), [
    400,
    "Invalid input for field 'credential': 'project_id' is a required property",
  ]);
  assertEquals(await post({ type: "cert", blob: 7, user_id: demoUser }), [
    400,
    "Invalid input for field 'credential/blob': *** is not of type 'string'",
  ]);
  const patch = async (credential: object, of = id) => {
    const path = `/v3/credentials/${of}`;
    const answer = await cloud.send("PATCH", path, { token, body: { credential } });
    return [answer.status, answer.body.error?.message];
  };
  assertEquals(await patch({ blob: '{"access":"key","app_cred_id":"x"}' }), [
    400,
    "app_cred_id can not be updated for credential",
  ]);
  assertEquals(await patch({ blob: '{"access":"key","secret":"t"}' }), [200, undefined]);
  const cert = await make(cloud, token, { type: "cert", blob: "pem", user_id: demoUser });
  assertEquals(await patch({ type: "ec2" }, cert.id), [
    400,
    `Expecting to find project_id in credential. ${REST}`,
  ]);
  assertEquals((await cloud.send("DELETE", `/v3/credentials/${id}`, { token })).status, 204);
  assertEquals((await make(cloud, token, { ...ec2, blob })).id, id);
});

withCloud(
  "an application credential reaches what is of its project, and no more",
  async (cloud) => {
    const token = await cloud.token("demo");
    const { demoUser, demoProject } = cloud.ids;
    const inside = await make(cloud, token, {
      ...{ type: "cert", blob: "pem", user_id: demoUser, project_id: demoProject },
    });
    const outside = await make(cloud, token, { type: "totp", blob: "seed", user_id: demoUser });
    const { body } = await cloud.send("POST", `/v3/users/${demoUser}/application_credentials`, {
      token,
      body: { application_credential: { name: "ci" } },
    });
    const { id, secret } = body.application_credential;
    const { headers } = await cloud.send("POST", "/v3/auth/tokens", {
      body: {
        auth: {
          identity: {
            methods: ["application_credential"],
            application_credential: { id, secret },
          },
        },
      },
    });
    const robot = headers.get("x-subject-token")!;
    const list = await cloud.send("GET", "/v3/credentials", { token: robot });
    assertEquals(ids(list.body.credentials), [inside.id]);
    const shown = await cloud.send("GET", `/v3/credentials/${outside.id}`, { token: robot });
    assertEquals(shown.status, 403);
    assert(shown.body.error.message.includes("does not match the project scope"));
    const ec2 = await cloud.send("POST", "/v3/credentials", {
      token: robot,
      body: {
        credential: {
          ...{ type: "ec2", user_id: demoUser, project_id: demoProject },
          blob: '{"access":"key"}',
        },
      },
    });
    assertEquals(ec2.status, 403);
  },
);

withCloud("access keys for EC2: create, show, list, delete", async (cloud) => {
  const token = await cloud.token("demo");
  const { demoUser, demoProject, readerUser } = cloud.ids;
  const all = `/v3/users/${demoUser}/credentials/OS-EC2`;
  const made = await cloud.send("POST", all, { token, body: { tenant_id: demoProject } });
  const { access, secret, links, ...rest } = made.body.credential;
  assertEquals([made.status, rest], [201, {
    user_id: demoUser,
    tenant_id: demoProject,
    trust_id: null,
  }]);
  assertEquals([access.length, secret.length], [32, 32]);
  assertEquals(links.self, `${BASE}/users/${demoUser}/credentials/OS-EC2/${access}`);
  const one = `${all}/${access}`;
  assertEquals((await cloud.send("GET", one, { token })).body.credential, made.body.credential);
  const listed = await cloud.send("GET", all, { token });
  assertEquals(listed.body.credentials, [made.body.credential]);
  const [same] = (await cloud.send("GET", "/v3/credentials", { token })).body.credentials;
  assertEquals(JSON.parse(same.blob), { access, secret, trust_id: null });

  const admin = await cloud.token("admin");
  const reader = await cloud.token("reader");
  const status = async (method: string, path: string, as: string, body?: object) =>
    (await cloud.send(method, path, { token: as, body })).status;
  assertEquals(await status("GET", one, reader), 403);
  assertEquals(await status("GET", all, reader), 403);
  assertEquals(await status("POST", all, reader, { tenant_id: demoProject }), 403);
  const foreign = one.replace(demoUser, readerUser);
  assertEquals([await status("GET", foreign, reader), await status("GET", foreign, admin)], [
    404,
    404,
  ]);
  assertEquals(await status("POST", all, token, { tenant_id: "none" }), 404);
  assertEquals(await status("POST", all, token, {}), 400);
  // A reader may have credentials, but makes none for EC2.
  const own = all.replace(demoUser, readerUser);
  assertEquals(await status("POST", own, reader, { tenant_id: demoProject }), 403);
  assertEquals(await status("DELETE", one, token), 204);
  assertEquals(await status("DELETE", one, admin), 404);
  // What was made one for EC2 later holds no access key.
  const cert = await make(cloud, token, {
    ...{ type: "cert", blob: "pem", user_id: demoUser, project_id: demoProject },
  });
  const body = { credential: { type: "ec2" } };
  assertEquals(await status("PATCH", `/v3/credentials/${cert.id}`, token, body), 200);
  assertEquals((await cloud.send("GET", all, { token })).body.credentials, []);
});
