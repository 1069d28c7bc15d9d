export interface ActivityRow {
  seq: string;
  at: string;
  actorId: string | null;
  actorName: string;
  address: string;
  action: string;
  outcome: "intent" | "done" | "refused" | "failed";
  intentSeq: string | null;
  targetType: string | null;
  targetId: string | null;
  targetName: string | null;
  detail: Record<string, unknown>;
  hash: string;
}

/** Who keeps our signed checkpoints, and where that does not agree with our rows. */
export interface WitnessesView {
  hosts: number;
  checkpointAt: string | null;
  faults: { hostId: string; hostName: string; message: string; at: string }[];
}

export interface ActivityListView {
  witnesses: WitnessesView;
  rows: ActivityRow[];
  actions: string[];
  /** Pass as `before` for the next page; null at the end. */
  nextBefore: string | null;
  total: number;
}
