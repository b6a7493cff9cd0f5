/** Consumers of OAuth 1, programs that ask for users' leave: facts, state and rules. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { Sealed } from "../../../store/secrets.ts";
import { newIn } from "../changes.ts";
import { applied, type Extra, type WithOptions } from "../options.ts";

export type ConsumerEvent = ConsumerCreated | ConsumerUpdated | ConsumerDeleted;

export interface ConsumerFacts extends Pick<WithOptions, "extra"> {
  readonly description: string | null;
  /** What the consumer signs with. */
  readonly secret: Sealed;
}

export interface ConsumerCreated {
  readonly type: "ConsumerCreated";
  readonly data: ConsumerFacts;
}

/** What may change of a consumer. */
export type ConsumerChanges = Partial<Omit<ConsumerFacts, "secret">>;

/** Carries only what changed. */
export interface ConsumerUpdated {
  readonly type: "ConsumerUpdated";
  readonly data: ConsumerChanges;
}

export interface ConsumerDeleted {
  readonly type: "ConsumerDeleted";
  readonly data: Record<never, never>;
}

export interface Consumer extends ConsumerFacts {
  readonly exists: boolean;
  readonly extra: Extra;
}

export const NO_CONSUMER: Consumer = {
  exists: false,
  description: null,
  secret: "" as Sealed,
  extra: {},
};

export function evolve(consumer: Consumer, event: Recorded<ConsumerEvent>): Consumer {
  switch (event.type) {
    case "ConsumerCreated":
      return { ...NO_CONSUMER, ...event.data, exists: true };
    case "ConsumerUpdated":
      return { ...consumer, ...event.data };
    case "ConsumerDeleted":
      return NO_CONSUMER;
  }
}

export interface CreateConsumer {
  readonly type: "CreateConsumer";
  readonly consumer: ConsumerFacts;
}

export function createConsumer({ consumer }: CreateConsumer): Decision<ConsumerCreated> {
  return [{ type: "ConsumerCreated", data: consumer }];
}

export interface UpdateConsumer {
  readonly type: "UpdateConsumer";
  readonly changes: ConsumerChanges;
}

export function updateConsumer(
  { changes }: UpdateConsumer,
  consumer: Consumer,
): Decision<ConsumerUpdated> {
  if (!consumer.exists) return consumerNotFound();
  const data = newIn<Consumer>(applied(changes, consumer), consumer);
  return Object.keys(data).length === 0 ? [] : [{ type: "ConsumerUpdated", data }];
}

export interface DeleteConsumer {
  readonly type: "DeleteConsumer";
}

export function deleteConsumer(
  _command: DeleteConsumer,
  consumer: Consumer,
): Decision<ConsumerDeleted> {
  return consumer.exists ? [{ type: "ConsumerDeleted", data: {} }] : consumerNotFound();
}

/** There is no such consumer; Keystone does not say which. */
export function consumerNotFound() {
  return reject("NotFound", "Consumer not found");
}
