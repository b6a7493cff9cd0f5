/** Someone who asks our server: logged in as the member whose servers the filled folders hold. */

/** An answer, for a ceiling to give as well. */
export interface Sample {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Credentials {
  readonly token: string;
  readonly projectId: string;
}

type Fetch = (request: Request) => Promise<Response>;

/** A token for user `demo` in project `demo`. */
export async function login(fetch: Fetch, origin: string, password: string): Promise<Credentials> {
  const domain = { id: "default" };
  const auth = {
    identity: { methods: ["password"], password: { user: { name: "demo", domain, password } } },
    scope: { project: { name: "demo", domain } },
  };
  const response = await fetch(
    new Request(`${origin}/identity/v3/auth/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ auth }),
    }),
  );
  const { token } = await response.json();
  return { token: response.headers.get("x-subject-token")!, projectId: token.project.id };
}

export class Client {
  readonly #fetch: Fetch;

  constructor(
    private readonly credentials: Credentials,
    private readonly origin: string,
    send: Fetch = fetch,
  ) {
    this.#fetch = send;
  }

  /** Logs in to a server of ours. */
  static async of(port: number, password: string): Promise<Client> {
    const origin = `http://127.0.0.1:${port}`;
    return new Client(await login(fetch, origin, password), origin);
  }

  /** Asks once. Throws unless the answer is a 2xx. */
  async ask(method: string, path: string, body?: object): Promise<Sample> {
    const response = await this.#fetch(
      new Request(`${this.origin}${path}`, {
        method,
        headers: { ...this.#headers(body), "accept-encoding": "identity" },
        body: body && JSON.stringify(body),
      }),
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
  }

  /** The same as JSON. */
  // deno-lint-ignore no-explicit-any -- answers have any shape.
  async json(method: string, path: string, body?: object): Promise<any> {
    return JSON.parse((await this.ask(method, path, body)).body);
  }

  /** A request for the load generator; `{n}` in it becomes seven digits. */
  request(method: string, path: string, body?: object): string {
    const text = body === undefined ? "" : JSON.stringify(body);
    const length = new TextEncoder().encode(text.replace("{n}", "0000000")).length;
    const headers = Object.entries({
      host: new URL(this.origin).host,
      ...this.#headers(body),
      ...(body && { "content-length": String(length) }),
    });
    const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return `${method} ${path} HTTP/1.1\r\n${head}\r\n${text}`;
  }

  /** Ids of the newest 1,000 servers. */
  async serverIds(): Promise<string[]> {
    const { servers } = await this.json("GET", "/v2.1/servers");
    return servers.map(({ id }: { id: string }) => id);
  }

  /** What a request to boot says: a small server on the shared network. */
  async bootBody(): Promise<object> {
    const { images } = await this.json("GET", "/image/v2/images");
    return {
      server: {
        name: "bench-server",
        flavorRef: "1",
        imageRef: images[0].id,
        networks: "auto",
        metadata: { role: "web", owner: "bench" },
        tags: ["bench"],
      },
    };
  }

  #headers(body?: object): Record<string, string> {
    return {
      "x-auth-token": this.credentials.token,
      "openstack-api-version": "compute 2.90",
      accept: "application/json",
      ...(body && { "content-type": "application/json" }),
    };
  }
}
