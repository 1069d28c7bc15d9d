import { keywords } from "@/lib/sshd-config/directives";
import type { Keyword, Kind } from "@/lib/sshd-config/keyword";
import type { Case } from "@/lib/sshd-config/testing/corpus";
import {
  mangle,
  oddAddress,
  oddAlgorithms,
  oddNumber,
  oddSize,
  oddTime,
  soup,
} from "@/lib/sshd-config/testing/mangle";
import { algorithms, criteria, queries, subsystems, values } from "@/lib/sshd-config/testing/pools";
import { type Random, seededChoices } from "@/lib/sshd-config/testing/random";
import { includeTree } from "@/lib/sshd-config/testing/trees";

const main = "/etc/ssh/sshd_config";

/** What most cases consist of: mostly sound lines, or many odd ones. */
export interface Mixture {
  /** Share of lines whose value may be of any sort, from 0 to 1. */
  odd: number;
}

const live = keywords.filter((k) => k.kind !== "match" && k.kind !== "include");

/** Kinds that take more than one word. */
const severalWords = new Set<Kind>([
  "words",
  "accept-env",
  "group-list",
  "user-host-list",
  "methods",
  "open-list",
  "listen-list",
  "channel-timeouts",
  "set-env",
  "path-list",
  "pubkey-options",
  "penalties",
  "rekey-limit",
  "ip-qos",
]);

/** Configurations for comparing the model with a real sshd; the same for the same seed. */
export function* generateCases(seed: number, count: number, { odd }: Mixture): Generator<Case> {
  const r = seededChoices(seed);
  for (let i = 0; i < count; i++) yield { id: `${seed}/${i}`, ...someCase(r, odd) };
}

function someCase(r: Random, odd: number): Omit<Case, "id"> {
  const asked = r.chance(0.3) ? queries : [{}, oddQuery(r)];
  const lines = (most: number) => someLines(r, odd, most);
  switch (r.between(0, 11)) {
    // One directive in detail: as it is, behind a block that does not hold, in one that does.
    case 0:
    case 1:
    case 2:
    case 3: {
      const before = r.pick(["", "", "", "Match User nosuchuserever\n", "Match User alice\n", "Match all\n"]);
      const again = r.chance(0.2);
      const keyword = r.pick(live);
      const text = [directive(r, 1, keyword), ...(again ? [directive(r, odd, keyword)] : [])].join("\n");
      return { files: { [main]: `${before}${text}\n` }, queries: asked };
    }
    case 4:
      return { files: includeTree(r, lines), queries: asked };
    case 5:
      return { files: { [main]: ladder(r) }, queries: [{}, oddQuery(r), ...queries.slice(1)] };
    case 6: {
      const text = Array.from({ length: r.between(1, 4) }, () =>
        r.chance(0.5) ? soup(r, 8) : mangle(lines(1), r),
      );
      return { files: { [main]: text.join("\n") }, queries: asked };
    }
    case 7:
      return { files: { [main]: lines(3) }, args: oddArguments(r), queries: asked };
    default:
      return { files: { [main]: lines(r.chance(0.5) ? 3 : 14) }, queries: asked };
  }
}

function mixCase(word: string, r: Random): string {
  const kind = r.between(0, 9);
  if (kind < 7) return word;
  if (kind === 7) return word.toUpperCase();
  if (kind === 8) return word.toLowerCase();
  return [...word].map((c) => (r.chance(0.5) ? c.toUpperCase() : c.toLowerCase())).join("");
}

function valueFor(keyword: Keyword, r: Random, odd: number): string {
  const key = keyword.name.toLowerCase();
  if (keyword.kind === "subsystem") return r.pick(subsystems);
  const family = keyword.kind === "key-algorithms" ? "keys" : key;
  const own = algorithms[family];
  if (own && r.chance(0.5)) return oddAlgorithms(family, r);
  const pool = own ??
    (keyword.values && keyword.kind !== "yes-no"
      ? [...keyword.values, ...(keyword.hiddenValues ?? []), "YES", "bogus"]
      : values[keyword.kind]) ?? ["x"];
  const isOdd = r.chance(odd);
  const sound = pool.slice(0, Math.max(2, Math.ceil(pool.length * (isOdd ? 1 : 0.4))));
  const count = severalWords.has(keyword.kind) && r.chance(0.5) ? r.between(2, 3) : 1;
  const words = Array.from(
    { length: count },
    () => (isOdd ? oddWord(keyword.kind, r) : undefined) ?? r.pick(sound),
  );
  const text = words.join(" ");
  return isOdd && r.chance(0.15) ? mangle(text, r) : text;
}

/** A word made up for the kind; undefined in half of the cases, and for kinds whose words are all in the pools. */
function oddWord(kind: Kind, r: Random): string | undefined {
  if (r.chance(0.5)) return undefined;
  const number = () => oddNumber(r);
  switch (kind) {
    case "int":
    case "int-or-none":
    case "octal":
    case "port":
    case "ip-qos":
      return number();
    case "time":
    case "time-or-none":
      return oddTime(r);
    case "rekey-limit":
      return r.chance(0.6) ? oddSize(r) : oddTime(r);
    case "channel-timeouts":
      return `${r.pick(["session", "*", "global", "x11-connection", ""])}${r.pick(["=", "=", "=", "==", ""])}${oddTime(r)}`;
    case "penalties":
      return `${r.pick(["crash", "authfail", "max", "min", "max-sources4", "Crash", "overflow", "noauth "])}:${r.chance(0.5) ? oddTime(r) : number()}`;
    case "max-startups":
      return Array.from({ length: r.between(1, 4) }, number).join(":");
    case "net-block":
      return Array.from({ length: r.between(1, 3) }, number).join(":");
    case "pubkey-options":
      return `max-pk-ok:${number()}`;
    case "listen-address":
    case "open-list":
    case "listen-list":
      return r.pick([
        oddAddress(r),
        `[${oddAddress(r)}]`,
        `${oddAddress(r)}:${number()}`,
        `[${oddAddress(r)}]:${number()}`,
        number(),
      ]);
    case "address-list":
      return Array.from({ length: r.between(1, 3) }, () => oddAddress(r)).join(",");
    case "user-host-list":
      return `${r.pick(["alice", "*", "!bob", "", "a@b"])}@${oddAddress(r)}${r.chance(0.3) ? `,${oddAddress(r)}` : ""}`;
    case "methods":
      return Array.from({ length: r.between(1, 3) }, () =>
        r.pick([
          "publickey",
          "password",
          "keyboard-interactive",
          "keyboard-interactive:pam",
          "none",
          "any",
          "hostbased",
          "",
        ]),
      ).join(",");
    default:
      return undefined;
  }
}

function quoteSometimes(value: string, r: Random): string {
  if (r.chance(0.93)) return value;
  return r.pick([
    `"${value}"`,
    `'${value}'`,
    `"${value}`,
    `${value}"`,
    `'${value}`,
    value.replace(/(.)/, '$1""'),
    `\\${value}`,
    `"${value}"x`,
    `"${value}" "${value}"`,
  ]);
}

const tails = [
  " # c",
  " extra",
  " #",
  '"',
  " ''",
  '""',
  " =",
  "=x",
  " \t",
  "\f",
  "\r",
  "#c",
  " \\",
  "\u00a0",
  " \0",
];

function directive(r: Random, odd: number, keyword = r.pick(live)): string {
  const name = r.chance(0.01) ? r.pick([`${keyword.name}x`, `"${keyword.name}"`]) : mixCase(keyword.name, r);
  const separator = r.pick([" ", " ", " ", " ", " ", "\t", "=", " = ", "  "]);
  const tail = r.chance(0.06) ? r.pick(tails) : "";
  if (r.chance(0.01)) return name;
  return `${r.pick(["", "", "", "  ", "\t"])}${name}${separator}${quoteSometimes(valueFor(keyword, r, odd), r)}${tail}`;
}

function matchLine(r: Random, odd: number): string {
  const isOdd = r.chance(odd);
  const pool = criteria.slice(0, isOdd ? criteria.length : 16);
  let text = r.pick(pool);
  while (isOdd && r.chance(0.3))
    text += ` ${r.pick([...pool, `Address ${oddAddress(r)}`, `LocalPort ${oddNumber(r)}`])}`;
  if (isOdd && r.chance(0.1)) text = mangle(text, r);
  return mixCase("Match", r) + r.pick([" ", " ", "\t", "="]) + text;
}

const oddLines = [
  "",
  "# comment",
  "   ",
  "\t#x",
  '"',
  "=",
  "\u00a0Port 22",
  "Port 22\0",
  "ö 1",
  "=Port 22",
  "Port",
  "\ufeffPort 22",
];

function someLines(r: Random, odd: number, most: number): string {
  const all = Array.from({ length: r.between(1, most) }, () => {
    if (r.chance(0.12)) return matchLine(r, odd);
    if (r.chance(0.03)) return r.pick(oddLines);
    return directive(r, odd);
  });
  return all.join(r.chance(0.03) ? "\r\n" : "\n") + (r.chance(0.9) ? "\n" : "");
}

/** Several Match blocks that hold for some of the same connections, and set some of the same keywords. */
function ladder(r: Random): string {
  const allowed = live.filter((k) => k.inMatch !== false && k.kind !== "legacy");
  const few = Array.from({ length: 3 }, () => r.pick(allowed));
  const globals = Array.from({ length: r.between(0, 2) }, () => directive(r, 0, r.pick(few)));
  const blocks = Array.from({ length: r.between(1, 4) }, () => [
    matchLine(r, 0.2),
    ...Array.from({ length: r.between(1, 3) }, () => `\t${directive(r, 0, r.pick(few))}`),
  ]);
  return `${[...globals, ...blocks.flat()].join("\n")}\n`;
}

/** A `-C` with some of its items, some of them odd. */
function oddQuery(r: Random): Case["queries"][number] {
  const query: Case["queries"][number] = {};
  const set = (name: string, pool: readonly string[]) => {
    if (r.chance(0.7)) query[name] = r.pick(pool);
  };
  set("user", ["alice", "bob", "root", "Alice", "", "al*", "carol", "1000", "nosuchuser", "Admin"]);
  set("host", ["client.example.org", "CLIENT.example.org", "x", "", "10.1.2.3"]);
  set("addr", [
    "10.1.2.3",
    "192.168.1.50",
    "2001:db8::5",
    "2001:DB8:0::5",
    "::ffff:10.1.2.3",
    "x",
    "",
    "10.1",
  ]);
  set("laddr", ["10.0.0.1", "::1", "x", ""]);
  set("lport", ["22", "2222", "0", "ssh", "65536", "", "+22", "22x"]);
  if (r.chance(0.1)) query.rdomain = r.pick(["x", "", "vrf1"]);
  if (r.chance(0.05)) query["invalid-user"] = true;
  if (r.chance(0.02)) query.foo = "x";
  return query;
}

/** Arguments of the command line that say what a line of the file could say. */
function oddArguments(r: Random): string[] {
  const options = [
    () => ["-o", directive(r, 0.5).replaceAll("\0", "")],
    () => ["-o", r.pick(live).name + r.pick(["=", " ", ""]) + r.pick(["yes", "no", "1"])],
    () => ["-p", r.pick(["22", "2022", "1"])],
    () => ["-4"],
    () => ["-6"],
    () => ["-h", r.pick(["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/missing"])],
    () => ["-g", r.pick(["5", "1m", "0"])],
  ];
  return Array.from({ length: r.between(1, 2) }, () => r.pick(options)()).flat();
}
