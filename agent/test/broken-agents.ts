import type { CommandCounts, Trial } from "./fault-plan";
import type { Patch } from "./managed-host";

/** An agent with one safeguard taken out. The harness must see it fail, else its other results mean nothing. */
export interface BrokenAgent {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** What shows that it is missing. The counts come while others are tried already. */
  trials(counts: Promise<CommandCounts>): Promise<Trial[]>;
}

const shutOut = { subject: "config", content: "shut-out", powerCutAfterApply: false } as const;

export const brokenAgents: readonly BrokenAgent[] = [
  {
    // The order of the first design that everybody writes: change, reload, and then write down that it must be undone.
    name: "arms after the reload",
    patches: [
      [
        `the file immutable?"\n    fi\n    if ! arm; then\n`,
        `the file immutable?"\n    fi\n    if false; then\n`,
      ],
      ['    start_watcher || abandon internal "No watcher', '    true || abandon internal "No watcher'],
      [
        "    TX_NEW=$(generation)\n    TX_RELOADED",
        "    arm\n    start_watcher\n    TX_NEW=$(generation)\n    TX_RELOADED",
      ],
    ],
    // The gap lies near the end of apply: between the rename and the record.
    trials: async (counts) => {
      const { apply } = await counts;
      return [0.8, 0.88, 0.96].map((part) => ({
        ...shutOut,
        course: "leave",
        faults: [{ role: "rpc", number: Math.round(apply * part), kind: "kill" }],
      }));
    },
  },
  {
    // A session is not a login: the old connection outlives a configuration that lets nobody in.
    name: "confirms from any session",
    patches: [["    refuse_unproved_login\n    is_in_place", "    is_in_place"]],
    trials: async () => [{ ...shutOut, course: "old-connection", faults: [] }],
  },
  {
    // Each file by itself is old or new, and the two together are a configuration that nobody tried.
    name: "undoes one file of two",
    patches: [
      ["    while next_file; do restore_file || restore_status=1; done\n", "    next_file && restore_file\n"],
    ],
    trials: async () => [{ ...shutOut, subject: "pam", course: "leave", faults: [] }],
  },
  {
    // The watcher dies with the host, and sshd comes up with the configuration that nobody proved.
    name: "does not recover at boot",
    patches: [["        recover boot\n", "        :\n"]],
    trials: async () => [{ ...shutOut, course: "leave", faults: [], powerCutAfterApply: true }],
  },
];
