/** What the ceilings that answer HTTP share. */
import type { Sample } from "../client.ts";

/** Headers that the server adds by itself. */
const OWN_HEADERS: ReadonlySet<string> = new Set(["content-length", "date", "connection"]);

/** The answer in a file: a text, for that is what is fastest to send. */
export async function answerOf(
  path: string,
): Promise<{ readonly body: string; readonly init: ResponseInit }> {
  const { status, headers, body }: Sample = JSON.parse(await Deno.readTextFile(path));
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name));
  return { body, init: { status, headers: Object.fromEntries(kept) } };
}

/** Serves on a free port of the loopback, and prints which. */
export function serve(handler: (request: Request) => Response | Promise<Response>): void {
  const onListen = ({ port }: { port: number }) => console.log(port);
  Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, handler);
}
