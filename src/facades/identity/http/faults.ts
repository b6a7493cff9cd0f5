/** Refusals in Keystone's words and form. Source: keystone/exception.py. */
import { type Fault, fault, faultOf, isFault } from "../../../http/faults.ts";

export { type Fault, fault, faultOf, isFault };

/** 401; without detail, so that nobody learns which users and projects there are. */
export function unauthorized(
  message = "The request you have made requires authentication.",
): Fault {
  return fault(401, message);
}

/** 403 by the rule of this name, such as `identity:get_user`, or for a reason put as an action. */
export function forbidden(action: string): Fault {
  return fault(403, `You are not authorized to perform the requested action: ${action}.`);
}

/** 400: an attribute is not where it has to be. */
export function missing(attribute: string, target: string): Fault {
  return fault(
    400,
    `Expecting to find ${attribute} in ${target}. The server could not comply with the request ` +
      "since it is either malformed or otherwise incorrect. The client is assumed to be in error.",
  );
}

export const ROUTE_NOT_FOUND = fault(404, "The resource could not be found.");

export const UNEXPECTED = fault(
  500,
  "An unexpected error prevented the server from fulfilling your request.",
);

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Request Entity Too Large",
  500: "Internal Server Error",
};

/** A refusal as the body of its answer. */
export function faultBody({ fault: code, message }: Fault): object {
  return { error: { code, message, title: TITLES[code] } };
}
