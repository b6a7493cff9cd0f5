/** How replies are asked for, and held against their schemas. */
import type { Answered, Role, TestCloud } from "../../../kit/cloud.ts";
import type { Json } from "../../../kit/samples.ts";
import { replyProblems } from "../../../kit/schemas.ts";

/** What is asked for at a microversion. */
export type Replies = (asking: Asking) => Promise<void>;

/** Asks at one microversion, and notes what is wrong with replies. */
export class Asking {
  readonly problems: string[] = [];

  /** `compared`: what has been held against which schema, for all microversions. */
  constructor(
    readonly cloud: TestCloud,
    readonly minor: number,
    readonly compared: Set<string>,
  ) {}

  get mv(): string {
    return `2.${this.minor}`;
  }

  /** Asks only. */
  ask(as: Role, method: string, path: string, body?: Json): Promise<Answered> {
    return this.cloud.ask(as, method, path, { mv: this.mv, body });
  }

  /** Asks, and holds the reply against a schema: `flavors list_flavors`. */
  async reply(
    schema: string,
    as: Role,
    method: string,
    path: string,
    body?: Json,
  ): Promise<Answered> {
    const answered = await this.ask(as, method, path, body);
    this.hold(schema, answered, `${method} ${path}`);
    return answered;
  }

  /** Holds a reply that came otherwise against a schema. */
  hold(schema: string, answered: Answered, request: string): void {
    const [resource, name] = schema.split(" ") as [string, string];
    this.compared.add(`${schema} at 2.${this.minor}`);
    const problems = replyProblems(resource, name, this.minor, answered);
    this.problems.push(...problems.map((problem) => `${request} by ${schema}: ${problem}`));
  }
}
