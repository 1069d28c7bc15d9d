/** Where a value was read: the word itself, in the file it stands in. */
export interface Origin {
  /** As sshd opened the file; "command-line" for `-o`. */
  path: string;
  line: number;
  from: number;
  to: number;
}

/** One value as sshd keeps it (paths made absolute, numbers and words in the form that `sshd -T` prints). */
export interface Held {
  value: string;
  /** What the value belongs to, where one keyword holds several: a subsystem's name, an address for its port. */
  name?: string;
  /** Absent for built-in defaults. */
  origin?: Origin;
}

/**
 * What one pass over the files has set, by keyword in lower case. A keyword without an entry is unset.
 *
 * Keywords whose parts are set one by one hold them under "keyword part": "rekeylimit time".
 */
export type Settings = Map<string, Held[]>;

/** What a line is read into. */
export interface SettingsSoFar {
  get(key: string): Held[] | undefined;
  set(key: string, held: Held[]): unknown;
}

/** A handful of settings, used again and again: a map for each line of thousands of blocks would take more than they. */
export class FewSettings implements SettingsSoFar {
  private readonly keys: string[] = [];
  private readonly values: Held[][] = [];
  private count = 0;

  get(key: string): Held[] | undefined {
    for (let i = 0; i < this.count; i++) if (this.keys[i] === key) return this.values[i];
    return undefined;
  }

  set(key: string, held: Held[]): void {
    let i = 0;
    while (i < this.count && this.keys[i] !== key) i++;
    this.keys[i] = key;
    this.values[i] = held;
    if (i === this.count) this.count++;
  }

  clear(): void {
    this.count = 0;
  }
}

/** The first value of a keyword; undefined when it is unset. */
export function firstValue(settings: Settings, key: string): string | undefined {
  return settings.get(key)?.[0]?.value;
}

/** All values of a keyword in order. */
export function allValues(settings: Settings, key: string): string[] {
  return (settings.get(key) ?? []).map((held) => held.value);
}

/** Puts values behind those that are there. */
export function addTo(settings: Settings, key: string, held: readonly Held[]): void {
  const there = settings.get(key);
  if (there) there.push(...held);
  else settings.set(key, [...held]);
}
