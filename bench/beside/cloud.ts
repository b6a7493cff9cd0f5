/** A cloud that is measured beside another: found in clouds.yaml, asked as any client would. */
import { parse } from "yaml";

/** What is read of a cloud in `clouds.yaml`. */
interface CloudEntry {
  readonly auth: {
    readonly auth_url: string;
    readonly username: string;
    readonly password: string;
    readonly project_name: string;
    readonly user_domain_id?: string;
    readonly user_domain_name?: string;
    readonly project_domain_id?: string;
    readonly project_domain_name?: string;
  };
}

/** A server that is to be made. */
export type ServerBody = Readonly<Record<string, unknown>>;

export class Cloud {
  private constructor(
    readonly name: string,
    private readonly compute: string,
    private readonly image: string,
    private readonly token: string,
  ) {}

  /** Logs in. Throws when the file has no such cloud, or the cloud refuses. */
  static async named(name: string, cloudsYaml: string): Promise<Cloud> {
    const file = parse(await Deno.readTextFile(cloudsYaml));
    const entry = file?.clouds?.[name] as CloudEntry | undefined;
    if (!entry) throw new Error(`${cloudsYaml} has no cloud ${name}`);
    const url = `${entry.auth.auth_url.replace(/\/(v3\/?)?$/, "")}/v3/auth/tokens`;
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(loginBody(entry)),
    });
    const text = await response.text();
    if (response.status !== 201) throw new Error(`${name}: ${url}: ${response.status} ${text}`);
    const { token } = JSON.parse(text);
    const urlOf = (type: string): string => {
      const service = token.catalog.find((one: { type: string }) => one.type === type);
      const isPublic = (one: { interface: string }) => one.interface === "public";
      return service.endpoints.find(isPublic).url.replace(/\/$/, "");
    };
    return new Cloud(
      name,
      urlOf("compute"),
      urlOf("image").replace(/\/v2$/, ""),
      response.headers.get("x-subject-token")!,
    );
  }

  /** Asks the compute service. Throws unless the answer is one of `expected`, or a 2xx. */
  // deno-lint-ignore no-explicit-any -- answers have any shape.
  async ask(method: string, path: string, body?: object, expected?: number): Promise<any> {
    return await this.#ask(method, `${this.compute}${path}`, body, expected);
  }

  /** The least that a server needs: the smallest flavor, an image, no network. */
  async leastServer(name: string): Promise<ServerBody> {
    const { flavors } = await this.ask("GET", "/flavors/detail");
    const smallest = flavors.toSorted((a: Flavor, b: Flavor) => a.ram - b.ram)[0];
    const { images } = await this.#ask("GET", `${this.image}/v2/images?status=active`);
    return { name, flavorRef: smallest.id, imageRef: images[0].id, networks: "none" };
  }

  // deno-lint-ignore no-explicit-any -- answers have any shape.
  async #ask(method: string, url: string, body?: object, expected?: number): Promise<any> {
    const response = await fetch(url, {
      method,
      headers: {
        "x-auth-token": this.token,
        "openstack-api-version": "compute 2.90",
        accept: "application/json",
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok && response.status !== expected) {
      throw new Error(`${this.name}: ${method} ${url}: ${response.status} ${text}`);
    }
    return text === "" ? undefined : JSON.parse(text);
  }
}

interface Flavor {
  readonly ram: number;
}

function loginBody({ auth }: CloudEntry): object {
  const domain = (id?: string, name?: string) => name ? { name } : { id: id ?? "default" };
  return {
    auth: {
      identity: {
        methods: ["password"],
        password: {
          user: {
            name: auth.username,
            password: auth.password,
            domain: domain(auth.user_domain_id, auth.user_domain_name),
          },
        },
      },
      scope: {
        project: {
          name: auth.project_name,
          domain: domain(auth.project_domain_id, auth.project_domain_name),
        },
      },
    },
  };
}
