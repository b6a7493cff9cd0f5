/** Conversations about signatures for S3, as a service that speaks it asks of them. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { assertEquals } from "@std/assert";
import { type Cloud, withCloud } from "./identity_cloud_test.ts";

/** What is signed: its kind, when, for what, and the SHA-256 of the request. */
const TO_SIGN = [
  "AWS4-HMAC-SHA256",
  "20260102T030405Z",
  "20260102/RegionOne/s3/aws4_request",
  "344b3a1bd06ba5fdb2b1d8a7ba14fac6b5d4b5c1f2b5b2b8ee1f7e2f5b0d3d92",
].join("\n");

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function signed(access: string, secret: string, toSign = TO_SIGN): object {
  const [date, region, service] = toSign.split("\n")[2]!.split("/") as [string, string, string];
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
  const signature = hmac(key, toSign).toString("hex");
  return { access, token: Buffer.from(toSign).toString("base64"), signature };
}

/** Makes a key of `demo` for its project. */
async function keyOf(cloud: Cloud): Promise<{ readonly access: string; readonly secret: string }> {
  const { demoUser, demoProject } = cloud.ids;
  const made = await cloud.send("POST", `/v3/users/${demoUser}/credentials/OS-EC2`, {
    token: await cloud.token("demo"),
    body: { tenant_id: demoProject },
  });
  assertEquals(made.status, 201, JSON.stringify(made.body));
  return made.body.credential;
}

withCloud("a signature is worth what its user has on the key's project", async (cloud) => {
  const token = await cloud.token("admin");
  const { access, secret } = await keyOf(cloud);
  const ask = (credentials: object, as = token) =>
    cloud.send("POST", "/v3/s3tokens", { token: as, body: { credentials } });
  const { status, headers, body } = await ask(signed(access, secret));
  assertEquals(status, 200, JSON.stringify(body));
  assertEquals(headers.get("x-subject-token"), null);
  assertEquals([body.token.methods, body.token.user.id, body.token.project.id], [
    ["ec2credential"],
    cloud.ids.demoUser,
    cloud.ids.demoProject,
  ]);
  const old = "GET\n\n\nFri, 02 Jan 2026 03:04:05 +0000\n/bucket/";
  const ofVersion1 = {
    access,
    token: Buffer.from(old).toString("base64"),
    signature: createHmac("sha1", secret).update(old).digest("base64"),
  };
  assertEquals((await ask(ofVersion1)).status, 200);

  for (
    const [credentials, wanted] of [
      [{}, 401],
      [{ access }, 401],
      [signed(access, "guessed"), 401],
      [signed(access, secret, TO_SIGN.replace("/s3/", "/ec2/")), 401],
      [signed(access, secret, `${TO_SIGN}\nmore`), 401],
      [{ ...signed(access, secret), token: "AAAA" }, 401],
      [signed("unknown", secret), 404],
    ] as const
  ) {
    assertEquals((await ask(credentials)).status, wanted, JSON.stringify(credentials));
  }
  assertEquals((await cloud.send("POST", "/v3/s3tokens", { token })).status, 400);
  assertEquals((await ask(signed(access, secret), await cloud.token("demo"))).status, 403);

  const { demoUser } = cloud.ids;
  const disabled = { user: { enabled: false } };
  await cloud.send("PATCH", `/v3/users/${demoUser}`, { token, body: disabled });
  assertEquals((await ask(signed(access, secret))).status, 401);
});
