/** Actions that only ask about a machine. */
import { consoleOutputSchema } from "../schemas.ts";
import type { Question } from "./action.ts";

export const questions: Readonly<Record<string, Question>> = {
  "os-getConsoleOutput": {
    rule: "os_compute_api:os-console-output",
    schema: () => consoleOutputSchema,
    asks: "console output",
  },
};
