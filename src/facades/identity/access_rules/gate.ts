/** Keeps requests of application credentials to what their access rules allow: for every service. */
import { type CatalogService, EMBEDDED_SERVICES } from "../catalog/built_in.ts";
import type { EmbeddedIdentity } from "../service.ts";
import type { Token } from "../tokens/token.ts";
import { type AskedFor, isAllowed } from "./matching.ts";

/** What stands before all services. */
export class AccessRuleGate {
  readonly #mounts: ReadonlyMap<string, readonly string[]>;

  constructor(
    private readonly identity: EmbeddedIdentity,
    services: readonly CatalogService[] = EMBEDDED_SERVICES,
  ) {
    const byMount = Map.groupBy(services, ({ url }) => mountOf(url));
    this.#mounts = new Map([...byMount].map(([at, all]) => [at, all.map(({ type }) => type)]));
  }

  /**
   * The request as its service is to see it: one that its token has no rule for is there without
   * the token, so that the service refuses it as it refuses everybody it does not know.
   */
  admit(request: Request): Request | Promise<Request> {
    const sent = request.headers.get("x-auth-token");
    if (!sent) return request;
    const known = this.identity.known(sent);
    if (known) return this.#admit(request, known);
    return this.identity.validate(sent)
      .then((token) => token ? this.#admit(request, token) : request);
  }

  #admit(request: Request, { credential }: Token): Request {
    const rules = credential?.state.accessRules ?? [];
    if (rules.length === 0) return request;
    const asked = this.#askedFor(request);
    if (isTokenCheck(asked) || isAllowed(rules, asked)) return request;
    const headers = new Headers(request.headers);
    headers.delete("x-auth-token");
    return new Request(request, { headers });
  }

  #askedFor({ method, url }: Request): AskedFor {
    const path = new URL(url).pathname.replaceAll(/\/{2,}/g, "/");
    const [first] = /^\/[^/]*/.exec(path)!;
    const mount = this.#mounts.has(first) || !isVersion(first) ? first : "";
    return {
      services: this.#mounts.get(mount) ?? [],
      method,
      paths: [path, path.slice(mount.length)],
    };
  }
}

/** Everybody may ask what a token is worth. */
function isTokenCheck({ services, method, paths }: AskedFor): boolean {
  return services.includes("identity") && method === "GET" &&
    paths.some((path) => path.endsWith("/v3/auth/tokens"));
}

/** `/v2.1` and the like: the first step of paths of the service that has no mount. */
function isVersion(step: string): boolean {
  return /^\/v\d+(\.\d+)?$/.test(step);
}

/** Where a service is among the others: `/volume` of `/volume/v3`; nothing for `/v2.1`. */
function mountOf(url: string): string {
  const end = url.lastIndexOf("/");
  return isVersion(url.slice(end)) ? url.slice(0, end) : url;
}
