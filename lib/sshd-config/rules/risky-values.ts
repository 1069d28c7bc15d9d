import type { Severity } from "@/lib/sshd-config/diagnostic";
import { writeInstead } from "@/lib/sshd-config/rules/fixes";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";
import type { Scope } from "@/lib/sshd-config/scope";

interface RiskyValue {
  code: string;
  keyword: string;
  /** As `sshd -T` prints them. */
  values: readonly string[];
  severity: Severity;
  why: string;
  advice: string;
  /** What to write instead, where that is safe. */
  instead?: string;
  /** Only where this holds too. */
  where?: (scope: Scope) => boolean;
}

/** Words that a line may set and that open more than most people mean. */
const table: readonly RiskyValue[] = [
  {
    code: "no-empty-passwords",
    keyword: "PermitEmptyPasswords",
    values: ["yes"],
    severity: "warning",
    why: "An account without a password is open to everybody who knows its name.",
    advice: "Write no.",
    instead: "no",
  },
  {
    code: "no-loose-modes",
    keyword: "StrictModes",
    values: ["no"],
    severity: "warning",
    why: "A file of keys counts although others may write to it: they can let themselves in.",
    advice: "Write yes, and mend the modes of the files that are then refused.",
  },
  {
    code: "no-user-environment",
    keyword: "PermitUserEnvironment",
    values: ["yes"],
    severity: "warning",
    why: "People set LD_PRELOAD and the like for their own session and get around a ForceCommand.",
    advice: "Write no, or a pattern of the names that are needed.",
    instead: "no",
  },
  {
    code: "no-open-display",
    keyword: "X11UseLocalhost",
    values: ["no"],
    severity: "warning",
    why: "With X11Forwarding the displays of people listen on the network.",
    advice: "Write yes.",
    instead: "yes",
    where: (scope) => scope.value("x11forwarding") === "yes",
  },
  {
    code: "no-gateway-ports",
    keyword: "GatewayPorts",
    values: ["yes"],
    severity: "info",
    why: "A port that somebody forwards to this host listens on the network, for everybody.",
    advice: "Write clientspecified where it is needed, and no elsewhere.",
  },
  {
    code: "no-missing-pam",
    keyword: "UsePAM",
    values: ["no"],
    severity: "info",
    why: "Accounts with a locked password are refused even with a key, and limits and second factors of PAM do not run.",
    advice: "Write yes, unless this host has no PAM.",
  },
  {
    code: "no-silent-log",
    keyword: "LogLevel",
    values: ["SILENT", "QUIET", "FATAL", "ERROR"],
    severity: "info",
    why: "Logins are not logged: nobody can tell later who came in.",
    advice: "Write INFO or VERBOSE.",
    instead: "INFO",
  },
  {
    code: "no-passwords",
    keyword: "PasswordAuthentication",
    values: ["yes"],
    severity: "info",
    why: "Passwords are guessed all day; keys cannot be.",
    advice: "Once everybody has a key, write no, and for KbdInteractiveAuthentication too.",
  },
  {
    code: "no-trusted-machines",
    keyword: "HostbasedAuthentication",
    values: ["yes"],
    severity: "info",
    why: "Whoever is root on a machine that this host trusts is anybody here.",
    advice: "Write no, unless the machines are one cluster.",
  },
];

/** One rule for each. */
export const riskyValues: readonly Rule[] = table.map(
  ({ code, keyword, values, severity, why, advice, instead, where }) => ({
    code,
    severity,
    what: `${keyword} is ${values.join(" or ")}.`,
    why,
    find: ({ naming }) =>
      naming(keyword).flatMap((scope) => {
        const held = scope.own(keyword.toLowerCase())[0];
        if (!held || !values.includes(held.value) || (where && !where(scope))) return [];
        const fix = instead === undefined ? undefined : writeInstead(held, instead);
        return findingAbout(held, severity, code, { what: `${keyword} is ${held.value}.`, why, advice, fix });
      }),
  }),
);
