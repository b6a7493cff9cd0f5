/** Rendered JSON of servers, kept by everything it depends on: nothing in it can ever be stale. */

/** About how many bytes of JSON are kept: enough for some 10,000 servers in one shape. */
const DEFAULT_BYTES = 24 * 1024 * 1024;

/**
 * A bounded cache of texts; the oldest half goes when it is full.
 *
 * Keys name a server's version, so an entry is right for ever and only space ends its life.
 */
export class ViewCache {
  #young = new Map<string, string>();
  #old = new Map<string, string>();
  #bytes = 0;
  readonly #limit: number;

  constructor(bytes: number = DEFAULT_BYTES) {
    this.#limit = bytes / 2;
  }

  get(key: string): string | undefined {
    const text = this.#young.get(key);
    if (text !== undefined) return text;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, text: string): void {
    this.#bytes += key.length + text.length;
    if (this.#bytes > this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#bytes = key.length + text.length;
    }
    this.#young.set(key, text);
  }
}
