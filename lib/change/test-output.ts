/** One line that `sshd -t` printed, and the place that it speaks of, where it names one. */
export interface TestLine {
  readonly text: string;
  readonly path: string | null;
  /** Counted from 1. */
  readonly line: number | null;
}

/** More than a person reads; a host that sends more sends noise. */
const mostLines = 200;
const longestLine = 1000;

/**
 * What `sshd -t` printed, line by line, with the place each line names.
 *
 * sshd writes a place as "PATH line N: …" or "PATH: line N: …" (servconf.c, 8.2 to 10.6). A line of another form is
 * kept without a place: the text is what counts, the place only moves the cursor.
 */
export function parseTestOutput(output: string): TestLine[] {
  return output
    .split("\n")
    .map((text) => text.replace(/\r$/, "").slice(0, longestLine))
    .filter((text) => text.trim() !== "")
    .slice(0, mostLines)
    .map((text) => {
      const place = /^(?:[a-z-]+: )?(\/[^\n]*?):? line (\d{1,7})(?=[:,. ]|$)/.exec(text);
      return { text, path: place?.[1] ?? null, line: place ? Number(place[2]) : null };
    });
}
