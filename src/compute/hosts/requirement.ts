/** What an extra spec requires of a value; nova/scheduler/filters/extra_specs_ops.py. */

type Operator = (value: string, ...words: readonly string[]) => boolean;

const numbers = (holds: (value: number, wanted: number) => boolean): Operator => (value, word) => {
  const [one, other] = [numberOf(value), numberOf(word)];
  return !Number.isNaN(one) && !Number.isNaN(other) && holds(one, other);
};

const texts = (holds: (value: string, wanted: string) => boolean): Operator => (value, word) =>
  word !== undefined && holds(value, word);

const OPERATORS: Readonly<Record<string, Operator>> = {
  "=": numbers((value, wanted) => value >= wanted),
  "==": numbers((value, wanted) => value === wanted),
  "!=": numbers((value, wanted) => value !== wanted),
  ">=": numbers((value, wanted) => value >= wanted),
  "<=": numbers((value, wanted) => value <= wanted),
  "s==": texts((value, wanted) => value === wanted),
  "s!=": texts((value, wanted) => value !== wanted),
  "s<": texts((value, wanted) => value < wanted),
  "s<=": texts((value, wanted) => value <= wanted),
  "s>": texts((value, wanted) => value > wanted),
  "s>=": texts((value, wanted) => value >= wanted),
  "<in>": texts((value, wanted) => value.includes(wanted)),
  "<all-in>": (value, ...words) => words.length > 0 && words.every((word) => value.includes(word)),
  "<or>": (value, ...words) => words.some((word, place) => place % 2 === 0 && word === value),
};

/**
 * Whether a value meets a requirement: an operator and what follows it, or the very text.
 *
 * `=` means "at least", as in Nova. What is no number meets no requirement of numbers.
 */
export function matchesRequirement(value: string, requirement: string): boolean {
  const [first = "", ...words] = requirement.split(/\s+/).filter(Boolean);
  const operator = Object.hasOwn(OPERATORS, first) ? OPERATORS[first] : undefined;
  return operator ? operator(value, ...words) : value === requirement;
}

function numberOf(text: string | undefined): number {
  return text === undefined || text.trim() === "" ? NaN : Number(text);
}
