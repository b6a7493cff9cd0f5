/** Texts made up for a create request. */

/** Without look-alikes; nova/conf/base.py, `password_symbols`. */
const SYMBOL_GROUPS = [
  "23456789",
  "ABCDEFGHJKLMNPQRSTUVWXYZ",
  "abcdefghijkmnopqrstuvwxyz",
] as const;

const PASSWORD_LENGTH = 12;

/** A password of 12 characters, at least one of each group; nova/utils.py, `generate_password`. */
export function generatePassword(): string {
  const characters: string[] = SYMBOL_GROUPS.map(pick);
  while (characters.length < PASSWORD_LENGTH) characters.push(pick(SYMBOL_GROUPS.join("")));
  return shuffled(characters).join("");
}

/** `r-` and eight of `[0-9a-z]`; nova/utils.py, `generate_uid`. */
export function generateReservationId(): string {
  const characters = "0123456789abcdefghijklmnopqrstuvwxyz";
  return `r-${Array.from({ length: 8 }, () => pick(characters)).join("")}`;
}

function pick(characters: string): string {
  return characters[below(characters.length)]!;
}

function shuffled(characters: string[]): string[] {
  for (let i = characters.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [characters[i], characters[j]] = [characters[j]!, characters[i]!];
  }
  return characters;
}

/** A random whole number from 0 up to, not including, `bound` (at most 256); unbiased. */
function below(bound: number): number {
  const ceiling = 256 - (256 % bound);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte); while (byte[0]! >= ceiling);
  return byte[0]! % bound;
}
