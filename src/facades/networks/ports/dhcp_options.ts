/** What a DHCP server tells a port besides the usual: neutron/db/extradhcpopt_db.py. */
import { pythonStr } from "../../../http/python.ts";
import { isObject, listOf, type Reading } from "../fields.ts";
import { invalidInput } from "../refusals.ts";

/** An option as it is stored, in Neutron's words. */
export interface DhcpOption {
  readonly opt_name: string;
  readonly opt_value: string;
  /** 4 or 6; older releases have stored none for 4. */
  readonly ip_version?: number;
}

/** An option as a request names it; without a value it is taken away. */
export interface AskedDhcpOption extends Omit<DhcpOption, "opt_value"> {
  readonly opt_value: string | null;
}

/** Options that are told without a value, too. */
const BLANK: readonly string[] = ["router", "classless-static-route"];
/** In characters. */
const LONGEST_NAME = 64;
const LONGEST_VALUE = 255;

/** A list of options, none of them twice; null stands for none. */
export function dhcpOptions(value: unknown): Reading<readonly AskedDhcpOption[]> {
  return value === null ? { value: [] } : listOf(option)(value);
}

/** Refuses what does not fit either form of neutron_lib's EXTRA_DHCP_OPT_KEY_SPECS. */
function option(value: unknown): Reading<AskedDhcpOption> {
  const refusal = invalidInput(`No valid key specs matched for: ${pythonStr(value)}`);
  if (!isObject(value)) return refusal;
  const { opt_name, opt_value, ip_version = 4, ...more } = value;
  const version = Number(ip_version);
  if (Object.keys(more).length > 0 || ![4, 6].includes(version)) return refusal;
  if (!isLine(opt_name, LONGEST_NAME)) return refusal;
  const isValue = opt_value === null || isLine(opt_value, LONGEST_VALUE) ||
    (opt_value === "" && BLANK.includes(opt_name));
  if (!isValue) return refusal;
  return { value: { opt_name, opt_value: opt_value as string | null, ip_version: version } };
}

function isLine(value: unknown, longest: number): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= longest &&
    !/[\r\n]/.test(value);
}

/** The options after a change: those it does not name stay. */
export function mergeDhcpOptions(
  before: readonly DhcpOption[],
  asked: readonly AskedDhcpOption[] = [],
): readonly DhcpOption[] {
  const after = new Map(before.map((one) => [keyOf(one), one]));
  for (const one of asked) {
    if (one.opt_value === null) after.delete(keyOf(one));
    else after.set(keyOf(one), { ...one, opt_value: one.opt_value });
  }
  return [...after.values()];
}

function keyOf({ opt_name, ip_version = 4 }: Omit<DhcpOption, "opt_value">): string {
  return `${ip_version} ${opt_name}`;
}

export function viewDhcpOption({ opt_name, opt_value, ip_version = 4 }: DhcpOption): object {
  return { opt_name, opt_value, ip_version };
}
