import { type InstallSubject, type InstallTrial, install } from "./install-plan";
import type { Patch } from "./managed-host";

/** An installer with one safeguard taken out, which the harness must see fail. */
export interface BrokenInstaller {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** What shows it, among the commands that an installation runs. */
  trial(names: Readonly<Record<InstallSubject, readonly string[]>>): InstallTrial;
}

export const brokenInstallers: readonly BrokenInstaller[] = [
  {
    name: "writes over the agent that is in use",
    patches: [
      [
        '    cat >"$1.gatehouse-new" && chown 0:0 "$1.gatehouse-new" && chmod "$2" "$1.gatehouse-new" &&',
        '    cat >"$1" && chown 0:0 "$1" && chmod "$2" "$1" && return 0',
      ],
    ],
    // The command in front of the first chown is the cat that writes the agent.
    trial: ({ upgrade }) =>
      install(
        "upgrade",
        upgrade.findIndex((name) => name.startsWith("chown 0:0 ")),
        "kill",
      ),
  },
  {
    name: "does not undo what it began",
    patches: [['    elif [ -n "$BACKUP" ] && undo; then', "    elif true; then"]],
    trial: ({ install: names }) =>
      install("install", 1 + names.findIndex((name) => name.startsWith("visudo")), "fail"),
  },
];
