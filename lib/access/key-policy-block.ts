import type { HostFacts } from "@/lib/access/facts";
import {
  demandedBy,
  type JoinedKeyPolicy,
  type KeyDemand,
  keyDemands,
  securityKeyAlgorithms,
} from "@/lib/access/key-policy";
import { type Effective, startServer } from "@/lib/access/server";
import { managementAccount } from "@/lib/change/marker";
import type { Build } from "@/lib/sshd-config/build";
import { matchPatternList } from "@/lib/sshd-config/pattern";

const first =
  "# Gatehouse: policy of keys. Written and taken out by Gatehouse; Match blocks above that say otherwise count.";
const openEnd = "# Gatehouse: the line above this block has no line end of its own.";
const last = "# Gatehouse: end of the policy of keys.";

/** The text, or why it is not written. */
export type WrittenPolicy =
  | { readonly text: string; readonly refused?: undefined }
  | { readonly text?: undefined; readonly refused: string };

/** The first line of the block, by which hosts are found that have one. */
export const policyBlockBegins = first;

/**
 * The main file of sshd's configuration with what a policy demands, as Match blocks at its end.
 *
 * At the end nothing is taken from Match blocks of people: sshd takes the first that speaks of a keyword. What the global
 * lines demand already is demanded further, for a Match block replaces a global line. Gatehouse's own account is excepted,
 * so its login changes in nothing. Lossless: `removeKeyPolicy` gives the text back byte for byte.
 *
 * @param facts of the host; what stands in the file's place there does not count
 * @param path of the main file
 * @param texts of the other files of the configuration, by path
 */
export function writeKeyPolicy(
  text: string,
  policy: JoinedKeyPolicy,
  facts: HostFacts,
  path: string,
  texts: ReadonlyMap<string, string>,
): WrittenPolicy {
  const bare = removeKeyPolicy(text);
  if (bare.refused !== undefined) return bare;
  for (const name of policy.otherwise.keys())
    if (!isPlainName(name))
      return {
        refused: `"${name}" cannot stand in a Match line as it is: sshd would read it as a pattern or as two words.`,
      };
  const server = startServer(facts, { draft: new Map([...texts, [path, bare.text]]) });
  if (server.refused !== undefined)
    return { refused: `sshd refuses the configuration as it is now: ${server.refused}` };
  const { build } = server;
  const demanded = policy.everybody;
  if (demanded.includes("verify") && build.release < 804)
    return {
      refused: `OpenSSH ${build.version} cannot demand that a security key verifies its owner: that needs 8.4.`,
    };
  const now = server.effective({ user: "gatehouse-nobody", address: "192.0.2.1", host: "192.0.2.1" });
  const others = [...policy.otherwise];
  const lines = [
    ...others.flatMap(([name, demands]) =>
      demands.length > 0 ? [`Match User ${name}`, ...demandLines(demands, now, build)] : [],
    ),
    `Match User ${["*", `!${managementAccount}`, ...others.map(([name]) => `!${name}`)].join(",")}`,
    ...demandLines(demanded, now, build),
    "Match all",
  ];
  const isOpen = bare.text !== "" && !bare.text.endsWith("\n");
  const block = [first, ...(isOpen ? [openEnd] : []), ...lines, last].join("\n");
  return { text: `${bare.text}${isOpen ? "\n" : ""}${block}\n` };
}

/** The file without what `writeKeyPolicy` wrote; refused where somebody else has written a line among ours. */
export function removeKeyPolicy(text: string): WrittenPolicy {
  const from = text.indexOf(`${first}\n`);
  if (from < 0) return { text };
  const to = text.indexOf(`${last}\n`, from);
  if (to < 0)
    return {
      refused: `The line "${last}" is gone from the file, so it is not told which lines are ours. Put it back below them.`,
    };
  const isOpen = text.startsWith(`${first}\n${openEnd}\n`, from);
  const lines = text
    .slice(from, to)
    .split("\n")
    .slice(isOpen ? 2 : 1, -1);
  const foreign = lines.find((line) => !isOurs(line));
  if (foreign !== undefined)
    return {
      refused: `The line "${foreign.trim().slice(0, 200)}" stands inside the block of the policy of keys and is none of ours: it would be lost. Move it above the line "${first}", or below "${last}".`,
    };
  return { text: text.slice(0, isOpen ? from - 1 : from) + text.slice(to + last.length + 1) };
}

/** Is it a line as `writeKeyPolicy` writes them? */
function isOurs(line: string): boolean {
  if (line === "Match all") return true;
  const [, names] = /^Match User (\S+)$/.exec(line) ?? [];
  if (names !== undefined) return isPlainName(names) || namesOfEverybody(names)?.every(isPlainName) === true;
  return /^\t(?:PubkeyAuthOptions (?:touch|verify)-required(?: verify-required)?|PubkeyAccepted(?:KeyTypes|Algorithms) [a-z0-9@.,-]+)$/.test(
    line,
  );
}

/** Who is excepted in "*,!gatehouse,!ci"; undefined for what is no such list. */
function namesOfEverybody(list: string): string[] | undefined {
  const [everybody, ...excepted] = list.split(",");
  if (everybody !== "*" || excepted[0] !== `!${managementAccount}`) return undefined;
  return excepted.map((pattern) => (pattern.startsWith("!") ? pattern.slice(1) : ""));
}

/** Whether such a block stands in the file. */
export function hasKeyPolicy(text: string): boolean {
  return text.includes(`${first}\n`);
}

/** A name that stands for itself in a Match line. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/.test(name);
}

function demandLines(demands: readonly KeyDemand[], now: Effective, build: Build): string[] {
  const kept = demandedBy(now);
  const options = keyDemands
    .filter(
      (demand) => demand !== "security-keys-only" && (demands.includes(demand) || kept.includes(demand)),
    )
    .map((demand) => `${demand}-required`);
  const types = build.release < 805 ? "PubkeyAcceptedKeyTypes" : "PubkeyAcceptedAlgorithms";
  return [
    ...(demands.includes("security-keys-only") ? [`\t${types} ${acceptedOf(now, build).join(",")}`] : []),
    ...(demands.some((demand) => demand !== "security-keys-only")
      ? [`\tPubkeyAuthOptions ${options.join(" ")}`]
      : []),
  ];
}

/** Algorithms of security keys that are accepted already: none becomes good by a policy. Where none is, all are. */
function acceptedOf(now: Effective, build: Build): string[] {
  const known = securityKeyAlgorithms(build);
  const accepted = known.filter(
    (name) => matchPatternList(name, now.value("pubkeyacceptedalgorithms")) === 1,
  );
  return accepted.length > 0 ? accepted : known;
}
