import type { Build } from "@/lib/sshd-config/build";
import { describeKind } from "@/lib/sshd-config/describe";
import type { Fix } from "@/lib/sshd-config/diagnostic";
import { findKeyword, isKnownTo, keywords, resolveAlias, statusIn } from "@/lib/sshd-config/directives";
import type { Message } from "@/lib/sshd-config/walk";

/** What a person needs to know about something sshd prints. */
export interface Explanation {
  what: string;
  why: string;
  advice: string;
  fix?: Fix;
}

const refusesToStart = "sshd refuses to start.";

/**
 * Says in plain words what sshd means.
 *
 * @param detail the line that sshd prints before this one, where it does ("Missing Match criteria for bob")
 */
export function explainMessage(message: Message, detail: string | undefined, build: Build): Explanation {
  const spelled = message.line?.keyword?.value ?? "";
  const entry = findKeyword(spelled);
  const name = entry?.name ?? spelled;
  const given = message.word && message.word !== message.line?.keyword ? message.word.value : undefined;
  const takes = entry ? describeKind(resolveAlias(entry, build), build) : "";
  switch (message.code) {
    case "unknown-keyword":
      return explainUnknown(message, spelled, build);
    case "no-argument":
    case "missing-value":
      return {
        what: entry ? `${name} has no value.` : `"${spelled}" has no value.`,
        why: refusesToStart,
        advice: takes ? `Write ${takes}; or remove the line.` : "Remove the line.",
      };
    case "unbalanced-quote":
      return {
        what: "A quote is never closed.",
        why: refusesToStart,
        advice: "Close the quote, or remove it.",
      };
    case "not-in-match":
      return {
        what: `${name} may not stand in a Match block.`,
        why: "A Match block reaches to the next Match or to the end of the file; indentation does not end it.",
        advice: "Move the line above the first Match.",
      };
    case "bad-value":
      return {
        what: given === undefined ? `${name}: ${message.bare}` : `${name} does not take "${given}".`,
        why: refusesToStart,
        advice: takes ? `It takes ${takes}.` : "Correct the value.",
      };
    case "extra-arguments":
      return {
        what: `${name} has more than it takes: "${given ?? ""}".`,
        why: refusesToStart,
        advice: "Remove the rest, or put quotes around a value with blanks.",
      };
    case "bad-match":
      return {
        what: `The Match line cannot be read: ${detail ?? message.bare}.`,
        why: refusesToStart,
        advice: "Write CRITERION PATTERNS pairs: patterns are joined by commas without blanks.",
      };
    case "duplicate":
      return { what: message.bare, why: refusesToStart, advice: "Keep one of the two lines." };
    case "too-many":
      return { what: message.bare, why: refusesToStart, advice: "Remove some of them." };
    case "include-depth":
      return {
        what: "Files include each other more than 16 levels deep.",
        why: refusesToStart,
        advice: "A file includes itself, perhaps through another one or a wildcard; remove that Include.",
      };
    case "include-count":
      return {
        what: `${message.bare}.`,
        why: "Files include each other again and again: sshd would take minutes to days to read them.",
        advice: "Include each file once.",
      };
    case "assembly":
      return {
        what: `${name}: no algorithm is left, or a name is negated with "!".`,
        why: refusesToStart,
        advice: 'Name at least one algorithm this sshd has; to take some away, begin the list with "-".',
      };
    case "unsatisfiable":
      return {
        what: "No list of AuthenticationMethods can be fulfilled.",
        why: "Each names a method that is switched off; sshd refuses to start because nobody could log in.",
        advice: "Switch the method on, or name methods that are.",
      };
    case "no-effect":
      return {
        what: `${name} has no effect on ${build.label}.`,
        why:
          entry && statusIn(entry, build) === "unsupported" ? "It was built without it." : "It is obsolete.",
        advice: "Remove the line.",
      };
    case "log":
      return { what: message.bare, why: "", advice: "" };
  }
}

function explainUnknown(message: Message, spelled: string, build: Build): Explanation {
  const entry = findKeyword(spelled);
  const what = `${build.label} does not know the keyword "${spelled}".`;
  const why = "sshd refuses to start with a keyword it does not know.";
  if (entry?.since && !isKnownTo(entry, build)) {
    const until = entry.until ? `, and went with ${entry.until}` : "";
    return { what, why, advice: `It came with OpenSSH ${entry.since}${until}; remove the line.` };
  }
  const meant = nearestKeyword(spelled, build);
  if (!meant) return { what, why, advice: "Correct the spelling, or remove the line." };
  const word = message.word;
  const fix = word && {
    label: `Write ${meant}`,
    edits: [{ path: message.path, from: word.from, to: word.to, insert: meant }],
  };
  return { what, why, advice: `Did you mean ${meant}?`, ...(fix && { fix }) };
}

/** Known to ssh(1) only, and what people who write them here mean. */
const clientKeywords: ReadonlyMap<string, string> = new Map([["sendenv", "AcceptEnv"]]);

/** A keyword of this build that differs by at most two letters; by one where the word is short. */
function nearestKeyword(spelled: string, build: Build): string | undefined {
  const word = spelled.toLowerCase();
  const meant = clientKeywords.get(word);
  if (meant) return meant;
  const most = word.length <= 4 ? 1 : 2;
  const letters = lettersOf(word);
  let best: { name: string; distance: number } | undefined;
  for (const candidate of candidatesIn(build)) {
    if (Math.abs(candidate.word.length - word.length) > most) continue;
    // A letter that is replaced makes two differences, any other mistake fewer.
    if (countBits(letters ^ candidate.letters) > 2 * most) continue;
    const distance = editDistance(word, candidate.word, most);
    if (distance < (best?.distance ?? most + 1)) best = { name: candidate.name, distance };
  }
  return best?.name;
}

interface Candidate {
  name: string;
  word: string;
  letters: number;
}

const candidatesByBuild = new WeakMap<Build, readonly Candidate[]>();

/** What a misspelt word may be meant for; a file may have thousands of them. */
function candidatesIn(build: Build): readonly Candidate[] {
  const known =
    candidatesByBuild.get(build) ??
    keywords
      .filter((keyword) => isKnownTo(keyword, build))
      .map(({ name, key }) => ({ name, word: key, letters: lettersOf(key) }));
  candidatesByBuild.set(build, known);
  return known;
}

/** Which letters a word has, a bit each; several share one where there are more than 32. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let i = 0; i < word.length; i++) letters |= 1 << (word.charCodeAt(i) & 31);
  return letters;
}

function countBits(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count++;
  return count;
}

/** How many letters must be put in, taken out, replaced or swapped with their neighbour; `most` + 1 if more than that. */
function editDistance(a: string, b: string, most: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = last;
    last = row;
    // It never gets less again; the row before counts for a swap.
    if (Math.min(...last) > most && Math.min(...before) > most) return most + 1;
  }
  return last[b.length]!;
}
