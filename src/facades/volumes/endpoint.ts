/** What every endpoint of the volume service shares: the version, the project in the path, the body. */
import type { Context } from "hono";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import type { Caller } from "../../http/auth.ts";
import { bodyProblem, type JsonSchema } from "../../http/schema.ts";
import { type FacadeDependencies, FacadeEndpoints, type FacadeRequest } from "../endpoint.ts";
import { webobError } from "../webob_error.ts";
import { fault, noRoute } from "./answers.ts";
import { type Minor, negotiate, versionText } from "./microversions.ts";

/** A request whose token, version and path were good. */
export class VolumeRequest {
  #reading: ReturnType<FacadeRequest["json"]> | undefined;

  constructor(
    private readonly request: FacadeRequest,
    readonly minor: Minor,
  ) {}

  get caller(): Caller {
    return this.request.caller;
  }

  get query(): URLSearchParams {
    return this.request.query;
  }

  /** A variable of the path. */
  param(name: string): string {
    return this.request.param(name);
  }

  /** How events that follow from this request say where they come from. */
  metadata(command: string): EventMetadata {
    return { ...this.request.metadata(command), microversion: versionText(this.minor) };
  }

  /** `http://host:port/volume/v3`, the project behind it when the request's path has it. */
  get selfBase(): string {
    return `${this.request.serviceUrl}/v3${this.#projectPart}`;
  }

  /** The same without the version. */
  get bookmarkBase(): string {
    return `${this.request.serviceUrl}${this.#projectPart}`;
  }

  get #projectPart(): string {
    const project = this.param("project_in_path");
    return project === "" ? "" : `/${project}`;
  }

  /**
   * The body, valid by a schema; or the answer to one that is not.
   *
   * Source: cinder/api/openstack/wsgi.py, `Resource._process_stack`, and cinder/api/validation.
   */
  async body(schema: JsonSchema): Promise<{ readonly value: unknown } | Response> {
    // A body arrives once; actions look into theirs twice.
    const reading = await (this.#reading ??= this.request.json());
    if (!reading) {
      return webobError(this.request.header("accept"), 413, "Request is too large.");
    }
    if ("malformed" in reading) return fault(400, "Malformed request body");
    const problem = bodyProblem(schema, reading.value);
    return problem === undefined ? reading : fault(400, problem);
  }
}

export type VolumeOperation = (request: VolumeRequest) => Promise<Response> | Response;

/** An operation's needs beyond the common ones. */
export interface VolumeEndpointOptions {
  /** Microversions that have it; others get a 404. */
  readonly since?: Minor;
}

/** Makes Hono handlers of the volume service's operations. */
export class VolumeEndpoints {
  readonly #endpoints: FacadeEndpoints;

  constructor(dependencies: FacadeDependencies) {
    this.#endpoints = new FacadeEndpoints(dependencies, serverError);
  }

  /** A handler that checks token, version and project, and answers with Cinder's headers. */
  handler(
    operation: VolumeOperation,
    { since = 0 }: VolumeEndpointOptions = {},
  ): (c: Context) => Promise<Response> {
    return this.#endpoints.handler(async (request) => {
      const negotiation = negotiate(request.header("openstack-api-version"));
      if ("status" in negotiation) return fault(negotiation.status, negotiation.message);
      const { minor } = negotiation;
      const response = minor < since
        ? noRoute()
        : refuseOtherProject(request) ?? await operation(new VolumeRequest(request, minor));
      response.headers.set("openstack-api-version", `volume ${versionText(minor)}`);
      response.headers.set("vary", "OpenStack-API-Version");
      response.headers.set("x-compute-request-id", request.requestId);
      return response;
    });
  }
}

/** 400 when the path names a project that the token is not for. */
function refuseOtherProject(request: FacadeRequest): Response | undefined {
  const project = request.param("project_in_path");
  if (project === "" || project === request.caller.projectId) return undefined;
  return fault(400, "Malformed request url");
}

function serverError(): Response {
  return fault(
    500,
    "The server has either erred or is incapable of performing the requested operation.",
  );
}
