import type { Build } from "@/lib/sshd-config/build";
import { lowerName, readMatchWords } from "@/lib/sshd-config/match";
import type { Line } from "@/lib/sshd-config/model";
import { matchPatternList } from "@/lib/sshd-config/pattern";

/** One condition of a Match line. */
export interface Criterion {
  /** Lower case: "user". */
  name: string;
  /** Its pattern list; "" for those that take none. */
  value: string;
}

/** The conditions of a Match line that sshd takes; of one that it refuses, those that can be told. */
export function readCriteria(line: Line, build: Build): Criterion[] {
  const found: Criterion[] = [];
  eachCriterion(line, build, (name, value) => found.push({ name, value }));
  return found;
}

/** As `readCriteria`, one after the other. */
export function eachCriterion(line: Line, build: Build, take: (name: string, value: string) => void): void {
  const words = readMatchWords(line, build);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const name = lowerName(word);
    const joined = build.release >= 1000 && word.includes("=") ? /^([a-z]+)=(.*)$/is.exec(word) : null;
    if (joined) take(lowerName(joined[1] ?? ""), joined[2] ?? "");
    else if (name === "all" || name === "invalid-user") take(name, "");
    else take(name, words[++i] ?? "");
  }
}

/** Is the block for root, by name? */
export function namesRoot(line: Line, build: Build): boolean {
  return readCriteria(line, build).some(
    ({ name, value }) => name === "user" && matchPatternList("root", value) === 1,
  );
}
