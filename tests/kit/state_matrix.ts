/** What Nova allows in which state: fixtures/nova/state_matrix.json. */

/** Nova's answer to one command, and the server's states right behind it. */
export interface Cell {
  readonly code: number;
  readonly message?: string;
  readonly after: { readonly vm_state: string; readonly task_state: string | null };
}

type Rows = Readonly<Record<string, Readonly<Record<string, Cell>>>>;

const FILE = new URL("../../fixtures/nova/state_matrix.json", import.meta.url);

export const MATRIX: {
  readonly by_vm_state: Rows;
  readonly by_task_state: Rows;
  readonly by_condition: Rows;
} = JSON.parse(Deno.readTextFileSync(FILE));

/** A request that changes nothing, whatever state its server is in. */
export interface Question {
  readonly method: "GET" | "POST";
  /** Behind `/servers/{id}`. */
  readonly path: string;
  readonly body?: unknown;
}

/** The commands of the matrix that no decision is behind. */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  "os-getConsoleOutput": { method: "POST", path: "/action", body: { "os-getConsoleOutput": {} } },
  "resetNetwork": { method: "POST", path: "/action", body: { resetNetwork: null } },
  "topology": { method: "GET", path: "/topology" },
};
