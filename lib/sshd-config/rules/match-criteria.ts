import type { Build } from "@/lib/sshd-config/build";
import { readMatchWords } from "@/lib/sshd-config/match";
import type { Line } from "@/lib/sshd-config/model";
import { lowerAscii, matchPatternList } from "@/lib/sshd-config/pattern";

/** One condition of a Match line. */
export interface Criterion {
  /** Lower case: "user". */
  name: string;
  /** Its pattern list; "" for those that take none. */
  value: string;
}

/** The conditions of a Match line that sshd takes; of one that it refuses, those that can be told. */
export function readCriteria(line: Line, build: Build): Criterion[] {
  const words = readMatchWords(line, build);
  const found: Criterion[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const name = lowerAscii(word);
    const joined = build.release >= 1000 ? /^([a-z]+)=(.*)$/is.exec(word) : null;
    if (joined) found.push({ name: lowerAscii(joined[1] ?? ""), value: joined[2] ?? "" });
    else if (name === "all" || name === "invalid-user") found.push({ name, value: "" });
    else found.push({ name, value: words[++i] ?? "" });
  }
  return found;
}

/** Is the block for root, by name? */
export function namesRoot(line: Line, build: Build): boolean {
  return readCriteria(line, build).some(
    ({ name, value }) => name === "user" && matchPatternList("root", value) === 1,
  );
}
