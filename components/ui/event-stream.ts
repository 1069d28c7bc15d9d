/** How the page hears of news: not listening, up to date, or on the way back. */
export type Liveness = "idle" | "live" | "reconnecting";

interface Listener {
  topics: readonly string[];
  onNews: () => void;
}

/** News come in bursts (a step, its event, its activity): read the page once for all of them. */
const debounceMilliseconds = 120;
/** However much happens (1,000 hosts answer their heartbeats), a page is not read more often than this. */
const betweenMilliseconds = 1_000;
/** A page that nobody looks at gives its connection back: browsers allow six per site over HTTP/1.1. */
const hiddenMilliseconds = 60_000;
const retryMilliseconds = { first: 1_000, most: 15_000 };

/**
 * One EventSource for the whole tab, for all topics that its parts listen to.
 *
 * The events say only that there is news; the server component that is read again stays the one source of truth.
 * Whatever may have been missed (before the first connection, while the laptop slept) is made up for by reading the
 * page once when the stream opens.
 */
export class EventStream {
  private listeners = new Set<Listener>();
  private watchers = new Set<() => void>();
  private source: EventSource | undefined;
  private openTopics = "";
  private toldAt = -betweenMilliseconds;
  private retryIn = retryMilliseconds.first;
  private newsTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  private connectTimer: ReturnType<typeof setTimeout> | undefined;
  liveness: Liveness = "idle";

  /** @returns a function that ends it */
  listen(topics: readonly string[], onNews: () => void): () => void {
    const listener = { topics, onNews };
    this.listeners.add(listener);
    if (this.listeners.size === 1) document.addEventListener("visibilitychange", this.onVisibility);
    this.connectSoon();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) document.removeEventListener("visibilitychange", this.onVisibility);
      this.connectSoon();
    };
  }

  /** For useSyncExternalStore. */
  readonly watch = (onChange: () => void): (() => void) => {
    this.watchers.add(onChange);
    return () => this.watchers.delete(onChange);
  };
  readonly read = (): Liveness => this.liveness;

  private become(liveness: Liveness): void {
    if (this.liveness === liveness) return;
    this.liveness = liveness;
    for (const watcher of this.watchers) watcher();
  }

  /** The parts of a page mount one after another: one connection for all of them. */
  private connectSoon(): void {
    clearTimeout(this.connectTimer);
    this.connectTimer = setTimeout(() => this.connect(), 0);
  }

  private connect(): void {
    const topics = [...new Set([...this.listeners].flatMap((listener) => listener.topics))].sort();
    const query = topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join("&");
    if (query === this.openTopics && this.source && this.source.readyState !== EventSource.CLOSED) return;
    this.close();
    if (topics.length === 0) {
      this.become("idle");
      return;
    }
    this.openTopics = query;
    const source = new EventSource(`/api/v1/events?${query}`);
    this.source = source;
    source.onopen = () => {
      this.retryIn = retryMilliseconds.first;
      this.become("live");
      this.tellSoon();
    };
    source.onmessage = () => this.tellSoon();
    source.onerror = () => {
      this.become("reconnecting");
      // A broken connection the browser mends by itself, with Last-Event-ID; a refused one it gives up.
      if (source.readyState === EventSource.CLOSED) this.retry();
    };
  }

  private retry(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.connect(), this.retryIn);
    this.retryIn = Math.min(this.retryIn * 2, retryMilliseconds.most);
  }

  private close(): void {
    clearTimeout(this.retryTimer);
    this.source?.close();
    this.source = undefined;
    this.openTopics = "";
  }

  private tellSoon(): void {
    const wait = Math.max(debounceMilliseconds, this.toldAt + betweenMilliseconds - performance.now());
    this.newsTimer ??= setTimeout(() => {
      this.newsTimer = undefined;
      this.toldAt = performance.now();
      // Parts of one page share its router: read it once, not once a part.
      for (const onNews of new Set([...this.listeners].map((listener) => listener.onNews))) onNews();
    }, wait);
  }

  private readonly onVisibility = (): void => {
    clearTimeout(this.hiddenTimer);
    if (document.visibilityState === "visible") this.connectSoon();
    else
      this.hiddenTimer = setTimeout(() => {
        this.close();
        this.become("reconnecting");
      }, hiddenMilliseconds);
  };
}

export const eventStream = new EventStream();
