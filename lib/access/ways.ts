import { isNone, refuseAccount, shellOf } from "@/lib/access/account";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts, OtpFacts } from "@/lib/access/facts";
import { mayTrustHosts } from "@/lib/access/hostbased";
import { findKeyAlternatives, type KeyAlternative } from "@/lib/access/key-alternatives";
import { isEnabled, type MethodName, setUpMethods } from "@/lib/access/methods";
import { judgeAccount } from "@/lib/access/pam";
import { asksCodeAlone, isAnswerTaken, isPasswordTaken, judgeRoot } from "@/lib/access/password";
import type { Effective } from "@/lib/access/server";
import { refuseSession } from "@/lib/access/session";

/** Something that counts as a factor of its own. */
export type Factor = "key" | "pin" | "password" | "code" | "host" | "ticket" | "nothing";

/** A statement with the line that makes it so: "/etc/ssh/sshd_config:12"; no source is a built-in default. */
export interface Reason {
  readonly text: string;
  readonly source?: string;
}

/** One method that has to be completed. */
export interface WayStep {
  readonly method: MethodName;
  readonly factors: readonly Factor[];
  /** With publickey: the key. */
  readonly key?: KeyAlternative;
  readonly why: readonly Reason[];
  /** Why nobody but the host can tell for certain. */
  readonly dependsOn?: string;
}

/** One way to log in from one address: every step, in this order. */
export interface Way {
  readonly steps: readonly WayStep[];
  readonly why: readonly Reason[];
}

const reasons = new WeakMap<Effective, Map<string, Reason>>();

/** The line that decides a keyword; the same object again for the same settings. */
export function reasonOf(effective: Effective, keyword: string, name: string): Reason {
  const known = reasons.get(effective) ?? new Map<string, Reason>();
  reasons.set(effective, known);
  const id = `${keyword} ${name}`;
  const found = known.get(id);
  if (found) return found;
  const held = effective.held(keyword)[0];
  const value = effective.values(keyword).join(" ") || "none";
  const { origin } = held ?? {};
  const reason = { text: `${name} ${value}`, ...(origin && { source: `${origin.path}:${origin.line}` }) };
  known.set(id, reason);
  return reason;
}

/**
 * Every way in that this connection has, with the lines that decide.
 *
 * Empty when there is none. Steps are what `tryLogin` takes: it lets each way in that depends on nothing.
 */
export function findWays(situation: Situation): Way[] {
  const { effective, account, server, connection } = situation;
  if (!account || effective.crashes || effective.isYes("refuseconnection")) return [];
  if (Number(effective.value("maxauthtries")) < 1 || refuseAccount(situation)) return [];
  const methods = setUpMethods(effective);
  if (!methods || refuseSession(situation, account) !== undefined) return [];
  if (effective.isYes("usepam") && judgeAccount(server, account, connection.now) === "no") return [];
  const why = reasonsOfAccount(situation, account);
  if (!methods.areSet) {
    const ways: Way[] = [];
    for (const method of anyMethod)
      for (const step of findSteps(situation, account, method, false)) ways.push({ steps: [step], why });
    return ways;
  }
  const known = new Map<string, readonly WayStep[]>();
  const stepsOf = (item: string) => {
    const steps = known.get(item) ?? findSteps(situation, account, item, true);
    known.set(item, steps);
    return steps;
  };
  const rule = reasonOf(effective, "authenticationmethods", "AuthenticationMethods");
  return methods.lists.flatMap((list) =>
    combine(list.split(","), stepsOf).map((steps) => ({ steps, why: [...why, rule] })),
  );
}

/** One of them is enough where AuthenticationMethods says nothing. */
const anyMethod = ["publickey", "password", "keyboard-interactive", "hostbased", "gssapi-with-mic", "none"];

const mostCombinations = 1000;

/** Every choice of one step for each item; a key serves once. */
function combine(items: readonly string[], stepsOf: (item: string) => readonly WayStep[]): WayStep[][] {
  let found: WayStep[][] = [[]];
  for (const item of items) {
    const next = stepsOf(item);
    found = found
      .flatMap((before) => next.filter((step) => !isUsed(before, step)).map((step) => [...before, step]))
      .slice(0, mostCombinations);
  }
  return found;
}

function isUsed(before: readonly WayStep[], { key }: WayStep): boolean {
  if (!key?.fingerprint || key.kind !== "key") return false;
  const command = key.grant?.forcedCommand;
  return before.some(({ key: other }) => {
    if (!other) return false;
    const clash = other.grant?.forcedCommand;
    return (
      other.fingerprint === key.fingerprint ||
      (command !== undefined && clash !== undefined && clash !== command)
    );
  });
}

/** The ways to complete one item of a list: "publickey", "keyboard-interactive:pam". */
function findSteps(
  situation: Situation,
  account: AccountFacts,
  item: string,
  isListed: boolean,
): readonly WayStep[] {
  const { effective, server } = situation;
  const colon = item.indexOf(":");
  const method = colon < 0 ? item : item.slice(0, colon);
  const device = colon < 0 ? undefined : item.slice(colon + 1).split(":", 1)[0];
  // Only PAM says its name; a name behind any other method ends the connection.
  if (device !== undefined && (method !== "keyboard-interactive" || !"pam".startsWith(device))) return [];
  const why = account.uid === 0 ? [reasonOf(effective, "permitrootlogin", "PermitRootLogin")] : [];
  const root = (hasCommand: boolean) =>
    account.uid === 0 ? judgeRoot(effective, method, hasCommand) === "allowed" : true;
  switch (method) {
    case "publickey": {
      if (!isEnabled(effective, method)) return [];
      const keys = findKeyAlternatives(situation, account);
      return account.uid === 0 ? keySteps(keys, why, root) : plainKeySteps(keys);
    }
    case "password": {
      if (!isEnabled(effective, method) || !root(false)) return [];
      return passwordSteps(situation, account, isListed, [
        ...why,
        reasonOf(effective, "passwordauthentication", "PasswordAuthentication"),
      ]);
    }
    case "keyboard-interactive": {
      if (!isEnabled(effective, method) || !effective.isYes("usepam") || !root(false)) return [];
      return answerSteps(situation, account, [
        ...why,
        reasonOf(effective, "kbdinteractiveauthentication", "KbdInteractiveAuthentication"),
      ]);
    }
    case "hostbased": {
      if (!isEnabled(effective, method) || !root(false) || !mayTrustHosts(situation, account)) return [];
      const reason = reasonOf(effective, "hostbasedauthentication", "HostbasedAuthentication");
      return [
        {
          method,
          factors: ["host"],
          why: [...why, reason],
          dependsOn: "who is trusted on the client machine",
        },
      ];
    }
    case "gssapi-with-mic": {
      if (server.build.release >= 1004 || !isEnabled(effective, method) || !root(false)) return [];
      const reason = reasonOf(effective, "gssapiauthentication", "GSSAPIAuthentication");
      return [{ method, factors: ["ticket"], why: [...why, reason], dependsOn: "Kerberos tickets (GSSAPI)" }];
    }
    case "none": {
      const isOn = effective.isYes("permitemptypasswords") && effective.isYes("passwordauthentication");
      if (!isOn || !root(false) || !isPasswordTaken(effective, account, "empty", server.pam)) return [];
      const reason = reasonOf(effective, "permitemptypasswords", "PermitEmptyPasswords");
      return [{ method, factors: ["nothing"], why: [...why, reason] }];
    }
    default:
      return [];
  }
}

const stepsOfKeys = new WeakMap<readonly KeyAlternative[], readonly WayStep[]>();

/** Of an account that is not root: the same keys are the same steps, whatever else is set. */
function plainKeySteps(keys: readonly KeyAlternative[]): readonly WayStep[] {
  const known = stepsOfKeys.get(keys) ?? keySteps(keys, [], () => true);
  stepsOfKeys.set(keys, known);
  return known;
}

function keySteps(
  keys: readonly KeyAlternative[],
  why: readonly Reason[],
  root: (hasCommand: boolean) => boolean,
): readonly WayStep[] {
  return keys.flatMap((key): WayStep[] => {
    const isAllowed = root(key.grant?.forcedCommand !== undefined);
    // The command may stand in the certificate, or in what a program prints, as well.
    const needsCommand = !isAllowed && key.kind !== "key" && root(true);
    if (!isAllowed && !needsCommand) return [];
    const dependsOn = key.dependsOn ?? (needsCommand ? "a certificate that forces a command" : undefined);
    const asksPin = key.grant?.requiresVerification && key.type?.startsWith("sk-");
    return [
      {
        method: "publickey",
        factors: asksPin ? ["key", "pin"] : ["key"],
        key,
        why: [...why, ...reasonsOfKey(key)],
        ...(dependsOn !== undefined && { dependsOn }),
      },
    ];
  });
}

function passwordSteps(
  { effective, server }: Situation,
  account: AccountFacts,
  isListed: boolean,
  why: readonly Reason[],
): WayStep[] {
  const usesPam = effective.isYes("usepam");
  const dependsOn = usesPam ? dependsOnPam(server) : undefined;
  const isEmpty = account.password === "empty";
  // An empty text breaks sshd's lists of methods; PAM lets any other in as well.
  if (isEmpty && isListed && !usesPam) return [];
  const typed = isEmpty && !usesPam ? "empty" : "right";
  const isRootOut = account.uid === 0 && effective.value("permitrootlogin") !== "yes";
  const asksCode = usesPam && asksCodeAlone(server.pam);
  if (asksCode && lacksCode(server, account)) return [];
  if (account.password === "unknown" && !isRootOut && !asksCode) {
    return [
      { method: "password", factors: ["password"], why, dependsOn: "a password that is kept elsewhere" },
    ];
  }
  const isTaken = isPasswordTaken(effective, account, typed, server.pam);
  if (!isTaken && (dependsOn === undefined || isRootOut || !server.pam.hasOtherPasswords)) return [];
  const factors: Factor[] = asksCode ? ["code"] : isEmpty ? ["nothing"] : ["password"];
  return [{ method: "password", factors, why, ...(dependsOn !== undefined && { dependsOn }) }];
}

function answerSteps(
  { effective, server, connection }: Situation,
  account: AccountFacts,
  why: readonly Reason[],
): WayStep[] {
  const { pam } = server;
  const isRootOut = account.uid === 0 && effective.value("permitrootlogin") !== "yes";
  if (isRootOut || lacksCode(server, account)) return [];
  const dependsOn =
    account.password === "unknown" ? "a password that is kept elsewhere" : dependsOnPam(server);
  const isTaken = isAnswerTaken(effective, account, account.password === "empty" ? "empty" : "right", pam);
  if (!isTaken && account.password !== "unknown" && (dependsOn === undefined || !pam.hasOtherPasswords))
    return [];
  if (judgeAccount(server, account, connection.now) !== "yes" && dependsOn === undefined) return [];
  const asked: Factor[] = [];
  if (pam.passwordSource !== undefined || pam.otpModules.length === 0) asked.push("password");
  if (pam.otpModules.length > 0) asked.push("code");
  const factors: Factor[] = account.password === "empty" && asked.length === 1 ? ["nothing"] : asked;
  return [{ method: "keyboard-interactive", factors, why, ...(dependsOn !== undefined && { dependsOn }) }];
}

/**
 * Nothing but a code is asked for, and the host has none of this account that the module takes: no answer is right.
 *
 * "nullok" lets those pass who have no state file; one that is broken it refuses.
 */
function lacksCode({ facts, pam }: Situation["server"], { name }: AccountFacts): boolean {
  if (!asksCodeAlone(pam)) return false;
  const known = facts.otp.filter(({ account }) => account === name);
  const isRefused = ({ isPresent, isValid, isUnread }: OtpFacts) =>
    isPresent ? !isValid && !isUnread : !pam.passesWithoutCode;
  return known.length > 0 && known.every(isRefused);
}

function dependsOnPam({ pam }: Situation["server"]): string | undefined {
  if (pam.isForetold) return undefined;
  const names = pam.unforetold.map(({ module, source }) => `${module} (${source})`);
  return `PAM: ${[...new Set(names)].join(", ")}`;
}

function reasonsOfKey({ grant }: KeyAlternative): Reason[] {
  return grant ? [{ text: "the line that names the key", source: grant.source }] : [];
}

/** The lists that let the account in, and what its session lacks. */
function reasonsOfAccount({ effective }: Situation, account: AccountFacts): Reason[] {
  const reasons: Reason[] = [];
  const lists = { allowusers: "AllowUsers", allowgroups: "AllowGroups" } as const;
  for (const keyword of ["allowusers", "allowgroups"] as const) {
    if (effective.held(keyword).length > 0) reasons.push(reasonOf(effective, keyword, lists[keyword]));
  }
  const chroot = effective.value("chrootdirectory");
  if (!isNone(chroot)) reasons.push(reasonOf(effective, "chrootdirectory", "ChrootDirectory"));
  else if (/\/(?:nologin|false)$/.test(shellOf(account)))
    reasons.push({ text: `the shell ${shellOf(account)} ends every session`, source: "/etc/passwd" });
  return reasons;
}
