import type { KeyOptions } from "@/lib/authorized-keys/options";

/**
 * What OpenSSH's own code made of options. Recorded by running `sshauthopt_parse` of auth-options.c, with the parts
 * of misc.c that it calls, cut out of the sources of 8.2p1, 9.2p1 and 10.5p1 (here 1006: no later one differs).
 */
export interface RecordedOptions {
  readonly release: number;
  readonly text: string;
  /** What differs from a line without options; null when the line is skipped. */
  readonly result: (Partial<KeyOptions> & { readonly validBefore?: number | "never" }) | null;
}

/** Reads the recording, one case a line. */
export function readRecordedOptions(jsonl: string): RecordedOptions[] {
  return jsonl
    .split("\n")
    .filter((line) => line !== "")
    .map((line): RecordedOptions => JSON.parse(line));
}
