/**
 * The states of a change, as the dashboard knows them. The host's agent has its own, finer list (agent/README.md);
 * what the host says always wins.
 *
 * planned → applying → proving → (awaiting_person →) confirming → confirmed
 *                 ↘ refused        ↘ rolled_back  (deadline, person, failed proof)
 * `unknown`: the host has not answered since; it decides by itself, and we ask until we know, or until a person takes
 * the host out of Gatehouse (`forgotten`: nobody here will ever know).
 */
export const changeStates = [
  "planning",
  "planned",
  "applying",
  "proving",
  "awaiting_person",
  "confirming",
  "rolling_back",
  "unknown",
  "confirmed",
  "rolled_back",
  "refused",
  "discarded",
  "forgotten",
] as const;
export type ChangeState = (typeof changeStates)[number];

const next: Record<ChangeState, readonly ChangeState[]> = {
  planning: ["planned", "refused", "discarded"],
  planned: ["planning", "applying", "discarded", "refused"],
  applying: ["proving", "refused", "rolled_back", "unknown"],
  proving: ["awaiting_person", "confirming", "confirmed", "rolling_back", "rolled_back", "unknown"],
  awaiting_person: ["confirming", "rolling_back", "rolled_back", "unknown"],
  confirming: ["confirmed", "rolled_back", "unknown"],
  rolling_back: ["rolled_back", "confirmed", "unknown"],
  unknown: [
    "proving",
    "awaiting_person",
    "confirming",
    "confirmed",
    "rolling_back",
    "rolled_back",
    "refused",
    "forgotten",
  ],
  confirmed: [],
  rolled_back: [],
  refused: [],
  discarded: [],
  forgotten: [],
};

/** Whether a change may go from one state to the other. */
export function canBecome(from: ChangeState, to: ChangeState): boolean {
  return next[from].includes(to);
}

/** Nothing happens to the change any more. */
export function isEnded(state: ChangeState): boolean {
  return next[state].length === 0;
}

/** The host may hold a change that is neither kept nor rolled back: no second change may start. */
export const pendingStates = [
  "applying",
  "proving",
  "awaiting_person",
  "confirming",
  "rolling_back",
  "unknown",
] as const satisfies readonly ChangeState[];

/** Whether the change may still be open on the host. */
export function isPending(state: ChangeState): boolean {
  return (pendingStates as readonly ChangeState[]).includes(state);
}
