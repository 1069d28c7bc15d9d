import { noAllowedAndDenied } from "@/lib/sshd-config/rules/no-allowed-and-denied";
import { noChrootTrap } from "@/lib/sshd-config/rules/no-chroot-trap";
import { noClientExcluded } from "@/lib/sshd-config/rules/no-client-excluded";
import { noClosedDoor } from "@/lib/sshd-config/rules/no-closed-door";
import { noClosedStartups } from "@/lib/sshd-config/rules/no-closed-startups";
import { noCommaInNames } from "@/lib/sshd-config/rules/no-comma-in-names";
import { noCommandForAll } from "@/lib/sshd-config/rules/no-command-for-all";
import { noCommentInValue } from "@/lib/sshd-config/rules/no-comment-in-value";
import { noDeadKeepalive } from "@/lib/sshd-config/rules/no-dead-keepalive";
import { noDeadLine } from "@/lib/sshd-config/rules/no-dead-line";
import { noDisabledMethod } from "@/lib/sshd-config/rules/no-disabled-method";
import { noDsaHostKey } from "@/lib/sshd-config/rules/no-dsa-host-key";
import { noEmptyAlgorithms } from "@/lib/sshd-config/rules/no-empty-algorithms";
import { noEmptyMatch } from "@/lib/sshd-config/rules/no-empty-match";
import { noEveryoneDenied } from "@/lib/sshd-config/rules/no-everyone-denied";
import { noHostKeyLeft } from "@/lib/sshd-config/rules/no-host-key-left";
import { noIdleMatch } from "@/lib/sshd-config/rules/no-idle-match";
import { noIgnoredDirective } from "@/lib/sshd-config/rules/no-ignored-directive";
import { noIncludeInMatch } from "@/lib/sshd-config/rules/no-include-in-match";
import { noLineBehindMatch } from "@/lib/sshd-config/rules/no-line-behind-match";
import { noLoneMatchSubsystem } from "@/lib/sshd-config/rules/no-lone-match-subsystem";
import { noLoopbackOnly } from "@/lib/sshd-config/rules/no-loopback-only";
import { noMissingFile } from "@/lib/sshd-config/rules/no-missing-file";
import { noMissingInclude } from "@/lib/sshd-config/rules/no-missing-include";
import { noMissingRevokedKeys } from "@/lib/sshd-config/rules/no-missing-revoked-keys";
import { noNameWithoutDns } from "@/lib/sshd-config/rules/no-name-without-dns";
import { noNobodyAllowed } from "@/lib/sshd-config/rules/no-nobody-allowed";
import { noOddGraceTime } from "@/lib/sshd-config/rules/no-odd-grace-time";
import { noOldName } from "@/lib/sshd-config/rules/no-old-name";
import { noPortOfSocket } from "@/lib/sshd-config/rules/no-port-of-socket";
import { noQuestionsWithoutPam } from "@/lib/sshd-config/rules/no-questions-without-pam";
import { noQuotedCommand } from "@/lib/sshd-config/rules/no-quoted-command";
import { noRootDeadEnd } from "@/lib/sshd-config/rules/no-root-dead-end";
import { noRootPassword } from "@/lib/sshd-config/rules/no-root-password";
import { noSecurityKeysOnly } from "@/lib/sshd-config/rules/no-security-keys-only";
import { noSharedKeysFile } from "@/lib/sshd-config/rules/no-shared-keys-file";
import { noSingleTry } from "@/lib/sshd-config/rules/no-single-try";
import { noUnknownToken } from "@/lib/sshd-config/rules/no-unknown-token";
import { noWeakAlgorithms } from "@/lib/sshd-config/rules/no-weak-algorithms";
import { noWideEnvironment } from "@/lib/sshd-config/rules/no-wide-environment";
import { noZeroTries } from "@/lib/sshd-config/rules/no-zero-tries";
import { riskyValues } from "@/lib/sshd-config/rules/risky-values";
import type { Rule } from "@/lib/sshd-config/rules/rule";

/** Everything that is looked for beyond what `sshd -t` says. */
export const allRules: readonly Rule[] = [
  noDeadLine,
  noLineBehindMatch,
  noClosedDoor,
  noAllowedAndDenied,
  noChrootTrap,
  noClientExcluded,
  noClosedStartups,
  noCommaInNames,
  noCommandForAll,
  noCommentInValue,
  noDeadKeepalive,
  noDisabledMethod,
  noDsaHostKey,
  noEmptyAlgorithms,
  noEmptyMatch,
  noEveryoneDenied,
  noHostKeyLeft,
  noIdleMatch,
  noIgnoredDirective,
  noIncludeInMatch,
  noLoneMatchSubsystem,
  noLoopbackOnly,
  noMissingFile,
  noMissingInclude,
  noMissingRevokedKeys,
  noNameWithoutDns,
  noNobodyAllowed,
  noOddGraceTime,
  noOldName,
  noPortOfSocket,
  noQuestionsWithoutPam,
  noQuotedCommand,
  noRootDeadEnd,
  noRootPassword,
  noSecurityKeysOnly,
  noSharedKeysFile,
  noSingleTry,
  noUnknownToken,
  noWeakAlgorithms,
  noWideEnvironment,
  noZeroTries,
  ...riskyValues,
];
