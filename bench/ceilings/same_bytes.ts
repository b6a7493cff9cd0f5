/** A server that gives one answer, kept in a file (`Sample`), to whatever is asked. */
import { answerOf, serve } from "./serve.ts";

const { body, init } = await answerOf(Deno.args[0]!);
serve(() => new Response(body, init));
