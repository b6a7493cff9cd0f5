/**
 * Rendered JSON of servers, kept by shape, id and version: it is stale only when something else
 * than the server shows in it, and has changed. Then the whole cache goes.
 */

/** About how many characters of JSON are kept: enough for some 10,000 servers in one shape. */
const DEFAULT_SIZE = 24 * 1024 * 1024;

interface Entry {
  readonly version: number;
  readonly text: string;
}

/**
 * A bounded cache of texts, of which those longest unused go when it is full.
 *
 * An entry names the version it was rendered from, so only space ends its life.
 */
export class ViewCache {
  readonly #shapes = new Map<string, ShapeCache>();
  readonly #half: number;
  #size = 0;

  constructor(size: number = DEFAULT_SIZE) {
    this.#half = size / 2;
  }

  /** The texts of one shape: of one microversion, kind of caller, operation and base URL. */
  shape(name: string): ShapeCache {
    let shape = this.#shapes.get(name);
    if (!shape) {
      shape = new ShapeCache((length) => this.#grow(length));
      this.#shapes.set(name, shape);
    }
    return shape;
  }

  #grow(length: number): void {
    this.#size += length;
    if (this.#size <= this.#half) return;
    this.#size = 0;
    for (const [name, shape] of this.#shapes) {
      if (shape.age()) this.#shapes.delete(name);
    }
  }
}

/** The texts of one shape, by server. */
export class ShapeCache {
  readonly #onGrowth: (length: number) => void;
  #recent = new Map<string, Entry>();
  #older = new Map<string, Entry>();

  constructor(onGrowth: (length: number) => void) {
    this.#onGrowth = onGrowth;
  }

  get(id: string, version: number): string | undefined {
    const recent = this.#recent.get(id);
    if (recent?.version === version) return recent.text;
    const older = this.#older.get(id);
    if (older?.version !== version) return undefined;
    this.set(id, version, older.text);
    return older.text;
  }

  set(id: string, version: number, text: string): void {
    this.#recent.set(id, { version, text });
    this.#onGrowth(text.length);
  }

  /** Forgets what was not used since the last call; says whether nothing is left. */
  age(): boolean {
    this.#older = this.#recent;
    this.#recent = new Map();
    return this.#older.size === 0;
  }
}
