/** Actions that only ask about a machine. */
import { consoleActionSchemas } from "../../consoles/schemas.ts";
import { consoleOutputSchema } from "../schemas.ts";
import type { Question } from "./action.ts";

export const questions: Readonly<Record<string, Question>> = {
  "os-getConsoleOutput": {
    rule: "os_compute_api:os-console-output",
    schema: () => consoleOutputSchema,
    asks: "console output",
  },
  "os-getVNCConsole": consoleQuestion("vnc"),
  "os-getSPICEConsole": consoleQuestion("spice"),
  "os-getSerialConsole": consoleQuestion("serial"),
  "os-getRDPConsole": consoleQuestion("rdp"),
};

/** From 2.6 on a console is asked for by a path of its own. */
function consoleQuestion(protocol: keyof typeof consoleActionSchemas): Question {
  return {
    rule: "os_compute_api:os-remote-consoles",
    until: 5,
    schema: () => consoleActionSchemas[protocol],
    asks: `${protocol} console`,
  };
}
