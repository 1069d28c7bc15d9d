import { noCommaInNames } from "@/lib/sshd-config/rules/no-comma-in-names";
import { noDeadLine } from "@/lib/sshd-config/rules/no-dead-line";
import { noEmptyAlgorithms } from "@/lib/sshd-config/rules/no-empty-algorithms";
import { noLoneMatchSubsystem } from "@/lib/sshd-config/rules/no-lone-match-subsystem";
import { noUnknownToken } from "@/lib/sshd-config/rules/no-unknown-token";
import { noZeroTries } from "@/lib/sshd-config/rules/no-zero-tries";
import type { Rule } from "@/lib/sshd-config/rules/rule";

/** Everything that is looked for beyond what `sshd -t` says. */
export const allRules: readonly Rule[] = [
  noDeadLine,
  noZeroTries,
  noCommaInNames,
  noUnknownToken,
  noEmptyAlgorithms,
  noLoneMatchSubsystem,
];
