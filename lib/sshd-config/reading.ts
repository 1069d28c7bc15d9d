import type { Build } from "@/lib/sshd-config/build";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { Line, Word } from "@/lib/sshd-config/model";
import { parseDecimal } from "@/lib/sshd-config/number";
import { addTo, type Held, type Settings } from "@/lib/sshd-config/settings";
import type { World } from "@/lib/sshd-config/world";

/** Why sshd refuses a line. */
export type RefusalCode =
  | "unknown-keyword"
  | "no-argument"
  | "unbalanced-quote"
  | "not-in-match"
  | "missing-value"
  | "bad-value"
  | "extra-arguments"
  | "bad-match"
  | "duplicate"
  | "too-many"
  | "include-depth"
  | "assembly"
  | "unsatisfiable";

/**
 * Thrown while a line is read. "fatal": sshd stops at once · "error": it goes on to the next line, then stops.
 *
 * It is no Error on purpose: a refused line is an everyday result, caught where lines are read, and a stack for
 * each would take longer than reading the file.
 */
export class Refusal {
  constructor(
    readonly kind: "fatal" | "error",
    readonly code: RefusalCode,
    readonly message: string,
    /** Does sshd put file and line before the text? */
    readonly located: boolean,
  ) {}
}

interface Surroundings {
  build: Build;
  world: World;
  settings: Settings;
  path: string;
  /** Do values count here, or is the line only checked? */
  active: boolean;
  /** Prints a line of its own before a refusal. */
  log(text: string): void;
}

/** One directive while it is read: its words in order, what surrounds it, and how to refuse it. */
export class Reading {
  readonly build: Build;
  readonly world: World;
  readonly settings: Settings;
  readonly active: boolean;
  readonly log: (text: string) => void;
  /** The keyword as the file spells it. */
  readonly spelled: string;
  /** The name under which values are held. */
  readonly key: string;
  /** The word that was read last; the keyword before the first. */
  current: Word;
  private readonly path: string;
  private used = 0;

  constructor(
    readonly line: Line & { keyword: Word },
    readonly keyword: Keyword,
    { build, world, settings, path, active, log }: Surroundings,
  ) {
    this.build = build;
    this.world = world;
    this.settings = settings;
    this.path = path;
    this.active = active;
    this.log = log;
    this.spelled = line.keyword.value;
    this.key = keyword.name.toLowerCase();
    this.current = line.keyword;
  }

  /** From 8.7 all words are split before the directive looks at them; before, one by one. */
  get splitsAhead(): boolean {
    return this.build.release >= 807;
  }

  /** The next word, or undefined at the end of the line. */
  next(): string | undefined {
    const word = this.line.args[this.used];
    if (!word) return undefined;
    this.used++;
    this.current = word;
    return word.value;
  }

  /** How many words are left. */
  get left(): number {
    return this.line.args.length - this.used;
  }

  /** The next word without taking it. */
  peek(): string | undefined {
    return this.line.args[this.used]?.value;
  }

  /** What is left of the line as it stands, quotes and all. */
  remainder(): string {
    const { rest, args } = this.line;
    const word = args[this.used];
    return rest && word ? rest.value.slice(word.from - rest.from) : "";
  }

  /** The next word of a list. Up to 8.6 an empty word ends it. */
  nextOfList(): string | undefined {
    const word = this.next();
    return word === "" && !this.splitsAhead ? undefined : word;
  }

  /** All words of a list that are left. */
  leftOfList(): string[] {
    const words: string[] = [];
    for (let word = this.nextOfList(); word !== undefined; word = this.nextOfList()) words.push(word);
    return words;
  }

  /** Nothing more of this line is looked at. */
  skipRest(): void {
    this.used = this.line.args.length;
  }

  /** The next word, which may not be missing or empty. */
  required(missing: string): string {
    const word = this.next();
    if (!word) this.fatal("missing-value", missing);
    return word;
  }

  /** As `required`, with the text that differs between the generations of sshd. */
  requiredBy(old: string): string {
    return this.required(this.splitsAhead ? `${this.spelled} missing argument.` : old);
  }

  fatal(code: RefusalCode, text: string): never {
    throw new Refusal("fatal", code, text, true);
  }

  /** As `fatal`, but sshd names neither file nor line. */
  fatalUnlocated(code: RefusalCode, text: string): never {
    throw new Refusal("fatal", code, text, false);
  }

  error(code: RefusalCode, text: string): never {
    throw new Refusal("error", code, text, true);
  }

  private held(value: string, name?: string): Held {
    const { from, to } = this.current;
    const origin = { path: this.path, line: this.line.number, from, to };
    return name === undefined ? { value, origin } : { value, name, origin };
  }

  isSet(key = this.key): boolean {
    return (this.settings.get(key)?.length ?? 0) > 0;
  }

  /** Holds values unless the line is only checked or an earlier line of this pass has set them. */
  setOnce(values: readonly string[], key = this.key): void {
    if (!this.isSet(key)) this.replace(values, key);
  }

  /** Holds values in place of those of an earlier line. */
  replace(values: readonly string[], key = this.key): void {
    if (this.active)
      this.settings.set(
        key,
        values.map((v) => this.held(v)),
      );
  }

  /** Holds one more value. */
  add(value: string, name?: string): void {
    if (this.active) addTo(this.settings, this.key, [this.held(value, name)]);
  }

  /** A port number or the name of a TCP service; undefined when it is neither. 0 is a port here. */
  port(text: string): number | undefined {
    const number = parseDecimal(text, 0, 65535);
    return typeof number === "number" ? number : this.world.services.get(text);
  }

  /** `~` and `~account` at the beginning replaced by a home directory. */
  expandTilde(path: string): string {
    if (!path.startsWith("~")) return path;
    const slash = path.indexOf("/");
    const account = path.slice(1, slash < 0 ? undefined : slash);
    // Up to 8.6 a name without a slash behind it is not looked up but put behind root's home directory.
    const old = !this.splitsAhead && (slash < 0 || account === "");
    const name = old || account === "" ? "root" : account;
    const home = this.world.accounts.get(name)?.home;
    if (home === undefined && !this.world.isComplete) return path;
    if (home === undefined) {
      const fn = this.splitsAhead ? "tilde_expand" : "tilde_expand_filename";
      this.fatalUnlocated("bad-value", `${fn}: No such user ${name}`);
    }
    const rest = slash < 0 ? (old ? account : "") : path.slice(slash + 1);
    return `${home.replace(/\/?$/, "/")}${this.splitsAhead ? rest.replace(/^\/+/, "") : rest}`;
  }

  /** `none` in any case, or an absolute path: a relative one is taken from the working directory of sshd, `/`. */
  absolutePath(path: string): string {
    if (path.toLowerCase() === "none") return "none";
    const expanded = this.expandTilde(path);
    return expanded.startsWith("/") ? expanded : `//${expanded}`;
  }
}

/** Reads the words of one kind of directive and holds its values. */
export type Reader = (r: Reading) => void;
