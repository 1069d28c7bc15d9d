/** The line that the cursor is on in each file, told to who asks: the page around is not drawn anew for it. */
export interface CursorLines {
  /** From 1; the first line until the cursor was seen elsewhere. */
  get(path: string): number;
  set(path: string, line: number): void;
  /** @returns stops it */
  subscribe(listener: () => void): () => void;
}

/** Knows of no cursor yet. */
export function createCursorLines(): CursorLines {
  const lines = new Map<string, number>();
  const listeners = new Set<() => void>();
  return {
    get: (path) => lines.get(path) ?? 1,
    set: (path, line) => {
      if (lines.get(path) === line) return;
      lines.set(path, line);
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
