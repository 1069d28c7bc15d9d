import { expect, test } from "vitest";
import { takesAwayUnseen } from "@/lib/features/changes/judge-again";
import type { KeyEdits } from "@/lib/features/changes/key-edits";
import type { PlanAccessView } from "@/lib/features/changes/views";

const none = { total: 0, rows: [] };
const seen: PlanAccessView = {
  obstacle: null,
  readAt: "2026-01-01T00:00:00.000Z",
  isStale: false,
  isCertain: true,
  gains: none,
  loses: none,
  weakened: none,
  strengthened: none,
  moved: none,
  shutOut: { total: 0, accounts: [] },
  doubtful: { total: 0, accounts: [] },
};
const fingerprint = `SHA256:${"A".repeat(43)}`;
const removing: KeyEdits = [{ kind: "remove", fingerprint }];
const adding: KeyEdits = [{ kind: "add", fingerprint, blob: "", comment: "", options: [] }];

const of = (keyEdits: KeyEdits) => ({ kind: "keys", keyEdits });

const unseen: [string, PlanAccessView | null][] = [
  ["was never judged", null],
  ["cannot be judged", { ...seen, obstacle: "The host was never read." }],
  ["was judged by an old reading", { ...seen, isStale: true }],
  ["is doubtful for an account", { ...seen, doubtful: { total: 1, accounts: ["alice"] } }],
];
test.each(unseen)("a person keeps what takes keys away where who loses by it %s", (_, access) => {
  expect(takesAwayUnseen(of(removing), access)).toBe(true);
  expect(takesAwayUnseen(of([...removing, ...adding]), access)).toBe(true);
  expect(takesAwayUnseen(of([{ kind: "modes" }]), access)).toBe(true);
  expect(takesAwayUnseen(of(adding), access)).toBe(false);
});

test("a fresh login is enough where it is known who loses", () => {
  expect(takesAwayUnseen(of(removing), seen)).toBe(false);
});
