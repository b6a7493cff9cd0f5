/** Histories to live through: what is asked of a cloud, and what goes wrong meanwhile. */
import fc from "fast-check";
import type { Role } from "../kit/cloud.ts";
import { OPERATION_NAMES } from "../processes/operations.ts";
import { OTHER_ASK_NAMES, type ServerAsk } from "./asks.ts";

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

/** Something that is asked. `target` picks among the servers, or the hosts, that there are. */
export type Ask =
  | {
    readonly what: "create";
    readonly as: Role;
    readonly count: number;
    readonly onNetwork: boolean;
    readonly flavorRef: string;
    /** Which of the server groups it is to be in, if any. */
    readonly group: number | null;
    /** Whether a volume is made for it, to boot from or beside, and whether that goes with it. */
    readonly volume: "none" | "that stays" | "that goes" | "root that stays" | "root that goes";
  }
  | {
    readonly what: ServerAsk;
    readonly as: Role;
    readonly target: number;
    /** Picks among the volumes that were there from the beginning. */
    readonly volume: number;
    /** Whether it is asked of a server that it suits. */
    readonly fits: boolean;
  }
  /** What leads a server out of a state that few things lead out of; `operation` picks it. */
  | {
    readonly what: "go on";
    readonly as: Role;
    readonly target: number;
    readonly operation: number;
  }
  /** An administrator says so of a host, or its service begins anew and is said to be up. */
  | { readonly what: "host down" | "host up" | "host back"; readonly target: number }
  /** The host of a server goes down, and the server is evacuated. */
  | { readonly what: "lose its host"; readonly target: number }
  /** A machine is turned off from within. */
  | { readonly what: "turn itself off"; readonly target: number };

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
  onNetwork: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  flavorRef: fc.constantFrom("1", "1", "1", "2"),
  group: fc.constantFrom(null, null, 0, 1),
  volume: fc.constantFrom(
    "none" as const,
    "none" as const,
    "that stays" as const,
    "that goes" as const,
    "root that stays" as const,
    "root that goes" as const,
  ),
});

const ofServer = (what: fc.Arbitrary<ServerAsk>) =>
  fc.record({
    what,
    as: role,
    target,
    volume: fc.nat({ max: 2 }),
    fits: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, fc.constant(false)),
  });

const goOn = fc.record({
  what: fc.constant("go on" as const),
  as: role,
  target,
  operation: fc.nat({ max: 5 }),
});

const ofHost = fc.record({
  what: fc.constantFrom(
    "host down" as const,
    "host up" as const,
    "host back" as const,
    "host back" as const,
    "lose its host" as const,
    "lose its host" as const,
  ),
  target,
});

const ofMachine = fc.record({ what: fc.constant("turn itself off" as const), target });

/** They lead to states from which others go on, and are asked for twice as often. */
const LEADING = [
  "stop",
  "pause",
  "suspend",
  "rescue",
  "shelve",
  "resize",
  "resize",
  "migrate",
  "confirmResize",
] as const;

const ask: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 6, arbitrary: create },
  { weight: 30, arbitrary: ofServer(fc.constantFrom(...OPERATION_NAMES, ...LEADING)) },
  { weight: 25, arbitrary: goOn },
  { weight: 40, arbitrary: ofServer(fc.constantFrom(...OTHER_ASK_NAMES)) },
  { weight: 6, arbitrary: ofHost },
  { weight: 2, arbitrary: ofMachine },
);

const asks = fc.array(ask, { minLength: 1, maxLength: 8, size: "max" });

const downSeconds = fc.constantFrom(-5, 0, 1, 100, 1000);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
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

/** How a hypervisor fares of whose calls so many in 16 take their time, and so many do not end well. */
const faring = ({ slow, bad }: { readonly slow: number; readonly bad: number }) =>
  fc.array(
    fc.oneof(
      { weight: 16 - slow - bad, arbitrary: fc.constant<Fortune>("fine") },
      { weight: slow, arbitrary: fc.constant<Fortune>("slow") },
      { weight: bad, arbitrary: fc.constantFrom<Fortune>(...BAD) },
    ),
    { minLength: 1, maxLength: 16 },
  );

const BAD = ["fails", "breaks", "lost", "late", "much too late", "hangs", "deaf"] as const;

const fortunes = fc.oneof(
  faring({ slow: 2, bad: 0 }),
  faring({ slow: 2, bad: 1 }),
  faring({ slow: 3, bad: 4 }),
);

const first = {
  what: "create",
  as: "member",
  onNetwork: true,
  flavorRef: "1",
  group: null,
} as const;

/** So that what follows has something to be asked of. */
const FIRST: readonly Step[] = [
  {
    do: "ask",
    asks: [
      { ...first, count: 2, volume: "that stays" },
      { ...first, count: 1, volume: "root that goes" },
    ],
  },
  { do: "pass", seconds: 301 },
];

/** Short histories of every kind; without bias, which would have most of them ask for little. */
export const history: fc.Arbitrary<History> = fc.noBias(fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 14, size: "max" })
    .map((steps) => [...FIRST, ...steps]),
  fortunes,
}));
