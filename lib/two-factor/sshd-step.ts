import { managementAccount } from "@/lib/change/marker";
import type { Build } from "@/lib/sshd-config/build";
import { parse } from "@/lib/sshd-config/parser";
import type { Edited } from "@/lib/two-factor/pam-step";

/** Who is asked for what. Everybody else: a key, and then the questions of PAM. */
export interface TwoFactorRecipe {
  /** Log in by key alone: robots, and who must never depend on a code. Gatehouse's own account is always one of them. */
  readonly keyOnlyAccounts: readonly string[];
  readonly keyOnlyGroups: readonly string[];
  /** Log in by a security key that verifies its owner (PIN or fingerprint), and by nothing else. */
  readonly securityKeyGroups: readonly string[];
}

/** The first line of what stands on top of the main file. */
export const topBegin =
  "# Gatehouse: second factor. Written and taken out by Gatehouse; the first value of a keyword wins.";
const topEnd = "# Gatehouse: end of second factor.";
const matchBegin = "# Gatehouse: who is asked otherwise. Written and taken out by Gatehouse.";
const openEnd = "# Gatehouse: the line above this block has no line end of its own.";
const matchEnd = "# Gatehouse: end of who is asked otherwise.";

/** The keys of security keys, with and without certificate. */
const securityKeyTypes = [
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "sk-ssh-ed25519-cert-v01@openssh.com",
  "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
].join(",");

/**
 * The main file of sshd's configuration with a second factor: the settings on top, where they are the first and so win,
 * also over Include; the exceptions in front of the first Match block.
 *
 * Lossless: `removeTwoFactor` gives the text back byte for byte; adding again replaces what was added before.
 */
export function addTwoFactor(text: string, recipe: TwoFactorRecipe, build: Build): Edited {
  const bare = removeTwoFactor(text);
  if (bare.refused !== undefined) return bare;
  const accounts = [...new Set([managementAccount, ...recipe.keyOnlyAccounts])];
  for (const name of [...accounts, ...recipe.keyOnlyGroups, ...recipe.securityKeyGroups])
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/.test(name))
      return {
        refused: `"${name}" cannot stand in a Match line as it is: sshd would read it as a pattern or as two words.`,
      };
  if (recipe.securityKeyGroups.length > 0 && build.release < 804)
    return {
      refused: `OpenSSH ${build.version} cannot demand that a security key verifies its owner: that needs 8.4. Let these people use codes.`,
    };
  const { lines } = parse(bare.text, build);
  const any = lines.find(
    ({ spelled, args }) =>
      spelled.toLowerCase() === "authenticationmethods" &&
      args.some(({ value }) => value.toLowerCase() === "any"),
  );
  // sshd 8.9 to 9.6 refuse it even where the line has no effect; on the others it would only be read by people.
  if (any)
    return {
      refused: `Line ${any.number} says AuthenticationMethods any, which several versions of sshd refuse beside another list. Take the line out first: without a list, any is what holds.`,
    };
  let at = lines.findIndex((line) => line.keyword?.value.toLowerCase() === "match");
  if (at < 0) at = lines.length;
  while (at > 0 && lines[at - 1]?.kind === "comment") at--;
  const before = lines
    .slice(0, at)
    .map((line) => line.text)
    .join("");
  const after = lines
    .slice(at)
    .map((line) => line.text)
    .join("");
  const isOpen = before !== "" && !before.endsWith("\n");
  const exceptions = printBlock(
    matchBegin,
    [...(isOpen ? [openEnd] : []), ...exceptionLines(accounts, recipe, build)],
    matchEnd,
  );
  return {
    text: `${printBlock(topBegin, topLines(build), topEnd)}${before}${isOpen ? "\n" : ""}${exceptions}${after}`,
  };
}

function topLines(build: Build): string[] {
  return [
    "PubkeyAuthentication yes",
    "PasswordAuthentication no",
    "UsePAM yes",
    // Up to 8.6 the first of the two decides, whatever the other says; from 8.7 on they are one keyword.
    ...(build.release < 807 ? ["ChallengeResponseAuthentication yes"] : []),
    "KbdInteractiveAuthentication yes",
    "AuthenticationMethods publickey,keyboard-interactive",
  ];
}

function exceptionLines(accounts: readonly string[], recipe: TwoFactorRecipe, build: Build): string[] {
  const byKey = ["\tAuthenticationMethods publickey"];
  const types = build.release < 805 ? "PubkeyAcceptedKeyTypes" : "PubkeyAcceptedAlgorithms";
  return [
    `Match User ${accounts.join(",")}`,
    ...byKey,
    ...(recipe.keyOnlyGroups.length > 0 ? [`Match Group ${recipe.keyOnlyGroups.join(",")}`, ...byKey] : []),
    ...(recipe.securityKeyGroups.length > 0
      ? [
          // A block before it wins for the methods alone: whoever is let in by any key must not come to this one at all.
          `Match Group ${[...recipe.securityKeyGroups, ...recipe.keyOnlyGroups.map(not)].join(",")} User ${["*", ...accounts.map(not)].join(",")}`,
          ...byKey,
          // verify-required binds security keys only: without this line any other key would do.
          `\t${types} ${securityKeyTypes}`,
          "\tPubkeyAuthOptions verify-required",
        ]
      : []),
    "Match all",
  ];
}

const not = (name: string) => `!${name}`;

function printBlock(first: string, lines: readonly string[], last: string): string {
  return `${[first, ...lines, last].join("\n")}\n`;
}

/** The file without what `addTwoFactor` wrote. */
export function removeTwoFactor(text: string): Edited {
  const upper = cut(text, topBegin, topEnd);
  if (upper.refused !== undefined) return upper;
  const from = upper.text.indexOf(`${matchBegin}\n`);
  const isOpen = upper.text.startsWith(`${matchBegin}\n${openEnd}\n`, Math.max(0, from));
  const lower = cut(upper.text, matchBegin, matchEnd);
  if (lower.refused !== undefined || from < 0 || !isOpen) return lower;
  return { text: lower.text.slice(0, from - 1) + lower.text.slice(from) };
}

/** Whether a second factor stands in the file, as far as we wrote it. */
export function hasTwoFactor(text: string): boolean {
  return text.includes(`${topBegin}\n`);
}

/** Settle who is asked for what wherever they stand; the others only under a Match, where they win over our lines. */
const settling = new Set(["authenticationmethods", "include"]);
const settlingUnderMatch = new Set([
  "pubkeyauthoptions",
  "pubkeyacceptedalgorithms",
  "pubkeyacceptedkeytypes",
]);

/**
 * What of a file settles who is asked for a second factor: our own blocks, and every line that could say otherwise with
 * the Match that it stands under, in order.
 *
 * Two texts of which this is the same ask the same of everybody, as far as this file goes.
 */
export function printDemands(text: string): string {
  let match = "";
  const told: string[] = [];
  for (const { keyword, text: line } of parse(text).lines) {
    const name = keyword?.value.toLowerCase() ?? "";
    const words = line.trim().replace(/\s+/g, " ");
    if (name === "match") match = words;
    else if (settling.has(name) || (match !== "" && settlingUnderMatch.has(name)))
      told.push(`${match}: ${words}`);
  }
  return [blockOf(text, topBegin, topEnd), blockOf(text, matchBegin, matchEnd), ...told].join("\n");
}

function blockOf(text: string, first: string, last: string): string {
  const from = text.indexOf(`${first}\n`);
  const to = text.indexOf(`${last}\n`, from);
  return from < 0 ? "" : text.slice(from, to < 0 ? undefined : to);
}

function cut(text: string, first: string, last: string): Edited {
  const from = text.indexOf(`${first}\n`);
  if (from < 0) return { text };
  const to = text.indexOf(`${last}\n`, from);
  if (to < 0)
    return {
      refused: `The line "${last}" is gone from the file, so it is not told which lines are ours. Put it back below them.`,
    };
  return { text: text.slice(0, from) + text.slice(to + last.length + 1) };
}
