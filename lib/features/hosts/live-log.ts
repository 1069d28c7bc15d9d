/** Output kept of a longer act. More is cut in the middle of the oldest. */
const mostCharacters = 256 * 1024;
/** Each write is a row and an event that pages answer with a reading. */
const writeEveryMilliseconds = 400;

/**
 * Collects a host's output and writes it to the database now and then, so that people see it live.
 *
 * What a host sends is text: broken UTF-8 and NUL, which PostgreSQL cannot hold, become U+FFFD; the rest stays as it
 * is and is made visible where it is shown.
 */
export class LiveLog {
  readonly #write: (text: string) => Promise<void>;
  readonly #decoder = new TextDecoder("utf-8");
  #text = "";
  #isCut = false;
  #written = "";
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param write stores the whole text so far */
  constructor(write: (text: string) => Promise<void>) {
    this.#write = write;
  }

  /** Adds bytes of the host. */
  add(bytes: Uint8Array): void {
    this.#append(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Adds a line of ours. */
  addLine(line: string): void {
    this.#append(`${this.#text && !this.#text.endsWith("\n") ? "\n" : ""}${line}\n`);
  }

  /** Writes what is left; rejects when the last write failed. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#append(this.#decoder.decode());
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    await this.#flush();
  }

  get text(): string {
    return `${this.#isCut ? "… (the beginning was cut)\n" : ""}${this.#text}`;
  }

  #append(text: string): void {
    if (text === "") return;
    this.#text += text.replaceAll("\0", "\uFFFD").toWellFormed();
    if (this.#text.length > mostCharacters) {
      this.#text = this.#text.slice(-mostCharacters).toWellFormed();
      this.#isCut = true;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // A write that fails is tried again with the next one, and `end` tells.
      this.#writing = this.#writing.then(() => this.#flush()).catch(() => {});
    }, writeEveryMilliseconds);
  }

  async #flush(): Promise<void> {
    const text = this.text;
    if (text === this.#written) return;
    await this.#write(text);
    this.#written = text;
  }
}
