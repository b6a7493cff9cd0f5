/** Answers that a fault gives in place of a service's own, each in the form of that service. */
import { FAULT_CONTENT_TYPE, faultBody } from "../../http/faults.ts";
import { routedPath } from "../../http/paths.ts";
import { serviceOf } from "./services.ts";

/** What a fault answers. */
export interface FaultAnswer {
  readonly status: number;
  readonly message?: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Request Entity Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** A status in words. */
export function titleOf(status: number): string {
  return TITLES[status] ?? (status < 500 ? "Client Error" : "Server Error");
}

/** The answer, as the service that the request was for would give it. */
export function faultResponse(request: Request, answer: FaultAnswer): Response {
  const { status, retryAfter } = answer;
  const requestId = `req-${crypto.randomUUID()}`;
  const { type, body } = bodyOf(serviceOf(routedPath(request.url)), answer);
  return new Response(request.method === "HEAD" ? null : body, {
    status,
    headers: {
      "content-type": type,
      "x-openstack-request-id": requestId,
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    },
  });
}

function bodyOf(
  service: string,
  { status, message, retryAfter }: FaultAnswer,
): { readonly type: string; readonly body: string } {
  const title = titleOf(status);
  const words = message ?? `${title}.`;
  const json = (value: object) => ({ type: "application/json", body: JSON.stringify(value) });
  switch (service) {
    case "identity":
      return json({ error: { code: status, title, message: words } });
    case "network":
      return json({
        NeutronError: { type: title.replaceAll(" ", ""), message: words, detail: "" },
      });
    case "compute":
    case "volume":
      return { type: FAULT_CONTENT_TYPE, body: withRetryAfter(status, words, retryAfter) };
    default:
      return { type: "text/plain; charset=UTF-8", body: `${status} ${title}\n\n${words}\n\n   ` };
  }
}

/** nova/api/openstack/wsgi.py, `Fault`: a limit says in the body too when to come again. */
function withRetryAfter(status: number, message: string, retryAfter: number | undefined): string {
  const body = faultBody({ fault: status, message });
  if (retryAfter === undefined || (status !== 413 && status !== 429)) return body;
  const [[name, fault]] = Object.entries(JSON.parse(body)) as [[string, object]];
  return JSON.stringify({ [name]: { ...fault, retryAfter: String(retryAfter) } });
}
