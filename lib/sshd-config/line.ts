import { findKeyword } from "@/lib/sshd-config/directives";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { Line, Word } from "@/lib/sshd-config/model";

/** A text and where the words of its plain lines stand: all of a file in one array, two places each. */
export class PlacedWords {
  private places: Int32Array;
  /** How many words there are. */
  count = 0;

  constructor(readonly text: string) {
    // As many as everyday files need; others make it grow.
    this.places = new Int32Array(16 + (text.length >> 2));
  }

  add(from: number, to: number): void {
    const at = 2 * this.count++;
    if (at + 2 > this.places.length) {
      const grown = new Int32Array(2 * this.places.length);
      grown.set(this.places);
      this.places = grown;
    }
    this.places[at] = from;
    this.places[at + 1] = to;
  }

  /** Forgets all behind the first `count`. */
  cut(count: number): void {
    this.count = count;
  }

  fromOf(word: number): number {
    return this.places[2 * word] ?? 0;
  }

  toOf(word: number): number {
    return this.places[2 * word + 1] ?? 0;
  }

  textOf(word: number): string {
    return this.text.slice(this.fromOf(word), this.toOf(word));
  }
}

/** A line that was taken apart. */
export interface Parts {
  content: string;
  keyword: Word | undefined;
  rest: Word | undefined;
  args: readonly Word[];
  unbalanced: boolean;
  commentFrom: number | undefined;
}

const none: readonly Word[] = [];

/**
 * A line that is its words and the blanks between them, as nearly all are: it holds places only.
 *
 * Where sshd reads something else than what stands in the text (quotes, escapes, a comment behind the words, NUL), or
 * where somebody has asked for words as objects, it holds its parts.
 */
export class TextLine implements Line {
  private parts: Parts | undefined = undefined;

  constructor(
    private readonly words: PlacedWords,
    public number: number,
    readonly kind: Line["kind"],
    readonly from: number,
    readonly to: number,
    /** Where the content begins and ends, of a line without parts; `keywordTo` is `first` where there is none. */
    private readonly first: number,
    private readonly last: number,
    private readonly keywordTo: number,
    readonly entry: Keyword | undefined,
    private readonly firstWord: number,
    private readonly wordCount: number,
  ) {}

  /** A line of which sshd does not read what stands there. */
  static of(words: PlacedWords, number: number, from: number, to: number, isComment: boolean, parts: Parts) {
    const kind = isComment ? "comment" : parts.keyword ? "directive" : "blank";
    const entry = parts.keyword && findKeyword(parts.keyword.value);
    const line = new TextLine(words, number, kind, from, to, from, from, from, entry, 0, 0);
    line.parts = parts;
    return line;
  }

  get text(): string {
    const { text } = this.words;
    // The character behind it is the line end, unless the text ends without one.
    return text.slice(this.from, this.to + 1);
  }

  get content(): string {
    return this.parts ? this.parts.content : this.words.text.slice(this.first, this.last);
  }

  get spelled(): string {
    if (this.parts) return this.parts.keyword?.value ?? "";
    const { entry, first, keywordTo, words } = this;
    // Nearly all are spelled as in the manual.
    if (entry && words.text.startsWith(entry.name, first)) return entry.name;
    return words.text.slice(first, keywordTo);
  }

  get keyword(): Word | undefined {
    return this.kind === "directive" ? this.takeApart().keyword : undefined;
  }

  get rest(): Word | undefined {
    return this.kind === "directive" ? this.takeApart().rest : undefined;
  }

  get restText(): string | undefined {
    if (this.parts) return this.parts.rest?.value;
    return this.wordCount === 0 ? undefined : this.words.text.slice(this.restFrom, this.last);
  }

  /** Behind the keyword and the blanks. */
  private get restFrom(): number {
    return this.words.fromOf(this.firstWord);
  }

  get args(): readonly Word[] {
    return this.count === 0 ? none : this.takeApart().args;
  }

  get count(): number {
    return this.parts ? this.parts.args.length : this.wordCount;
  }

  valueAt(index: number): string | undefined {
    if (this.parts) return this.parts.args[index]?.value;
    return index < this.wordCount ? this.words.textOf(this.firstWord + index) : undefined;
  }

  fromAt(index: number): number {
    return this.parts ? (this.parts.args[index]?.from ?? this.to) : this.words.fromOf(this.firstWord + index);
  }

  toAt(index: number): number {
    return this.parts ? (this.parts.args[index]?.to ?? this.to) : this.words.toOf(this.firstWord + index);
  }

  get isPlain(): boolean {
    return this.keywordTo > this.first;
  }

  get unbalanced(): boolean {
    return this.parts?.unbalanced ?? false;
  }

  get commentFrom(): number | undefined {
    return this.parts?.commentFrom;
  }

  get isIndented(): boolean {
    const code = this.words.text.charCodeAt(this.from);
    return code === 32 || code === 9;
  }

  /** Its words as objects, made once: their identity counts. */
  private takeApart(): Parts {
    if (this.parts) return this.parts;
    const { words, first, last, keywordTo, firstWord, wordCount } = this;
    const args: Word[] = [];
    for (let word = firstWord; word < firstWord + wordCount; word++)
      args.push({ value: words.textOf(word), from: words.fromOf(word), to: words.toOf(word) });
    this.parts = {
      content: this.content,
      keyword: { value: this.spelled, from: first, to: keywordTo },
      rest:
        wordCount === 0
          ? undefined
          : { value: words.text.slice(this.restFrom, last), from: this.restFrom, to: last },
      args,
      unbalanced: false,
      commentFrom: undefined,
    };
    return this.parts;
  }
}
