import { isNone } from "@/lib/access/account";
import { meet, type Situation } from "@/lib/access/connection";
import type { AccountFacts, HostFacts } from "@/lib/access/facts";
import { isSecure } from "@/lib/access/host-files";
import { printOf } from "@/lib/access/key-alternatives";
import { entriesOf } from "@/lib/access/key-entries";
import { keyFilesOf } from "@/lib/access/public-key";
import { readRevokedFile } from "@/lib/access/revocation";
import type { Server } from "@/lib/access/server";
import type { KeyOwner, LoginPath } from "@/lib/access/who-can-log-in";
import { earliestExpirySecond } from "@/lib/authorized-keys/expiry-time";
import { matchesPattern } from "@/lib/sshd-config/pattern";

export type FindingCode =
  | "root-by-password"
  | "password-alone"
  | "unowned-key"
  | "key-of-leaver"
  | "weak-key"
  | "shared-key"
  | "expired-key"
  | "writable-path"
  | "revoked-keys-unreadable"
  | "dead-name"
  | "sudo-without-factor"
  | "no-way-in"
  | "never-used";

/** Something about who can log in that an admin should mend or decide. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: "high" | "medium" | "low";
  /** The account it is about, if one. */
  readonly account?: string;
  readonly fingerprint?: string;
  /** What is so, and why it matters. */
  readonly text: string;
  /** What to do. */
  readonly fix: string;
  /** "/etc/ssh/sshd_config:12" */
  readonly source?: string;
}

export interface FindingInput {
  readonly server: Server;
  readonly paths: readonly LoginPath[];
  readonly people: readonly KeyOwner[];
  /** In seconds since 1970. */
  readonly now: number;
}

/** Days after which a way in that nobody has used is reported. */
export const unusedAfterDays = 90;

type Rule = (input: FindingInput) => Finding[];

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
  return new Map(paths.toReversed().map((path) => [path.account, path]));
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

interface KeyPlace {
  account: AccountFacts;
  path: string;
  line: number;
  fingerprint: string;
  type: string;
  bits: number;
  comment: string;
  expiresAt: number | undefined;
}

/** Every key that a file of an account names, whether or not sshd takes it. */
function placesOfKeys({ server, now }: FindingInput): KeyPlace[] {
  const zone = server.facts.sshd.zoneMinutes;
  const seen = new Set<string>();
  return [...server.accounts.values()].flatMap((account) =>
    [...keyFilesOf(situationOf(server, account, now), account)].flatMap((path): KeyPlace[] => {
      if (path === undefined || seen.has(`${account.name} ${path}`)) return [];
      seen.add(`${account.name} ${path}`);
      return entriesOf(server, path).map(({ key, line, comment, options }) => ({
        account,
        path,
        line,
        fingerprint: printOf(key.blob),
        type: key.type,
        bits: key.bits,
        comment,
        expiresAt: earliestExpirySecond(options.expiries, zone),
      }));
    }),
  );
}

function situationOf(server: Server, account: AccountFacts, now: number): Situation {
  const local = { localAddress: "127.0.0.1", localPort: 22 };
  return meet(server, { user: account.name, address: "127.0.0.1", ...local, now });
}

const smallestGoodRsaBits = 2048;

function findKeyFaults(input: FindingInput): Finding[] {
  const owners = new Map<string, KeyOwner[]>();
  for (const person of input.people)
    for (const print of person.fingerprints) owners.set(print, [...(owners.get(print) ?? []), person]);
  return placesOfKeys(input).flatMap((place) => {
    const base = {
      account: place.account.name,
      fingerprint: place.fingerprint,
      source: `${place.path}:${place.line}`,
    };
    const name = place.comment === "" ? place.fingerprint : `${place.comment} (${place.fingerprint})`;
    const found: Finding[] = [];
    const own = owners.get(place.fingerprint) ?? [];
    const left = own.find((person) => person.hasLeft);
    if (input.people.length > 0 && own.length === 0)
      found.push({
        ...base,
        code: "unowned-key",
        severity: "medium",
        text: `Nobody here owns the key ${name}, which ${place.account.name} lets in.`,
        fix: "Say whose key it is, or remove the line.",
      });
    if (left)
      found.push({
        ...base,
        code: "key-of-leaver",
        severity: "high",
        text: `${left.name} has left, and the key ${name} is still there.`,
        fix: "Remove the line.",
      });
    if (own.length > 1)
      found.push({
        ...base,
        code: "shared-key",
        severity: "medium",
        text: `${own.map((person) => person.name).join(" and ")} share the key ${name}: nobody can tell who logs in.`,
        fix: "Give each of them a key of their own, then remove this one.",
      });
    if (place.type === "ssh-dss" || (place.type === "ssh-rsa" && place.bits < smallestGoodRsaBits))
      found.push({
        ...base,
        code: "weak-key",
        severity: "medium",
        text: `The key ${name} is ${place.type === "ssh-dss" ? "a DSA key" : `an RSA key of ${place.bits} bits`}, which is too weak.`,
        fix: "Replace it with an Ed25519 key.",
      });
    if (place.expiresAt !== undefined && place.expiresAt < input.now)
      found.push({
        ...base,
        code: "expired-key",
        severity: "low",
        text: `The key ${name} has expired and opens nothing any more.`,
        fix: "Remove the line.",
      });
    return found;
  });
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
