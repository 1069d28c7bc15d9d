import { parseIpQos } from "@/lib/sshd-config/ip-qos";
import { maxInt, parseDecimal, parseSize, scanNumbers } from "@/lib/sshd-config/number";
import { equalsIgnoringCase } from "@/lib/sshd-config/pattern";
import { readSeconds } from "@/lib/sshd-config/readers/scalars";
import type { Reader, Reading } from "@/lib/sshd-config/reading";
import { parseFractionalTime, parseTime } from "@/lib/sshd-config/time";

const maxPorts = 256;

export const readPort: Reader = (r: Reading) => {
  // Ports of the command line replace those of the files.
  if (r.isSet("port command-line")) {
    r.skipRest();
    return;
  }
  if ((r.settings.get(r.key)?.length ?? 0) >= maxPorts) r.fatal("too-many", "too many ports.");
  const port = r.port(r.required("missing port number."));
  if (!port) r.fatal("bad-value", "Badly formatted port number.");
  r.add(String(port));
};

/** HOST, HOST:PORT, [HOST]:PORT: host and what stands behind the colon. Undefined: it cannot be split. */
export function splitHostPort(
  text: string,
  refusesSlash: boolean,
): { host: string; port?: string } | undefined {
  let end = text.search(/[:/]/);
  if (text.startsWith("[")) {
    end = text.indexOf("]") + 1;
    if (end === 0) return undefined;
  } else if (end < 0) end = text.length;
  const separator = text[end];
  if (separator === undefined) return { host: text };
  if (separator !== ":" && (separator !== "/" || refusesSlash)) return undefined;
  return { host: text.slice(0, end), port: text.slice(end + 1) };
}

function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

export const readListenAddress: Reader = (r: Reading) => {
  const text = r.required("missing address");
  let host = text;
  let port = 0;
  const bareIpv6 = !text.includes("[") && text.split(":").length > 2;
  if (!bareIpv6) {
    const split = splitHostPort(text, true);
    if (!split) r.fatal("bad-value", "bad address:port usage");
    host = withoutBrackets(split.host);
    if (split.port !== undefined) {
      const number = r.port(split.port);
      if (!number) r.fatal("bad-value", "bad port number");
      port = number;
    }
  }
  const word = r.next();
  // Up to 8.6 a closing quote or an equals sign at the end leaves an empty word, which counts as a second one.
  if (word !== undefined) {
    const domain = word === "rdomain" ? r.next() : undefined;
    if (domain === undefined) r.fatal("bad-value", "bad ListenAddress syntax");
    r.fatal("bad-value", "bad routing domain");
  }
  r.add(port === 0 ? "" : String(port), host);
};

/** MaxStartups: N, or BEGIN:RATE:FULL; three values are held, an unset one is empty. */
export const readMaxStartups: Reader = (r: Reading) => {
  const text = r.requiredBy("Missing MaxStartups spec.");
  const { release } = r.build;
  const [begin = 0, rate = 0, full = 0, ...none] = scanNumbers(text, 3);
  const count = scanNumbers(text, 3).length;
  const refuse = () =>
    r.fatal("bad-value", r.splitsAhead ? `Invalid ${r.spelled} spec.` : "Illegal MaxStartups spec.");
  if (none.length > 0 || (count !== 1 && count !== 3)) refuse();
  if (count === 3 && (begin > full || rate > 100 || rate < 1)) refuse();
  if (release >= 901 && (begin <= 0 || (count === 3 && full <= 0))) refuse();
  if (release < 1001) {
    const before = r.settings.get(r.key);
    const kept = before?.[1]?.value ?? "";
    r.replace(count === 3 ? [begin, rate, full].map(String) : [String(begin), kept, String(begin)]);
  } else if (count === 3) r.setOnce([begin, rate, full].map(String));
  // 10.1 and 10.2 forget where to begin when only one number is given.
  else r.setOnce([release < 1003 ? "" : String(begin), "", String(begin)]);
};

/** PerSourceNetBlockSize: V4 or V4:V6; an unset one is empty. */
export const readNetBlock: Reader = (r: Reading) => {
  const text = r.requiredBy("missing argument.");
  const [v4, v6] = scanNumbers(text, 2);
  const bad = v4 === undefined || v4 < 0 || v4 > 32 || (v6 !== undefined && (v6 < 0 || v6 > 128));
  if (bad) r.fatal("bad-value", `Invalid ${r.spelled} spec.`);
  // Up to 10.2 the second number is not initialised; in practice it is 0.
  const values = [String(v4), v6 !== undefined ? String(v6) : r.build.release < 1003 ? "0" : ""];
  if (r.build.release < 1001) r.replace(values);
  else r.setOnce(values);
};

const penaltyTimes = ["crash", "authfail", "noauth", "grace-exceeded", "refuseconnection", "max", "min"];

/** PerSourcePenalties: yes or no alone, or NAME:VALUE items, of which each is set once. */
export const readPenalties: Reader = (r: Reading) => {
  const { release } = r.build;
  const times = release >= 1003 ? [...penaltyTimes, "invaliduser"] : penaltyTimes;
  let count = 0;
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    count++;
    if (equalsIgnoringCase(word, "yes") || equalsIgnoringCase(word, "no")) {
      if (r.left > 0) r.fatal("bad-value", `keyword ${r.spelled} "${word}" argument must appear alone.`);
      r.setOne(word.toLowerCase());
      continue;
    }
    const colon = word.indexOf(":");
    const name = word.slice(0, Math.max(colon, 0));
    const text = word.slice(colon + 1);
    const key = `${r.key} ${name}`;
    const value = penaltyValue(r, name, text, times);
    if (value === undefined) r.fatal("bad-value", `unsupported ${r.spelled} keyword ${word}`);
    if (!r.isSet(key)) {
      r.setOnce([value], key);
      r.replace(["yes"]);
    }
  }
  if (count === 0) r.fatal("missing-value", `no ${r.spelled} specified`);
};

function penaltyValue(r: Reading, name: string, text: string, times: readonly string[]): string | undefined {
  if (name === "max-sources4" || name === "max-sources6") {
    const value = text === "" ? "missing" : parseDecimal(text, 0, maxInt);
    if (typeof value === "string") r.fatal("bad-value", `${r.spelled} value ${value}.`);
    return String(value);
  }
  if (name === "overflow" || name === "overflow6") {
    return text === "deny-all" || text === "permissive" ? text : undefined;
  }
  if (!times.includes(name)) return undefined;
  const seconds = r.build.release >= 1003 ? parseFractionalTime(text) : parseTime(text, r.build.release);
  if (seconds === undefined) r.fatal("bad-value", `invalid ${r.spelled} time value.`);
  return r.build.release >= 1003 ? seconds.toFixed(6) : String(seconds);
}

/** IPQoS: a class for interactive sessions, and one for bulk; one alone stands for both. */
export const readIpQos: Reader = (r: Reading) => {
  const first = r.splitsAhead ? r.required(`${r.spelled} missing argument.`) : r.next();
  const classOf = (text: string | undefined) => {
    const value = text === undefined ? undefined : parseIpQos(text, r.build);
    const name = r.splitsAhead ? r.spelled : "IPQoS";
    if (value === undefined) r.fatal("bad-value", `Bad ${name} value: ${text ?? "(null)"}`);
    return value;
  };
  const interactive = classOf(first);
  const second = r.next();
  const values = [interactive, second === undefined ? interactive : classOf(second)];
  if (r.build.release >= 1003) r.setOnce(values);
  else r.replace(values);
};

/** RekeyLimit SIZE [TIME]: each part is set once. */
export const readRekeyLimit: Reader = (r: Reading) => {
  const text = r.requiredBy("Missing argument.");
  const size = text === "default" ? 0n : parseSize(text);
  if (typeof size === "string") {
    const reason = size === "invalid" ? "Invalid argument" : "Numerical result out of range";
    r.fatal("bad-value", `Bad ${r.splitsAhead ? `${r.spelled} ` : ""}number '${text}': ${reason}`);
  }
  if (size !== 0n && size < 16n)
    r.fatal("bad-value", `${r.splitsAhead ? r.spelled : "RekeyLimit"} too small`);
  r.setOne(String(size));
  // Up to 8.6 a quote that never ends is something left, and no word.
  if (r.left === 0 && (r.splitsAhead || !r.line.unbalanced)) return;
  // Up to 8.6 `none` must be all that is left of the line, without quotes.
  if ((r.splitsAhead ? r.peek() : r.remainder()) === "none") r.next();
  else r.setOnce([String(readSeconds(r))], "rekeylimit time");
};

/** ChannelTimeout: `none` alone, or TYPE=TIME items; the first line wins as a whole. */
export const readChannelTimeouts: Reader = (r: Reading) => {
  const values: string[] = [];
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    if (equalsIgnoringCase(word, "none")) {
      // Up to 9.6 only what follows counts, not what went before.
      if (r.left > 0 || (values.length > 0 && r.build.release >= 907)) {
        r.error("bad-value", `keyword ${r.spelled} "none" argument must appear alone.`);
      }
    } else {
      const equals = word.indexOf("=");
      const seconds = equals < 1 ? undefined : parseTime(word.slice(equals + 1), r.build.release);
      if (seconds === undefined) r.fatal("bad-value", `invalid channel timeout ${word}`);
    }
    values.push(word);
  }
  if (values.length === 0 && r.build.release >= 907) r.fatal("missing-value", `no ${r.spelled} specified`);
  r.setOnce(values);
};

/** PermitOpen and PermitListen: `any` or `none`, or HOST:PORT items; the first line wins as a whole. */
export const readForwardList: Reader = (r: Reading) => {
  const { release } = r.build;
  const listens = r.key === "permitlisten";
  const name = r.splitsAhead ? r.spelled : r.key;
  const missing = r.splitsAhead ? `${name} missing argument.` : `missing ${name} specification`;
  const values: string[] = [];
  let count = 0;
  for (let word = r.next(); word !== undefined; word = r.next()) {
    if (release < 907 && word === "") {
      if (count === 0) r.fatal("missing-value", missing);
      break;
    }
    if (word === "any" || word === "none") {
      if (release < 907 && count === 0) {
        r.setOne(word);
        return;
      }
      if (release >= 907) {
        if (count > 0) r.fatal("bad-value", `${word} must appear alone on a ${name} line.`);
        count++;
        if (r.active) values.push(word);
        continue;
      }
    }
    const item = forwardItem(r, word, listens, name);
    count++;
    if (r.active) values.push(item);
  }
  if (count === 0) r.fatal("missing-value", missing);
  r.setOnce(values);
};

function forwardItem(r: Reading, word: string, listens: boolean, name: string): string {
  const bare = listens && !word.includes(":");
  const split = bare ? { host: "*", port: word } : splitHostPort(word, true);
  if (!split) r.fatal("bad-value", r.splitsAhead ? `${name} missing host` : `missing host in ${name}`);
  const sound = split.port === "*" || (split.port !== undefined && r.port(split.port));
  if (!sound) r.fatal("bad-value", r.splitsAhead ? `${name} bad port number` : `bad port number in ${name}`);
  return bare ? `*:${word}` : word;
}
