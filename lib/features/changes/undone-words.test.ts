import { expect, test } from "vitest";
import { undoneWords } from "@/lib/features/changes/undone-words";

const [old, other] = ["a".repeat(64), "b".repeat(64)];

test("an undoing that succeeded says so, with the host's reason", () => {
  const status = { reason: "not confirmed before its deadline", isRestored: true, liveSha256: "" };
  expect(undoneWords(status, old)).toBe(
    "Rolled back by the host. The old file is in force. The host says: not confirmed before its deadline.",
  );
  expect(undoneWords({ ...status, reason: "cancelled" }, old)).toBe("Rolled back. The old file is in force.");
});

test("an undoing that failed is never told as done", () => {
  const reason =
    "cancelled; NOT put back (its directory is gone), the old file is kept at /var/lib/gatehouse/kept/x";
  const words = undoneWords({ reason, isRestored: false, liveSha256: old }, old);
  expect(words).not.toContain("is in force.");
  expect(words).toContain(reason);
});

test("what went wrong does not hide the host's reason", () => {
  const status = { reason: "edited on the host in between", isRestored: false, liveSha256: other };
  expect(undoneWords(status, old, "Refused: it was edited.")).toBe(
    "Refused: it was edited. The old file is NOT known to be in force: look at it on the host. The host says: edited on the host in between.",
  );
});

test("where the host did not look, only a live file that is the old one counts", () => {
  const status = { reason: "", isRestored: null };
  expect(undoneWords({ ...status, liveSha256: old }, old)).toContain("The old file is in force.");
  expect(undoneWords({ ...status, liveSha256: other }, old)).toContain("NOT known");
});
