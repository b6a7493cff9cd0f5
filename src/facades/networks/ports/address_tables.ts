/**
 * Which addresses of a subnet are taken, and the lowest that is free.
 *
 * `fixed_addresses` has a row for each address of each port. `address_runs` has, for each subnet,
 * the longest runs of neighbouring addresses that are taken: the first free address behind any
 * place is found with one look into an index, however many addresses there are. Both follow from
 * the set of all ports' addresses alone, not from the order in which they were taken.
 */
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import { inBatches } from "../../collections.ts";
import { addressKey, formatAddress, parseAddress, shiftKey } from "../addresses.ts";
import type { FixedIp } from "./decider.ts";

export interface AddressTables {
  fixed_addresses: {
    subnet_id: string;
    /** {@linkcode addressKey}. */
    address: string;
    port_id: string;
    /** The address in canonical text. */
    ip_address: string;
  };
  address_runs: { subnet_id: string; first: string; last: string };
}

export const ADDRESS_TABLES = ["fixed_addresses", "address_runs"] as const;

export async function createAddressTables(tx: Writer): Promise<void> {
  // The port is part of the key because a rebuild writes ports in another order than they lived
  // in: for a moment two may have the same address. Decisions never let that happen.
  await tx.execute((db) =>
    db.schema.createTable("fixed_addresses")
      .addColumn("subnet_id", "text", (column) => column.notNull())
      .addColumn("address", "text", (column) => column.notNull())
      .addColumn("port_id", "text", (column) => column.notNull())
      .addColumn("ip_address", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("fixed_addresses_key", ["subnet_id", "address", "port_id"])
  );
  for (const column of ["port_id", "ip_address"]) {
    await tx.execute((db) =>
      db.schema.createIndex(`fixed_addresses_by_${column}`).on("fixed_addresses").column(column)
    );
  }
  await tx.execute((db) =>
    db.schema.createTable("address_runs")
      .addColumn("subnet_id", "text", (column) => column.notNull())
      .addColumn("first", "text", (column) => column.notNull())
      .addColumn("last", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("address_runs_key", ["subnet_id", "first"])
  );
}

const queries = queriesOn<AddressTables>();

type Place = { readonly subnetId: string; readonly address: string };

const holder = queries.prepare<Place, { port_id: string }>((db, p) =>
  db.selectFrom("fixed_addresses").select("port_id")
    .where("subnet_id", "=", p("subnetId")).where("address", "=", p("address")).limit(1)
);

/** How many addresses of each subnet are taken; subnets of which none is are left out. */
export async function usedAddresses(
  reader: Reader,
  subnetIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await inBatches(
    subnetIds,
    (batch) =>
      reader.select<AddressTables, { subnet_id: string; used: number }>((db) =>
        db.selectFrom("fixed_addresses")
          .select((eb) => ["subnet_id", eb.fn.countAll<number>().as("used")])
          .where("subnet_id", "in", batch).groupBy("subnet_id")
      ),
  );
  return new Map(rows.map(({ subnet_id, used }) => [subnet_id, used]));
}

const insertAddress = queries.prepare<AddressTables["fixed_addresses"], unknown>((db, p) =>
  db.insertInto("fixed_addresses").values({
    subnet_id: p("subnet_id"),
    address: p("address"),
    port_id: p("port_id"),
    ip_address: p("ip_address"),
  })
);

const deleteAddress = queries.prepare<Place & { readonly portId: string }, unknown>((db, p) =>
  db.deleteFrom("fixed_addresses").where("subnet_id", "=", p("subnetId"))
    .where("address", "=", p("address")).where("port_id", "=", p("portId"))
);

/** The run that begins at or before an address, the nearest one. */
const runBefore = queries.prepare<Place, { first: string; last: string }>((db, p) =>
  db.selectFrom("address_runs").select(["first", "last"])
    .where("subnet_id", "=", p("subnetId")).where("first", "<=", p("address"))
    .orderBy("first", "desc").limit(1)
);

type Run = { readonly subnetId: string; readonly first: string; readonly last: string };

const runFrom = queries.prepare<Omit<Run, "last">, { first: string; last: string }>((db, p) =>
  db.selectFrom("address_runs").select(["first", "last"])
    .where("subnet_id", "=", p("subnetId")).where("first", "=", p("first"))
);

const putRun = queries.prepare<Run, unknown>((db, p) =>
  db.insertInto("address_runs")
    .values({ subnet_id: p("subnetId"), first: p("first"), last: p("last") })
    .onConflict((conflict) =>
      conflict.columns(["subnet_id", "first"]).doUpdateSet({ last: p("last") })
    )
);

const dropRun = queries.prepare<Omit<Run, "last">, unknown>((db, p) =>
  db.deleteFrom("address_runs")
    .where("subnet_id", "=", p("subnetId")).where("first", "=", p("first"))
);

/** Takes addresses for a port. */
export async function takeAddresses(
  tx: Writer,
  portId: string,
  fixedIps: readonly FixedIp[],
): Promise<void> {
  for (const { subnetId, address: text } of fixedIps) {
    const parsed = parseAddress(text)!;
    const place = { subnetId, address: addressKey(parsed) };
    const isTaken = await tx.get(holder, place);
    await tx.run(insertAddress, {
      subnet_id: subnetId,
      address: place.address,
      port_id: portId,
      ip_address: formatAddress(parsed),
    });
    if (!isTaken) await fillRun(tx, place);
  }
}

/** Gives a port's addresses back. */
export async function giveBackAddresses(
  tx: Writer,
  portId: string,
  fixedIps: readonly FixedIp[],
): Promise<void> {
  for (const { subnetId, address: text } of fixedIps) {
    const place = { subnetId, address: addressKey(parseAddress(text)!) };
    await tx.run(deleteAddress, { ...place, portId });
    const isTaken = await tx.get(holder, place);
    if (!isTaken) await splitRun(tx, place);
  }
}

/** Adds an address to the runs: it may lengthen one, join two, or be one of its own. */
async function fillRun(tx: Writer, { subnetId, address }: Place): Promise<void> {
  const left = await tx.get(runBefore, { subnetId, address });
  const next = shiftKey(address, 1);
  const right = next === undefined ? undefined : await tx.get(runFrom, { subnetId, first: next });
  const joinsLeft = left !== undefined && shiftKey(left.last, 1) === address;
  if (right) await tx.run(dropRun, { subnetId, first: right.first });
  await tx.run(putRun, {
    subnetId,
    first: joinsLeft ? left.first : address,
    last: right ? right.last : address,
  });
}

/** Takes an address out of its run, of which up to two are left. */
async function splitRun(tx: Writer, { subnetId, address }: Place): Promise<void> {
  const run = await tx.get(runBefore, { subnetId, address });
  if (!run) return;
  if (run.first === address) await tx.run(dropRun, { subnetId, first: run.first });
  else await tx.run(putRun, { subnetId, first: run.first, last: shiftKey(address, -1)! });
  if (run.last === address) return;
  await tx.run(putRun, { subnetId, first: shiftKey(address, 1)!, last: run.last });
}

const anyAddress = queries.prepare<{ subnetId: string }, { first: string }>((db, p) =>
  db.selectFrom("address_runs").select("first").where("subnet_id", "=", p("subnetId")).limit(1)
);

/** Whether any port has an address of a subnet. */
export async function hasAddresses(reader: Reader, subnetId: string): Promise<boolean> {
  return await reader.get(anyAddress, { subnetId }) !== undefined;
}

/** The port that has an address of a subnet; undefined when the address is free. */
export async function holderOf(
  reader: Reader,
  { subnetId, address }: FixedIp,
): Promise<string | undefined> {
  const parsed = parseAddress(address);
  if (!parsed) return undefined;
  return (await reader.get(holder, { subnetId, address: addressKey(parsed) }))?.port_id;
}

/**
 * The key of the lowest free address from `first` to `last` (keys, both included); undefined when
 * all are taken.
 */
export async function lowestFree(
  reader: Reader,
  { subnetId, first, last }: Run,
): Promise<string | undefined> {
  const run = await reader.get(runBefore, { subnetId, address: first });
  // Behind a longest run there is always a free address.
  const free = run && run.last >= first ? shiftKey(run.last, 1) : first;
  return free !== undefined && free <= last ? free : undefined;
}
