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

export interface ActivityListView {
  rows: ActivityRow[];
  actions: string[];
  /** Pass as `before` for the next page; null at the end. */
  nextBefore: string | null;
  total: number;
}
