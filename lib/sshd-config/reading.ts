import type { Build } from "@/lib/sshd-config/build";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { DirectiveLine, Word } from "@/lib/sshd-config/model";
import { parseDecimal } from "@/lib/sshd-config/number";
import type { Held, Origin, SettingsSoFar } from "@/lib/sshd-config/settings";
import type { Message } from "@/lib/sshd-config/walk";
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
  /** Takes the lines that sshd prints before a refusal. */
  report(message: Message): void;
}

/** The word that was read last, where it is none of the arguments. */
const theKeyword = -1;
const theRest = -2;

/**
 * One directive while it is read: its words in order, what surrounds it, and how to refuse it.
 *
 * One is made for many lines, of which each is begun anew.
 */
export class Reading {
  readonly build: Build;
  readonly world: World;
  /** From 8.7 all words are split before the directive looks at them; before, one by one. */
  readonly splitsAhead: boolean;
  private readonly report: Surroundings["report"];
  private used = 0;
  private last = theKeyword;
  private origin: Origin | undefined = undefined;

  constructor(
    { build, world, report }: Surroundings,
    /** Takes what is set. */
    public settings: SettingsSoFar,
    public line: DirectiveLine,
    public keyword: Keyword,
    private path: string,
    /** Do values count here, or is the line only checked? */
    public active: boolean,
  ) {
    this.build = build;
    this.world = world;
    this.splitsAhead = build.release >= 807;
    this.report = report;
  }

  /** Goes on to another line. */
  begin(settings: SettingsSoFar, line: DirectiveLine, keyword: Keyword, path: string, active: boolean): void {
    this.settings = settings;
    this.line = line;
    this.keyword = keyword;
    this.path = path;
    this.active = active;
    this.used = 0;
    this.last = theKeyword;
    this.origin = undefined;
  }

  /** The keyword as the file spells it. */
  get spelled(): string {
    return this.line.spelled;
  }

  /** The name under which values are held. */
  get key(): string {
    return this.keyword.key;
  }

  /** The word that was read last; the keyword before the first. */
  get current(): Word {
    const { line, last } = this;
    return (last === theRest ? line.rest : last === theKeyword ? undefined : line.args[last]) ?? line.keyword;
  }

  /** Prints a line of its own before a refusal. */
  log(text: string): void {
    const { path, line, current } = this;
    this.report({ kind: "log", code: "log", text, bare: text, path, line, word: current });
  }

  /** The next word, or undefined at the end of the line. */
  next(): string | undefined {
    const value = this.line.valueAt(this.used);
    if (value === undefined) return undefined;
    this.last = this.used++;
    this.origin = undefined;
    return value;
  }

  /** How many words are left. */
  get left(): number {
    return this.line.count - this.used;
  }

  /** The next word without taking it. */
  peek(): string | undefined {
    return this.line.valueAt(this.used);
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

  /** The rest of the line as it stands, behind the keyword; undefined when nothing follows. Nothing more is left. */
  restOfLine(): string | undefined {
    const text = this.line.restText;
    if (text === undefined) return undefined;
    this.last = theRest;
    this.origin = undefined;
    this.skipRest();
    return text;
  }

  /** Nothing more of this line is looked at. */
  skipRest(): void {
    this.used = this.line.count;
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

  /** All that one word sets comes from the same place. */
  private get place(): Origin {
    if (this.origin) return this.origin;
    const { path, line, last } = this;
    const isRest = last === theRest && line.isPlain;
    // Not from `current`, which makes words of places.
    const { from, to } =
      isRest || last >= 0
        ? { from: line.fromAt(isRest ? 0 : last), to: line.toAt(isRest ? line.count - 1 : last) }
        : this.current;
    this.origin = { path, line: line.number, from, to };
    return this.origin;
  }

  isSet(key = this.key): boolean {
    return (this.settings.get(key)?.length ?? 0) > 0;
  }

  /** Holds values unless the line is only checked or an earlier line of this pass has set them. */
  setOnce(values: readonly string[], key = this.key): void {
    if (this.active && !this.isSet(key)) this.replace(values, key);
  }

  /** As `setOnce`, of one value. */
  setOne(value: string, key = this.key): void {
    if (this.active && !this.isSet(key)) this.settings.set(key, [{ value, origin: this.place }]);
  }

  /** Holds values in place of those of an earlier line. */
  replace(values: readonly string[], key = this.key): void {
    if (this.active) this.settings.set(key, values.map(this.hold, this));
  }

  private hold(value: string): Held {
    return { value, origin: this.place };
  }

  /** Holds one more value. */
  add(value: string, name?: string): void {
    if (!this.active) return;
    const held: Held =
      name === undefined ? { value, origin: this.place } : { value, name, origin: this.place };
    const there = this.settings.get(this.key);
    if (there) there.push(held);
    else this.settings.set(this.key, [held]);
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
