/** Faults on requests: a thin layer in front of the app. */
import { RE2JS } from "re2js";
import { pause } from "../../drivers/pause.ts";
import type { TokenChecker } from "../../http/auth.ts";
import { routedPath, withoutToken } from "../../http/paths.ts";
import { type ActiveFaults, type Candidate, type Strike, type TargetServer } from "./active.ts";
import type { FaultPlace } from "./decider.ts";
import type { FindServer } from "./on_driver.ts";
import { faultResponse } from "./response.ts";
import { serviceOf } from "./services.ts";

export interface FaultsOnHttpOptions {
  readonly active: ActiveFaults;
  readonly tokens: TokenChecker;
  readonly findServer: FindServer;
}

/** What is never struck: who has asked for trouble must be able to end it. */
const SPARED = /^\/(chronova(\/|$)|healthcheck$|metrics$)/;

/** Status of an answer that is lost, unless another is asked for: as a proxy in front would say. */
const GATEWAY_TIMEOUT = 504;

/** Strikes requests before the app sees them. */
export class FaultsOnHttp {
  readonly #options: FaultsOnHttpOptions;
  readonly #ending = new AbortController();

  constructor(options: FaultsOnHttpOptions) {
    this.#options = options;
  }

  /** Whether any request could be struck: false costs nothing. */
  get any(): boolean {
    return this.#options.active.anyOnHttp;
  }

  /** Answers a request: by the app, unless a fault strikes it. */
  async answer(
    request: Request,
    next: (request: Request) => Response | Promise<Response>,
  ): Promise<Response> {
    const path = routedPath(request.url);
    if (SPARED.test(path)) return await next(request);
    // A strike that cannot be recorded, for the house is closing, does not happen.
    const strike = await this.#options.active.strike(this.#candidateOf(request, path))
      .catch(() => undefined);
    return strike ? await this.#suffer(strike, request, next) : await next(request);
  }

  /** Cuts all delays short: what waits is answered with a 503. */
  end(): void {
    this.#ending.abort();
  }

  async #suffer(
    { fault: { effect, delayMs } }: Strike,
    request: Request,
    next: (request: Request) => Response | Promise<Response>,
  ): Promise<Response> {
    try {
      await pause(delayMs, AbortSignal.any([this.#ending.signal, request.signal]));
    } catch {
      return faultResponse(request, { status: 503, message: "The server is stopping." });
    }
    if (effect.kind === "answer") return faultResponse(request, effect);
    const response = await next(request);
    if (effect.kind !== "lose_reply") return response;
    await response.body?.cancel();
    return faultResponse(request, { status: effect.status ?? GATEWAY_TIMEOUT });
  }

  #candidateOf(request: Request, path: string): Candidate {
    const { tokens, findServer } = this.#options;
    const serverId = /^\/v2\.1\/servers\/([0-9a-fA-F-]{36})(\/|$)/.exec(path)?.[1]?.toLowerCase();
    let found: Promise<TargetServer | undefined> | undefined;
    return {
      hit: `${request.method} ${withoutToken(path)}`,
      serverId,
      fits: (place) => fits(place, request.method, path),
      server: () => found ??= serverId === undefined ? nobody() : findServer(serverId),
      async projectId() {
        const token = request.headers.get("x-auth-token");
        return token ? (await tokens.check(token))?.projectId : undefined;
      },
    };
  }
}

function nobody(): Promise<undefined> {
  return Promise.resolve(undefined);
}

function fits(place: FaultPlace, method: string, path: string): boolean {
  return place.on === "http" &&
    (place.method === undefined || place.method === method) &&
    (place.service === undefined || place.service === serviceOf(path)) &&
    (place.path === undefined || patternOf(place.path).matcher(path).matches());
}

/** In linear time, whatever the pattern. */
function patternOf(glob: string): RE2JS {
  let pattern = patterns.get(glob);
  if (!pattern) {
    const parts = glob.split(/(\*+)/).map((part) =>
      part.startsWith("*") ? (part.length > 1 ? ".*" : "[^/]*") : RE2JS.quote(part)
    );
    if (patterns.size >= MOST_PATTERNS) patterns.clear();
    patterns.set(glob, pattern = RE2JS.compile(parts.join("")));
  }
  return pattern;
}

const MOST_PATTERNS = 1000;
const patterns = new Map<string, RE2JS>();
