import type { CommandError } from "../ui/send-command";

/** Long enough not to send every key, short enough that a closed laptop loses a word at most. */
const quietMilliseconds = 700;

export type SaveState = "clean" | "waiting" | "saving" | "saved" | "failed" | "discarding";

/** What is known about a draft besides its text; a new object only when something of it changes. */
export interface DraftStatus {
  state: SaveState;
  error: CommandError | undefined;
  /** The text is not the host's. */
  dirty: boolean;
  /** The draft was begun on a content that is no longer the host's. */
  stale: boolean;
}

/** A content and the host's name for it. */
interface Content {
  content: string;
  sha256: string;
}

/** How a draft reaches the server; `undefined` when it did. */
export interface DraftStore {
  save(draft: { baseSha256: string; content: string }): Promise<CommandError | undefined>;
  discard(): Promise<CommandError | undefined>;
}

interface Options {
  store: DraftStore;
  /** What is on the host. */
  live: Content;
  /** What the server holds of this person. */
  draft: { content: string; baseSha256: string } | null;
  /** The keeper of the same file before its content on the host changed: what it has not sent yet is taken over. */
  before?: DraftKeeper | undefined;
}

/** Who changed the text: a person in the editor, or something else that the editor must follow. */
export type Writer = "editor" | "outside";

/**
 * A person's work on one file, saved on the server while he types.
 *
 * One request at a time, in the order in which they were wanted: a save on its way cannot bring back what is discarded
 * after it. A failed save is tried again with the next key and by `flush`; the text stays whatever happens.
 */
export class DraftKeeper {
  readonly live: Content;
  #content: string;
  /** The content that the draft was begun on. */
  #base: string;
  /** The text that the server would answer with. */
  #saved: string;
  #hasDraft: boolean;
  #status: DraftStatus;
  /** The text that is being thrown away. */
  #discarding: string | undefined;
  #retired = false;
  #turn: Promise<unknown>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #store: DraftStore;
  readonly #listeners = new Set<() => void>();
  readonly #readers = new Set<(writer: Writer) => void>();

  constructor({ store, live, draft, before }: Options) {
    const left = before?.isUnsaved ? before : undefined;
    if (before) before.#retire();
    this.#store = store;
    this.live = live;
    this.#content = left?.content ?? draft?.content ?? live.content;
    this.#base = left?.base ?? draft?.baseSha256 ?? live.sha256;
    this.#saved = draft?.content ?? live.content;
    this.#hasDraft = draft !== null;
    this.#turn = before ? before.#turn : Promise.resolve();
    this.#status = this.#describe(draft ? "saved" : "clean", undefined);
    if (left) this.#wait();
  }

  /** The text as it is being edited. */
  get content(): string {
    return this.#content;
  }

  get base(): string {
    return this.#base;
  }

  get status(): DraftStatus {
    return this.#status;
  }

  /** Is there something that only this browser knows? */
  get isUnsaved(): boolean {
    return !this.#retired && this.#discarding === undefined && this.#content !== this.#saved;
  }

  /** Takes a new text; it is sent when the person pauses. */
  edit(content: string, writer: Writer = "editor"): void {
    // The editor also tells of the text that it was just given.
    if (content === this.#content) return;
    this.#write(content, writer);
    this.#wait();
  }

  /** Sends what is not yet saved, at once. @returns false when it could not be saved */
  flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    return this.#inTurn(() => this.#save());
  }

  /** Back to what is on the host. What is typed while the server forgets the draft is a new one, and stays. */
  discard(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#discarding = this.#content;
    this.#tell("discarding");
    return this.#inTurn(async () => {
      const error = await this.#store.discard();
      const thrownAway = this.#discarding;
      this.#discarding = undefined;
      if (error) {
        this.#tell("failed", error);
        return false;
      }
      this.#saved = this.live.content;
      this.#hasDraft = false;
      this.#base = this.live.sha256;
      if (this.#content !== thrownAway) return this.#save();
      this.#write(this.live.content, "outside");
      this.#tell("clean");
      return true;
    });
  }

  /** Calls back whenever `status` is another one. @returns stops it */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Calls back whenever the text is another one. @returns stops it */
  onText(reader: (writer: Writer) => void): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  #retire(): void {
    clearTimeout(this.#timer);
    this.#retired = true;
  }

  #wait(): void {
    this.#tell("waiting");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), quietMilliseconds);
  }

  async #save(): Promise<boolean> {
    const sent = this.#content;
    if (this.#retired || this.#discarding !== undefined) return true;
    if (sent === this.#saved) {
      // Typed and taken back: there is nothing to send, and nothing to wait for.
      this.#tell(this.#hasDraft ? "saved" : "clean");
      return true;
    }
    this.#tell("saving");
    // A draft that says what the host says is none.
    const isLive = sent === this.live.content;
    const error = isLive
      ? await this.#store.discard()
      : await this.#store.save({ baseSha256: this.#base, content: sent });
    if (error) {
      if (this.#discarding === undefined) this.#tell("failed", error);
      return false;
    }
    this.#saved = sent;
    this.#hasDraft = !isLive;
    if (isLive) this.#base = this.live.sha256;
    if (this.#content !== sent) return this.#save();
    if (this.#discarding === undefined) this.#tell(isLive ? "clean" : "saved");
    return true;
  }

  #inTurn(act: () => Promise<boolean>): Promise<boolean> {
    const done = this.#turn.then(act);
    this.#turn = done;
    return done;
  }

  #write(content: string, writer: Writer): void {
    if (content === this.#content) return;
    this.#content = content;
    for (const reader of this.#readers) reader(writer);
  }

  #describe(state: SaveState, error: CommandError | undefined): DraftStatus {
    return {
      state,
      error,
      dirty: this.#content !== this.live.content,
      stale: this.#hasDraft && this.#base !== this.live.sha256,
    };
  }

  #tell(state: SaveState, error?: CommandError): void {
    const next = this.#describe(state, error);
    const { dirty, stale } = this.#status;
    const same = this.#status.state === state && this.#status.error === error;
    if (same && next.dirty === dirty && next.stale === stale) return;
    this.#status = next;
    for (const listener of this.#listeners) listener();
  }
}
