import type { Build } from "@/lib/sshd-config/build";
import { acceptedIn, valuesIn } from "@/lib/sshd-config/directives";
import { atRelease, type Keyword } from "@/lib/sshd-config/keyword";
import { maxInt, parseDecimal } from "@/lib/sshd-config/number";
import { equalsIgnoringCase, lowerAscii } from "@/lib/sshd-config/pattern";
import type { Reader, Reading } from "@/lib/sshd-config/reading";
import { parseTime } from "@/lib/sshd-config/time";

/** By build and keyword: the words it takes in lower case, and each as `sshd -T` prints it. */
const wordsByBuild = new WeakMap<Build, Map<Keyword, ReadonlyMap<string, string>>>();

function wordsOf(keyword: Keyword, build: Build): ReadonlyMap<string, string> {
  const ofBuild = wordsByBuild.get(build) ?? new Map<Keyword, ReadonlyMap<string, string>>();
  wordsByBuild.set(build, ofBuild);
  const known = ofBuild.get(keyword);
  if (known) return known;
  const synonyms = keyword.synonyms && atRelease(keyword.synonyms, build.release);
  const words = new Map<string, string>();
  for (const word of acceptedIn(keyword, build)) {
    const name = lowerAscii(word);
    if (!words.has(name)) words.set(name, synonyms?.[word] ?? word);
  }
  ofBuild.set(keyword, words);
  return words;
}

/** The word of the table that is meant, as `sshd -T` prints it; undefined when none is. */
function findWord(r: Reading, text: string): string | undefined {
  const words = wordsOf(r.keyword, r.build);
  return words.get(text) ?? words.get(lowerAscii(text));
}

/** yes, no, or one of the keyword's words. */
export const readEnum: Reader = (r: Reading) => {
  const text = r.required("missing argument.");
  const word = findWord(r, text);
  if (word === undefined) r.fatal("bad-value", `unsupported option "${text}".`);
  r.setOne(word);
};

/** The only enumeration whose letters' case counts. */
export const readTunnel: Reader = (r: Reading) => {
  const text = r.requiredBy("Missing yes/point-to-point/ethernet/no argument.");
  if (!valuesIn(r.keyword, r.build).includes(text)) {
    const what = r.splitsAhead
      ? `bad ${r.spelled} argument ${text}`
      : `Bad yes/point-to-point/ethernet/no argument: ${text}`;
    r.fatal("bad-value", what);
  }
  r.setOne(text);
};

export const readLogLevel: Reader = (r: Reading) => {
  const text = r.next();
  const word = text === undefined ? undefined : findWord(r, text);
  if (word === undefined) r.fatal("bad-value", `unsupported log level '${text ?? "<NONE>"}'`);
  r.setOne(word);
};

export const readLogFacility: Reader = (r: Reading) => {
  const text = r.next();
  const word = text === undefined ? undefined : findWord(r, text);
  if (word === undefined) r.fatal("bad-value", `unsupported log facility '${text ?? "<NONE>"}'`);
  r.setOne(word);
};

/** Any digest that sshd has compiled in, though the manual names two; the last line wins. */
export const readDigest: Reader = (r: Reading) => {
  const text = r.requiredBy("Missing argument.");
  const word = ["MD5", "SHA1", "SHA256", "SHA384", "SHA512"].find((v) => equalsIgnoringCase(v, text));
  if (word === undefined) {
    const subject = r.splitsAhead ? r.spelled : "hash";
    r.fatal("bad-value", `Invalid ${subject} algorithm "${text}".`);
  }
  r.replace([word]);
};

/** A number that is not negative, or the end of the sentence that refuses it. */
function integer(r: Reading, text: string | undefined): number {
  const value = text ? parseDecimal(text, 0, maxInt) : "missing";
  if (typeof value === "string") {
    r.fatal(
      text ? "bad-value" : "missing-value",
      `${r.splitsAhead ? `${r.spelled} ` : ""}integer value ${value}.`,
    );
  }
  return value;
}

export const readInteger: Reader = (r: Reading) => r.setOnce([String(integer(r, r.next()))]);

/** PerSourceMaxStartups: `none` is the largest number there is. */
export const readIntegerOrNone: Reader = (r: Reading) => {
  const text = r.requiredBy("missing argument.");
  const value = text === "none" ? maxInt : integer(r, text);
  const printed = [value === maxInt ? "none" : String(value)];
  if (r.build.release >= 905) r.setOnce(printed);
  else r.replace(printed);
};

/** Seconds of the next word. */
export function readSeconds(r: Reading): number {
  const text = r.required("missing time value.");
  const seconds = parseTime(text, r.build.release);
  // The value -1 stands for a refusal inside sshd, also when an early version's overflow led to it.
  if (seconds === undefined || seconds === -1) r.fatal("bad-value", "invalid time value.");
  return seconds;
}

export const readTime: Reader = (r: Reading) => r.setOne(String(readSeconds(r)));

/** `none` replaces what an earlier line has set, a time does not. */
export const readTimeOrNone: Reader = (r: Reading) => {
  if (r.peek() !== undefined && equalsIgnoringCase(r.peek() ?? "", "none")) {
    r.next();
    r.replace(["none"]);
    return;
  }
  const seconds = readSeconds(r);
  r.setOne(seconds === 0 ? "none" : String(seconds));
};

/** Octal digits; what follows them is ignored. Up to 10.5 the last line wins. */
export const readOctal: Reader = (r: Reading) => {
  const text = r.requiredBy("missing StreamLocalBindMask argument.");
  const digits = /^[ \t\n\v\f\r]*([+-]?)([0-7]+)/.exec(text);
  const value = digits ? Number.parseInt(`${digits[1]}${digits[2]}`, 8) : Number.NaN;
  if (!(value >= 0 && value <= 0o777))
    r.fatal("bad-value", r.splitsAhead ? `Invalid ${r.spelled}.` : "Bad mask.");
  const mask = [`0${value.toString(8)}`];
  if (r.build.release >= 1006) r.setOnce(mask);
  else r.replace(mask);
};

/** `yes` and `no` in lower case; anything else is a list of patterns. */
export const readUserEnvironment: Reader = (r: Reading) => r.setOne(r.requiredBy("missing argument."));
