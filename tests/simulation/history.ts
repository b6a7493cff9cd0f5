/** Histories to live through: what is asked of a cloud, and what goes wrong meanwhile. */
import fc from "fast-check";
import type { Role } from "../kit/cloud.ts";

/** What a call of the hypervisor's comes to. */
export type Fortune =
  | "fine"
  /** It takes its time, and gives up when told. */
  | "slow"
  /** It says no. */
  | "fails"
  /** It breaks before it has done anything. */
  | "breaks"
  /** It is done, and nobody hears of it. */
  | "lost"
  /** It takes longer than it may, whatever it is told, and does its work after all. */
  | "late"
  /** The same, and what follows does not wait for it to the end. */
  | "much too late"
  /** It hangs until it is told to give up. */
  | "hangs"
  /** It hangs, whatever it is told. */
  | "deaf";

/** One request. `target` picks among the servers there ever were. */
export type Ask =
  | {
    readonly what: "create";
    readonly as: Role;
    readonly count: number;
    readonly onNetwork: boolean;
    readonly flavorRef: string;
    /** Which of the server groups it is to be in, if any. */
    readonly group: number | null;
    /** Whether a volume is made for it, and whether that goes with it. */
    readonly volume: "none" | "that stays" | "that goes";
  }
  | {
    readonly what: "operate";
    readonly as: Role;
    readonly target: number;
    /** Picks among all there are, or among those that the server's state allows. */
    readonly operation: number;
    readonly fits: boolean;
  }
  | {
    readonly what:
      | "rename"
      | "lock"
      | "unlock"
      | "tag"
      | "untag"
      | "set metadata"
      | "unset metadata"
      | "abort the move"
      | "complete the move"
      | "delete"
      | "restore"
      | "delete for good"
      | "attach a new interface"
      | "detach its first interface"
      | "show"
      | "list";
    readonly as: Role;
    readonly target: number;
  }
  /** `volume` picks among those that were there from the beginning. */
  | {
    readonly what: "attach a volume" | "detach a volume";
    readonly as: Role;
    readonly target: number;
    readonly volume: number;
  }
  /** An administrator says so of a host; `target` picks it. */
  | { readonly what: "host down" | "host up"; readonly target: number }
  /** The host of a server goes down, and the server is evacuated. */
  | { readonly what: "lose its host"; readonly target: number };

export type Step =
  /** Requests that are all under way at once. */
  | { readonly do: "ask"; readonly asks: readonly Ask[] }
  | { readonly do: "pass"; readonly seconds: number }
  /** Closed in order; the clock may be set back meanwhile. */
  | { readonly do: "close"; readonly downSeconds: number }
  /** Cut short while requests are under way, right behind one of the next commits. */
  | {
    readonly do: "crash";
    readonly asks: readonly Ask[];
    readonly behindCommit: number;
    readonly downSeconds: number;
  };

export interface History {
  readonly steps: readonly Step[];
  /** One for each call of the hypervisor's, over and over again. */
  readonly fortunes: readonly Fortune[];
}

const role = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Role>("member") },
  { weight: 4, arbitrary: fc.constantFrom<Role>("admin", "padmin") },
  { weight: 1, arbitrary: fc.constantFrom<Role>("stranger", "reader") },
);

const target = fc.nat({ max: 11 });

const create = fc.record({
  what: fc.constant("create" as const),
  as: role,
  count: fc.integer({ min: 1, max: 3 }),
  onNetwork: fc.boolean(),
  flavorRef: fc.constantFrom("1", "1", "2"),
  group: fc.constantFrom(null, null, 0, 1),
  volume: fc.constantFrom(
    "none" as const,
    "none" as const,
    "that stays" as const,
    "that goes" as const,
  ),
});

const operate = fc.record({
  what: fc.constant("operate" as const),
  as: role,
  target,
  operation: fc.nat({ max: 99 }),
  fits: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
});

const other = fc.record({
  what: fc.constantFrom(
    "rename" as const,
    "lock" as const,
    "unlock" as const,
    "tag" as const,
    "untag" as const,
    "set metadata" as const,
    "unset metadata" as const,
    "abort the move" as const,
    "complete the move" as const,
    "delete" as const,
    "delete" as const,
    "restore" as const,
    "delete for good" as const,
    "attach a new interface" as const,
    "detach its first interface" as const,
    "show" as const,
    "list" as const,
  ),
  as: role,
  target,
});

const onVolume = fc.record({
  what: fc.constantFrom("attach a volume" as const, "detach a volume" as const),
  as: role,
  target,
  volume: fc.nat({ max: 2 }),
});

const onHost = fc.record({
  what: fc.constantFrom(
    "host down" as const,
    "host up" as const,
    "host up" as const,
    "host up" as const,
    "lose its host" as const,
    "lose its host" as const,
  ),
  target,
});

const ask: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 4, arbitrary: create },
  { weight: 10, arbitrary: operate },
  { weight: 8, arbitrary: other },
  { weight: 2, arbitrary: onVolume },
  { weight: 3, arbitrary: onHost },
);

const asks = fc.array(ask, { minLength: 1, maxLength: 5 });

const downSeconds = fc.constantFrom(-5, 0, 1, 100, 1000);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      asks,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      seconds: fc.constantFrom(0, 1, 30, 200, 301, 700),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("close" as const),
      downSeconds,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("crash" as const),
      asks,
      behindCommit: fc.integer({ min: 1, max: 12 }),
      downSeconds,
    }),
  },
);

const fortune: fc.Arbitrary<Fortune> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fortune>("fine") },
  { weight: 3, arbitrary: fc.constant<Fortune>("slow") },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Fortune>(
      "fails",
      "breaks",
      "lost",
      "late",
      "much too late",
      "hangs",
      "deaf",
    ),
  },
);

/** So that what follows has something to be asked of. */
const FIRST: Step = {
  do: "ask",
  asks: [{
    what: "create",
    as: "member",
    count: 2,
    onNetwork: true,
    flavorRef: "1",
    group: null,
    volume: "none",
  }],
};

/** Short histories of every kind. */
export const history: fc.Arbitrary<History> = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 14 }).map((steps) => [FIRST, ...steps]),
  fortunes: fc.array(fortune, { minLength: 1, maxLength: 12 }),
});
