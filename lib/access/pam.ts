import { dayOf } from "@/lib/access/account";
import type { AccountFacts, HostFacts } from "@/lib/access/facts";
import { type HostFiles, openFiles } from "@/lib/access/host-files";
import { judgePasswordAge } from "@/lib/access/password-age";
import type { Build } from "@/lib/sshd-config/build";

/** What sshd asks PAM by. */
export const sshdPamFile = "/etc/pam.d/sshd";

/** What sshd's PAM service does, as far as its text tells. */
export interface PamStack {
  /** Every module is one whose answer we can foretell. */
  readonly isForetold: boolean;
  /** Modules that decide by things we do not know, with the line that names them: "/etc/pam.d/sshd:4". */
  readonly unforetold: readonly { readonly module: string; readonly source: string }[];
  /** pam_unix takes an empty password. */
  readonly allowsEmpty: boolean;
  readonly hasNologin: boolean;
  /** Another module may know a password that the shadow file does not (LDAP, Kerberos, one we do not know). */
  readonly hasOtherPasswords: boolean;
  /** pam_unix looks at the expiry of the account. */
  readonly checksAccount: boolean;
  /** Modules that ask for a one-time code. */
  readonly otpModules: readonly string[];
  /** A module for one-time codes lets those pass who have none ("nullok"). */
  readonly passesWithoutCode: boolean;
  /** Where pam_unix asks for the password; undefined: no password is asked for. */
  readonly passwordSource?: string;
}

/** Modules that let everybody through who got so far, or only shape the session. */
const harmless = new Set(
  `pam_permit pam_deny pam_env pam_limits pam_motd pam_mail pam_loginuid pam_keyinit pam_selinux pam_systemd pam_umask
   pam_cap pam_lastlog pam_lastlog2 pam_faildelay pam_warn pam_echo pam_mkhomedir pam_issue pam_nologin pam_unix pam_xauth`
    .split(/\s+/)
    .map((name) => `${name}.so`),
);

const otp = new Set(["pam_google_authenticator.so", "pam_oath.so", "pam_gatehouse_otp.so", "pam_yubico.so"]);

/** Modules that can keep somebody out but let nobody in by themselves. */
const onlyRefuses = new Set(
  [
    "pam_access",
    "pam_time",
    "pam_faillock",
    "pam_tally2",
    "pam_shells",
    "pam_listfile",
    "pam_succeed_if",
    "pam_securetty",
  ].map((name) => `${name}.so`),
);

interface PamLine {
  type: string;
  module: string;
  args: readonly string[];
  source: string;
}

/**
 * Reads the PAM service of sshd with what it includes, through links as libpam does.
 *
 * Without its text (it was not collected) nothing is foretold.
 *
 * @see pam.conf(5)
 */
export function readPamStack(facts: HostFacts, files: HostFiles = openFiles(facts)): PamStack {
  const lines = readService(files, sshdPamFile, undefined, 0);
  if (lines.length === 0) {
    return {
      isForetold: false,
      unforetold: [{ module: "PAM", source: sshdPamFile }],
      allowsEmpty: false,
      hasNologin: false,
      hasOtherPasswords: true,
      checksAccount: false,
      otpModules: [],
      passesWithoutCode: false,
    };
  }
  const counted = lines.filter((l) => l.type === "auth" || l.type === "account");
  const unforetold = counted
    .filter((l) => !harmless.has(l.module))
    .map(({ module, source }) => ({ module, source }));
  const unix = counted.find((l) => l.type === "auth" && l.module === "pam_unix.so");
  return {
    isForetold: unforetold.length === 0,
    unforetold,
    allowsEmpty: unix?.args.some((a) => a === "nullok" || a === "nullok_secure") ?? false,
    hasNologin: counted.some((l) => l.type === "account" && l.module === "pam_nologin.so"),
    hasOtherPasswords: counted.some(
      (l) => l.type === "auth" && !harmless.has(l.module) && !otp.has(l.module) && !onlyRefuses.has(l.module),
    ),
    checksAccount: counted.some((l) => l.type === "account" && l.module === "pam_unix.so"),
    otpModules: counted.filter((l) => l.type === "auth" && otp.has(l.module)).map((l) => l.module),
    passesWithoutCode: counted.some((l) => otp.has(l.module) && l.args.includes("nullok")),
    ...(unix && { passwordSource: unix.source }),
  };
}

function readService(files: HostFiles, path: string, only: string | undefined, depth: number): PamLine[] {
  const text = files.stat(path)?.text;
  if (text === undefined || depth > 16) return [];
  const lines: PamLine[] = [];
  for (const [index, raw] of text.replace(/\\\n/g, " \n").split("\n").entries()) {
    const line = (raw.split("#")[0] ?? "").trim();
    const included = /^@include\s+(\S+)$/.exec(line)?.[1];
    if (included !== undefined) {
      lines.push(...readService(files, servicePath(included), only, depth + 1));
      continue;
    }
    const read = /^-?(auth|account|session|password)\s+(\[[^\]]*\]|\S+)\s+(\S+)\s*(.*)$/.exec(line);
    if (!read) continue;
    const [, type = "", control = "", module = "", rest = ""] = read;
    if (only !== undefined && type !== only) continue;
    if (control === "include" || control === "substack") {
      lines.push(...readService(files, servicePath(module), type, depth + 1));
      continue;
    }
    const name = module.slice(module.lastIndexOf("/") + 1);
    lines.push({ type, module: name, args: rest.split(/\s+/), source: `${path}:${index + 1}` });
  }
  return lines;
}

const servicePath = (name: string) => (name.startsWith("/") ? name : `/etc/pam.d/${name}`);

/** What the account stage of PAM says to an account that has proved itself. */
export type AccountStage = "yes" | "no" | "password-overdue";

/** The host whose PAM is asked. */
export interface PamHost {
  readonly facts: HostFacts;
  readonly build: Build;
  readonly pam: PamStack;
}

/** @see Linux-PAM pam_unix/passverify.c:check_shadow_expiry, pam_nologin(8) */
export function judgeAccount(
  { facts, build, pam }: PamHost,
  account: AccountFacts,
  now: number,
): AccountStage {
  const nologin = facts.files["/etc/nologin"];
  const isClosed = nologin !== undefined && nologin.kind !== "missing";
  if (pam.hasNologin && isClosed && account.uid !== 0) return "no";
  if (!pam.checksAccount) return "yes";
  if (account.expiresOnDay !== undefined && dayOf(now) >= account.expiresOnDay) return "no";
  const age = judgePasswordAge(account, build, now);
  if (age === "good") return "yes";
  return age === "dead" ? "no" : "password-overdue";
}
