import { accountNamed, isNone } from "@/lib/access/account";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { identityOf } from "@/lib/access/host-files";
import { expandTokens } from "@/lib/access/tokens";
import { splitArguments } from "@/lib/sshd-config/lexer";

/** A program that sshd would run. */
export interface CommandCall {
  readonly path: string;
  readonly args: readonly string[];
  readonly runAs: AccountFacts;
}

/** What it prints and how it ends. */
export interface CommandResult {
  readonly output: string;
  readonly exitCode: number;
}

/** Answers for a program of the host; undefined: nobody here can tell. */
export type RunCommand = (call: CommandCall) => CommandResult | undefined;

/**
 * none: there is no command · refused: sshd does not run it · fatal: sshd dies, the connection is closed ·
 * unknown: only the host can tell · output: what it prints.
 */
export type CommandOutcome =
  | { readonly kind: "none" | "fatal" }
  | { readonly kind: "refused" | "unknown"; readonly text: string }
  | { readonly kind: "output"; readonly text: string };

/**
 * Runs AuthorizedKeysCommand or AuthorizedPrincipalsCommand as sshd does.
 *
 * @param tokens what the percent signs stand for
 * @see OpenSSH auth2-pubkey.c:user_key_command_allowed2, misc.c:subprocess
 */
export function runCommand(
  situation: Situation,
  account: AccountFacts,
  what: "keys" | "principals",
  tokens: () => Readonly<Record<string, string>>,
  run: RunCommand | undefined,
): CommandOutcome {
  const { effective, server } = situation;
  const keyword = what === "keys" ? "AuthorizedKeysCommand" : "AuthorizedPrincipalsCommand";
  const written = effective.value(keyword.toLowerCase());
  const userWritten = effective.value(`${keyword}user`.toLowerCase());
  if (isNone(written)) return { kind: "none" };
  if (isNone(userWritten)) return { kind: "refused", text: `${keyword} has no user to run as.` };
  const userName = expandTokens(userWritten, { u: account.name });
  if (userName === undefined) return { kind: "fatal" };
  const runAs = accountNamed(server.facts, userName);
  if (!runAs) return { kind: "refused", text: `${keyword}User ${userName} does not exist.` };
  const { tokens: words, unbalanced } = splitArguments(written, 0);
  const path = words[0]?.value;
  if (unbalanced || path === undefined)
    return { kind: "refused", text: `${keyword} cannot be split into words.` };
  const args: string[] = [];
  const values = tokens();
  for (const word of words.slice(1)) {
    const expanded = expandTokens(word.value, values);
    if (expanded === undefined) return { kind: "fatal" };
    args.push(expanded);
  }
  if (args.length === 0 && what === "keys") args.push(account.name);
  const refused = refuseProgram(situation, path, runAs);
  if (refused) return { kind: "refused", text: `${keyword}: ${refused}.` };
  const result = run?.({ path, args, runAs });
  if (!result) return { kind: "unknown", text: `${keyword} ${path} decides, and only the host can run it.` };
  if (result.exitCode !== 0) return { kind: "refused", text: `${keyword} ${path} fails.` };
  return { kind: "output", text: result.output };
}

/** Root alone may be able to change the program; it has to be one that can be run. */
function refuseProgram({ server }: Situation, path: string, runAs: AccountFacts): string | undefined {
  if (!path.startsWith("/")) return "the program's path is not absolute";
  const unsafe = server.files.unsafeReason(path, 0, undefined);
  if (unsafe !== undefined) return unsafe;
  return server.files.canRun(path, identityOf(server.facts, runAs)) ? undefined : `${path} cannot be run`;
}
