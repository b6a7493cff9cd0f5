/** Errors as WebOb writes them, which is what services answer where they have no form of their own. */

const TITLES: Readonly<Record<number, string>> = {
  300: "Multiple Choices",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  413: "Request Entity Too Large",
  415: "Unsupported Media Type",
  416: "Requested Range Not Satisfiable",
  500: "Internal Server Error",
};

/** The words of errors that nobody has explained; webob/exc.py. */
export const NOT_FOUND = "The resource could not be found.";
export const SERVER_ERROR =
  "The server has either erred or is incapable of performing the requested operation.";

/**
 * An error page: HTML or JSON when `Accept` asks for it, else plain text.
 *
 * Source: webob/exc.py, `WSGIHTTPException.generate_response`.
 */
export function webobError(
  accept: string | null | undefined,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const title = TITLES[status] ?? "";
  const { type, body } = render(accept ?? "", `${status} ${title}`, title, text);
  return new Response(body, { status, headers: { "content-type": type, ...headers } });
}

function render(accept: string, code: string, title: string, text: string) {
  const ranges = accept.split(",").map((range) => range.split(";")[0]!.trim());
  if (ranges.some((range) => range === "text/html" || range === "*/*" || range === "text/*")) {
    return {
      type: "text/html; charset=UTF-8",
      body: `<html>\n <head>\n  <title>${code}</title>\n </head>\n <body>\n  <h1>${code}</h1>\n` +
        `  ${escapeHtml(text)}<br /><br />\n\n\n\n </body>\n</html>`,
    };
  }
  if (ranges.includes("application/json")) {
    return {
      type: "application/json",
      body: JSON.stringify({ message: `${text}<br /><br />\n\n\n`, code, title }),
    };
  }
  return { type: "text/plain; charset=UTF-8", body: `${code}\n\n${text}\n\n   ` };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#x27;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
