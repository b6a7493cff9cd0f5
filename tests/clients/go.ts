/** Go, for the clients that are written in it. */
import { join } from "node:path";

/** The Go that the clients' modules want, and where its command may be besides on the PATH. */
const WANTED = "1.25";
const USUAL_PLACES = ["/usr/local/go/bin/go", "/usr/lib/go/bin/go"];

/** Finds the command `go`; throws with what to do when there is none. */
export async function findGo(): Promise<string> {
  for (const path of ["go", ...USUAL_PLACES]) {
    if (await succeeds(path)) return path;
  }
  throw new Error(`no command "go" here: install Go ${WANTED} or later, from https://go.dev/dl/`);
}

async function succeeds(path: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(path, { args: ["version"], stdin: "null" }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs `go`; throws with what it says when it does not succeed, and gives what it prints. */
export async function runGo(args: readonly string[], options: Deno.CommandOptions = {}) {
  const { success, stdout, stderr } = await new Deno.Command(await findGo(), {
    ...options,
    args: [...args],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`go ${args.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

/** Builds the program of a folder's module into `into`, and gives its path. */
export async function buildGo(folder: string, into: string): Promise<string> {
  const program = join(into, "program");
  // Only what go.sum names: what a check is made of does not change by itself.
  await runGo(["build", "-mod=readonly", "-o", program, "."], { cwd: folder });
  return program;
}
