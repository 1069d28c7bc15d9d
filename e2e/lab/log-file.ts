import { closeSync, openSync } from "node:fs";

/** Opens a log to append to, for as long as `use` hands it to a child as its output. */
export function withLog<T>(file: string, use: (descriptor: number) => T): T {
  const descriptor = openSync(file, "a", 0o600);
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
