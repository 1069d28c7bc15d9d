import { isNone } from "@/lib/access/account";
import type { HostFacts } from "@/lib/access/facts";
import { type Finding, type FindingInput, type Rule, situationOf } from "@/lib/access/finding";
import { isSecure } from "@/lib/access/host-files";
import { keyFilesOf } from "@/lib/access/key-files";
import { findKeyFaults } from "@/lib/access/key-findings";
import { readRevokedFile } from "@/lib/access/revocation";
import type { LoginPath } from "@/lib/access/who-can-log-in";
import { matchesPattern } from "@/lib/sshd-config/pattern";

/** Days after which a way in that nobody has used is reported. */
export const unusedAfterDays = 90;

const rules: readonly Rule[] = [
  findRootByPassword,
  findPasswordAlone,
  findKeyFaults,
  findWritablePaths,
  findUnreadableRevocation,
  findDeadNames,
  findSudoWithoutFactor,
  findNoWayIn,
  findNeverUsed,
];

/** Everything to report about a host, the worst first. */
export function findAccessFaults(input: FindingInput): Finding[] {
  if (input.server.refused !== undefined) return [];
  const rank = { high: 0, medium: 1, low: 2 } as const;
  return rules.flatMap((rule) => rule(input)).sort((a, b) => rank[a.severity] - rank[b.severity]);
}

const asksPassword = (path: LoginPath) => path.steps.some((step) => step.factors.includes("password"));

/** One finding an account, however many ways lead to it. */
function byAccount(paths: readonly LoginPath[]): Map<string, LoginPath> {
  const first = new Map<string, LoginPath>();
  for (const path of paths) if (!first.has(path.account)) first.set(path.account, path);
  return first;
}

function sourceOf(path: LoginPath, what: RegExp) {
  const source = path.why.find((reason) => what.test(reason.text) && reason.source !== undefined)?.source;
  return source === undefined ? {} : { source };
}

function findRootByPassword({ paths }: FindingInput): Finding[] {
  const found = byAccount(paths.filter((path) => path.uid === 0 && asksPassword(path)));
  return [...found].map(([account, path]) => ({
    code: "root-by-password",
    severity: "high",
    account,
    text: `${account} can log in with a password from ${path.from.join(", ")}: it is guessed at day and night.`,
    fix: "Set PermitRootLogin prohibit-password, or no.",
    ...sourceOf(path, /^PermitRootLogin/),
  }));
}

function findPasswordAlone({ paths }: FindingInput): Finding[] {
  const found = byAccount(paths.filter((p) => p.uid !== 0 && p.factors === 1 && asksPassword(p)));
  return [...found].map(([account, path]) => ({
    code: "password-alone",
    severity: "medium",
    account,
    text: `A password alone opens ${account} from ${path.from.join(", ")}.`,
    fix: "Set PasswordAuthentication no and KbdInteractiveAuthentication no, or ask for a second factor (AuthenticationMethods publickey,keyboard-interactive).",
    ...sourceOf(path, /^(?:Password|KbdInteractive)Authentication/),
  }));
}

/** Files of keys, and directories above them, that others than the account and root can write. */
function findWritablePaths({ server, now }: FindingInput): Finding[] {
  const found = new Map<string, Finding>();
  for (const account of server.accounts.values()) {
    const situation = situationOf(server, account, now);
    for (const file of keyFilesOf(situation, account)) {
      const real = file === undefined ? undefined : server.files.realPath(file);
      if (real === undefined) continue;
      for (const path of pathAndAbove(real, server.files.realPath(account.home))) {
        const facts = server.files.stat(path);
        if (!facts || isSecure(server.facts, facts, account.uid) || found.has(path)) continue;
        const strict = situation.effective.isYes("strictmodes");
        found.set(path, {
          code: "writable-path",
          severity: strict ? "medium" : "high",
          account: account.name,
          text: strict
            ? `Others than ${account.name} own or can write ${path}: sshd ignores the keys below it.`
            : `Others than ${account.name} own or can write ${path}, and StrictModes is off: they can let themselves in.`,
          fix: `chown ${account.name} ${path} and chmod go-w ${path}.`,
          source: path,
        });
      }
    }
  }
  return [...found.values()];
}

function pathAndAbove(path: string, home: string | undefined): string[] {
  const paths = [path];
  for (let at = path.lastIndexOf("/"); at >= 0; at = path.lastIndexOf("/", at - 1)) {
    const above = path.slice(0, at) || "/";
    paths.push(above);
    if (above === home || above === "/") break;
  }
  return paths;
}

function findUnreadableRevocation({ server, now }: FindingInput): Finding[] {
  const found = new Map<string, Finding>();
  for (const account of server.accounts.values()) {
    const { effective } = situationOf(server, account, now);
    for (const { value, origin } of effective.held("revokedkeys")) {
      if (isNone(value) || found.has(value)) continue;
      const file = readRevokedFile(server, value);
      if (file.revoked) continue;
      found.set(value, {
        code: "revoked-keys-unreadable",
        severity: "high",
        text: `RevokedKeys ${value}: ${file.reason}. sshd refuses every key until it can read it.`,
        fix: `Put a list of keys or a KRL at ${value} (an empty file will do), or take the line out.`,
        ...(origin && { source: `${origin.path}:${origin.line}` }),
      });
    }
  }
  return [...found.values()];
}

/** Names in AllowUsers and AllowGroups that nothing on the host has. */
function findDeadNames({ server, now }: FindingInput): Finding[] {
  const [anybody] = server.accounts.values();
  if (!anybody || server.facts.cuts.length > 0) return [];
  const { effective } = situationOf(server, anybody, now);
  const users = [...server.accounts.keys()];
  const groups = server.facts.groups.map((g) => g.name);
  const lists = [
    ["allowusers", "AllowUsers", "account", users],
    ["allowgroups", "AllowGroups", "group", groups],
  ] as const;
  return lists.flatMap(([keyword, name, what, known]) =>
    effective.held(keyword).flatMap(({ value, origin }): Finding[] => {
      const pattern = keyword === "allowusers" ? (value.split("@")[0] ?? "") : value;
      if (known.some((one) => matchesPattern(one, pattern))) return [];
      return [
        {
          code: "dead-name",
          severity: "low",
          text: `${name} ${value} fits no ${what} of this host.`,
          fix: `Take ${value} out of ${name}, or create the ${what}.`,
          ...(origin && { source: `${origin.path}:${origin.line}` }),
        },
      ];
    }),
  );
}

function findSudoWithoutFactor({ server, paths }: FindingInput): Finding[] {
  const opened = new Set(paths.filter((path) => path.factors === 1).map((path) => path.account));
  return server.facts.sudo
    .filter((right) => right.isAll && right.isWithoutPassword && opened.has(right.account))
    .map((right) => ({
      code: "sudo-without-factor",
      severity: "medium",
      account: right.account,
      text: `One factor opens ${right.account}, and sudo then makes it root without asking for anything.`,
      fix: "Ask for a password in sudo, or for a second factor at the login.",
      ...(right.source !== undefined && { source: right.source }),
    }));
}

const firstPersonUid = 1000;
const nobodyUid = 65_534;

/** Accounts of people that have a shell, and nothing opens them. */
function findNoWayIn({ server, paths }: FindingInput): Finding[] {
  const opened = new Set(paths.map((path) => path.account));
  return [...server.accounts.values()]
    .filter(({ name, uid, shell }) => {
      const isPerson = uid >= firstPersonUid && uid !== nobodyUid;
      return isPerson && !opened.has(name) && !/\/(?:nologin|false)$/.test(shell);
    })
    .map(({ name }) => ({
      code: "no-way-in",
      severity: "low",
      account: name,
      text: `No login opens ${name}, though it has a shell.`,
      fix: "Give it a key, or a shell like /usr/sbin/nologin, or remove it.",
    }));
}

const secondsPerDay = 86_400;

/** Accounts that are open and that nobody has used, as far back as the host remembers. */
function findNeverUsed({ server, paths, now }: FindingInput): Finding[] {
  const { facts } = server;
  const since = moment(facts.loginsSince);
  if (since === undefined || since > now - unusedAfterDays * secondsPerDay) return [];
  return [...byAccount(paths).keys()]
    .filter((account) => (lastLogin(facts, account) ?? 0) < now - unusedAfterDays * secondsPerDay)
    .map((account) => ({
      code: "never-used",
      severity: "low",
      account,
      text: `Nobody has logged in to ${account} for ${unusedAfterDays} days.`,
      fix: "Close what is not needed: remove its keys, or lock it out with DenyUsers.",
    }));
}

function lastLogin(facts: HostFacts, account: string): number | undefined {
  const moments = facts.logins.filter((l) => l.account === account).flatMap((l) => moment(l.at) ?? []);
  return moments.length === 0 ? undefined : Math.max(...moments);
}

function moment(text: string | undefined): number | undefined {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
