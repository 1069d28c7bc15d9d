import { dayOf } from "@/lib/access/account";
import type { LoginFacts } from "@/lib/access/facts";
import { byAccount, type Finding, type FindingInput, type Fix, isOfPerson } from "@/lib/access/finding";
import type { LoginPath } from "@/lib/access/who-can-log-in";

/** Days after which a way in that nobody has used is reported. */
export const unusedAfterDays = 90;
const secondsPerDay = 86_400;

const asksPassword = (path: LoginPath) => path.steps.some((step) => step.factors.includes("password"));
/** An empty password: whoever knows the name of the account is in. */
const asksNothing = (path: LoginPath) =>
  path.steps.every((step) => step.factors.every((factor) => factor === "nothing"));

function sourceOf(path: LoginPath, what: RegExp): string | undefined {
  return path.why.find((reason) => what.test(reason.text) && reason.source !== undefined)?.source;
}

/** The parts of "/etc/ssh/sshd_config:12". */
function placeOf(source: string): { path: string; line: number } {
  const at = source.lastIndexOf(":");
  return { path: source.slice(0, at), line: Number(source.slice(at + 1)) };
}

/** Accounts with uid 0 that a password opens. */
export function findRootByPassword({ server, paths }: FindingInput): Finding[] {
  const isByPassword = (path: LoginPath) => path.uid === 0 && (asksPassword(path) || asksNothing(path));
  const admins = new Set(server.facts.sudo.filter(({ isAll }) => isAll).map(({ account }) => account));
  const staysOpen = paths.some(
    (path) =>
      path.dependsOn.length === 0 && !isByPassword(path) && (path.uid === 0 || admins.has(path.account)),
  );
  return [...byAccount(paths.filter(isByPassword))].map(([account, path]) => {
    const source = sourceOf(path, /^PermitRootLogin/);
    const fix: Fix | undefined =
      source !== undefined && staysOpen
        ? {
            kind: "set-value",
            ...placeOf(source),
            keyword: "PermitRootLogin",
            value: "prohibit-password",
          }
        : undefined;
    return {
      code: "root-by-password",
      severity: "high",
      account,
      what: `${account} can log in with a password from ${path.from.join(", ")}.`,
      why: "Root's password is guessed at day and night, and a login as root says nothing of who it was.",
      advice: staysOpen
        ? "Set PermitRootLogin prohibit-password, or no."
        : "Give an administrator a key first; then set PermitRootLogin prohibit-password, or no.",
      ...(source !== undefined && { source }),
      ...(fix && { fix }),
    };
  });
}

/** Accounts that a password, or an empty one, opens by itself. */
export function findPasswordAlone({ paths }: FindingInput): Finding[] {
  const alone = paths.filter((p) => p.uid !== 0 && p.factors === 1 && (asksPassword(p) || asksNothing(p)));
  return [...byAccount(alone)].map(([account, path]) => {
    const source = sourceOf(path, /^(?:Password|KbdInteractive)Authentication|^PermitEmptyPasswords/);
    const isEmpty = asksNothing(path);
    return {
      code: "password-alone",
      severity: isEmpty ? "high" : "medium",
      account,
      what: isEmpty
        ? `${account} has an empty password, and can be logged in to from ${path.from.join(", ")}.`
        : `A password alone opens ${account} from ${path.from.join(", ")}.`,
      why: "A password can be guessed, reused and given away; whoever has it is in.",
      advice:
        "Set PasswordAuthentication no and KbdInteractiveAuthentication no, or ask for a second factor (AuthenticationMethods publickey,keyboard-interactive).",
      ...(source !== undefined && { source }),
    };
  });
}

/** Accounts that one factor opens and that become root without another. */
export function findSudoWithoutFactor({ server, paths }: FindingInput): Finding[] {
  const opened = new Set(paths.filter((path) => path.factors <= 1).map((path) => path.account));
  return server.facts.sudo
    .filter((right) => right.isAll && right.isWithoutPassword && opened.has(right.account))
    .map((right) => ({
      code: "sudo-without-factor",
      severity: "medium",
      account: right.account,
      what: `One factor opens ${right.account}, and sudo then makes it root without asking for anything.`,
      why: "Whoever gets hold of that one key or password has the whole host.",
      advice: "Ask for a password in sudo (remove NOPASSWD), or for a second factor at the login.",
      ...(right.source !== undefined && { source: right.source }),
    }));
}

/** Accounts that have expired and are still there. */
export function findExpiredAccounts({ server, now }: FindingInput): Finding[] {
  return [...server.accounts.values()]
    .filter(({ expiresOnDay }) => expiresOnDay !== undefined && expiresOnDay <= dayOf(now))
    .map(({ name, expiresOnDay = 0 }) => ({
      code: "expired-account",
      severity: "low",
      account: name,
      what: `The account ${name} expired on ${dateOf(expiresOnDay)}, and is still there.`,
      why: "Its files, keys and rights come back with whoever moves the date.",
      advice: `Remove the account (userdel ${name}), or give it a new date (chage -E).`,
    }));
}

const dateOf = (day: number) => new Date(day * secondsPerDay * 1000).toISOString().slice(0, 10);

/** Accounts of people that have a shell, and nothing opens them. */
export function findNoWayIn({ server, paths }: FindingInput): Finding[] {
  const opened = new Set(paths.map((path) => path.account));
  return [...server.accounts.values()]
    .filter((account) => isOfPerson(account) && !opened.has(account.name))
    .map(({ name }) => ({
      code: "no-way-in",
      severity: "low",
      account: name,
      what: `No login opens ${name}, though it has a shell.`,
      why: "Somebody may believe to have access here, and an account that nobody uses is one that nobody watches.",
      advice: "Give it a key, or a shell like /usr/sbin/nologin, or remove it.",
    }));
}

/** Accounts, and keys of accounts that are in use, that nobody has used as far back as it counts. */
export function findNeverUsed({ server, paths, now }: FindingInput): Finding[] {
  const { facts } = server;
  const since = moment(facts.loginsSince);
  const start = now - unusedAfterDays * secondsPerDay;
  if (since === undefined || since > start) return [];
  const recent = new Map<string, LoginFacts[]>();
  for (const login of facts.logins) {
    if ((moment(login.at) ?? 0) < start) continue;
    const there = recent.get(login.account);
    if (there) there.push(login);
    else recent.set(login.account, [login]);
  }
  return [...byAccount(paths).keys()].flatMap((account): Finding[] => {
    const logins = recent.get(account);
    if (logins) return unusedKeys(paths, account, logins);
    return [
      {
        code: "never-used",
        severity: "low",
        account,
        what: `Nobody has logged in to ${account} for ${unusedAfterDays} days.`,
        why: "A way in that nobody uses is one that nobody would miss, nor notice when a stranger takes it.",
        advice: "Close what is not needed: remove its keys, or lock it out with DenyUsers.",
      },
    ];
  });
}

/** A login of which only its moment is known may have been by any key. */
function unusedKeys(paths: readonly LoginPath[], account: string, logins: readonly LoginFacts[]): Finding[] {
  if (
    logins.some(({ method, fingerprint }) => !method || (method === "publickey" && fingerprint === undefined))
  )
    return [];
  const used = new Set(logins.map(({ fingerprint }) => fingerprint));
  const unused = new Map<string, Finding>();
  for (const path of paths) {
    if (path.account !== account) continue;
    for (const { key } of path.steps) {
      if (key?.kind !== "key" || key.fingerprint === undefined || used.has(key.fingerprint)) continue;
      unused.set(key.fingerprint, {
        code: "never-used",
        severity: "low",
        account,
        fingerprint: key.fingerprint,
        what: `Nobody has used the key ${key.comment || key.fingerprint} of ${account} for ${unusedAfterDays} days.`,
        why: "A key that nobody uses is one that nobody would miss, nor notice when a stranger has it.",
        advice: "Ask its owner whether it is still needed, and remove the line if not.",
        ...(key.grant && { source: key.grant.source }),
      });
    }
  }
  return [...unused.values()];
}

function moment(text: string | undefined): number | undefined {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
