import { beforeEach, describe, expect, test } from "vitest";
import {
  closeReview,
  decideAll,
  decideItems,
  exportEvidence,
  openReview,
  setReviewers,
} from "@/lib/features/access-reviews/commands";
import { getDrift, getHostDrift } from "@/lib/features/access-reviews/drift-queries";
import { printEvidenceCsv, printEvidenceJson } from "@/lib/features/access-reviews/evidence-file";
import { reviewJobs } from "@/lib/features/access-reviews/jobs";
import {
  getReview,
  listMyReviews,
  listReviews,
  listRevocations,
  previewReview,
} from "@/lib/features/access-reviews/queries";
import { verifyEvidence } from "@/lib/features/access-reviews/verify-evidence";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { addReadHost, readHostAgain, type WayGiven } from "@/lib/testing/reviewed-host";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const context = {
  workerId: "w",
  attempt: 1,
  isLastAttempt: true,
  signal: new AbortController().signal,
  openBox: () => Buffer.alloc(0),
};
const [owner, bob, carol, auditor] = await Promise.all([
  addActor(db, "owner", "Olga"),
  addActor(db, "operator", "Bob"),
  addActor(db, "operator", "Carol"),
  addActor(db, "auditor", "Aud"),
]);
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();
const watch = () => reviewJobs["review.watch"]({}, context);

interface Opening {
  hostIds: string[];
  reviewers?: Actor[];
  [more: string]: unknown;
}
async function open({ hostIds, reviewers = [bob], ...more }: Opening): Promise<string> {
  const input = {
    name: "Autumn",
    scope: { kind: "hosts", hostIds },
    reviewerIds: reviewers.map(({ personId }) => personId),
    dueAt: tomorrow(),
    ...more,
  };
  return (await act(openReview, input, owner, origin)).reviewId;
}
const view = (reviewId: string, actor = bob, filter = {}) =>
  read(getReview, { reviewId, ...filter }, actor, origin);
const itemsOf = async (reviewId: string) =>
  (await view(reviewId)).rows.map(({ number, version }) => ({ number, version }));
const decide = (reviewId: string, decision: string, items: unknown, actor = bob, reason = "left") =>
  act(decideItems, { reviewId, decision, items, reason }, actor, origin);
const confirmAll = async (reviewId: string, actor = bob) =>
  decide(reviewId, "confirm", await itemsOf(reviewId), actor);
const close = (reviewId: string, reason = "") => act(closeReview, { reviewId, reason }, owner, origin);
const alice: WayGiven = { account: "alice" };
const root: WayGiven = { account: "root", fingerprint: null };

/** Hosts of earlier tests must be in no list of later ones. */
beforeEach(async () => {
  await db.host.updateMany({ data: { state: "archived" } });
});

describe("opening", () => {
  test("freezes every way of the scope, with hosts of which little is known named", async () => {
    const web = await addReadHost(db, [alice, root], "web-frozen");
    const never = await addHost(db, "never-frozen");
    const preview = await read(
      previewReview,
      { scope: JSON.stringify({ kind: "all" }), accounts: "" },
      owner,
      origin,
    );
    expect(preview).toMatchObject({ hosts: 2, ways: 2, gaps: [{ hostName: "never-frozen" }] });
    const reviewId = await open({ hostIds: [web, never] });
    await readHostAgain(db, web, []);
    const review = await view(reviewId);
    expect(review.rows.map(({ account, methods }) => [account, methods])).toEqual([
      ["alice", "publickey"],
      ["root", "password"],
    ]);
    expect(review.hostRows.map(({ hostName, ways, gap }) => [hostName, ways, gap])).toEqual([
      ["never-frozen", 0, "The host was never read."],
      ["web-frozen", 2, null],
    ]);
    expect(await db.activity.findFirst({ orderBy: { seq: "desc" } })).toMatchObject({
      action: "review.open",
      targetType: "review",
      detail: { ways: 2, snapshotSha256: review.snapshotSha256 },
    });
  });

  test("names hosts that were not read whole, and freezes no way that the last reading lacks", async () => {
    const host = await addReadHost(db, [alice, root], "web-cut");
    await readHostAgain(db, host, [alice, root], { cuts: 1 });
    await db.accessPath.updateMany({
      where: { hostId: host, account: "root" },
      data: { goneAt: new Date() },
    });
    const scope = JSON.stringify({ kind: "hosts", hostIds: [host] });
    const preview = await read(previewReview, { scope, accounts: "" }, owner, origin);
    expect(preview).toMatchObject({ ways: 1, gaps: [{ hostName: "web-cut" }] });
    const review = await view(await open({ hostIds: [host] }));
    expect(review.rows.map(({ account }) => account)).toEqual(["alice"]);
    expect(review.hostRows).toMatchObject([
      { ways: 1, gap: expect.stringMatching(/^Not everything was read/) },
    ]);
  });

  test("takes only the accounts that are named, in patterns, and nothing that looks like more", async () => {
    const host = await addReadHost(db, [alice, root, { account: "a.ice" }, { account: "bob" }]);
    const reviewId = await open({ hostIds: [host], accounts: ["a.*e", "root"] });
    expect((await view(reviewId)).rows.map(({ account }) => account)).toEqual(["root", "a.ice"]);
  });

  test("is refused without ways, without a future, and with reviewers who cannot decide", async () => {
    const empty = await addReadHost(db, []);
    await expect(open({ hostIds: [empty] })).rejects.toMatchObject({ code: "conflict" });
    const host = await addReadHost(db, [alice]);
    await expect(open({ hostIds: [host], dueAt: new Date(0).toISOString() })).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(open({ hostIds: [host], reviewers: [auditor] })).rejects.toMatchObject({
      code: "conflict",
    });
    const asOperator = { name: "x", scope: { kind: "all" }, reviewerIds: [bob.personId], dueAt: tomorrow() };
    await expect(act(openReview, asOperator, bob, origin)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("deciding", () => {
  test("stays with the reviewers of the host, whatever else they may do", async () => {
    const [mine, theirs] = [await addReadHost(db, [alice]), await addReadHost(db, [alice])];
    const reviewId = await open({
      hostIds: [mine, theirs],
      hostReviewers: [{ hostId: theirs, reviewerIds: [carol.personId] }],
    });
    const rows = (await view(reviewId)).rows;
    expect(rows.filter(({ isMine }) => isMine).map(({ hostId }) => hostId)).toEqual([mine]);
    const all = await itemsOf(reviewId);
    for (const actor of [bob, owner])
      await expect(decide(reviewId, "confirm", all, actor)).rejects.toMatchObject({ code: "forbidden" });
    await expect(decide(reviewId, "confirm", all, auditor)).rejects.toMatchObject({ code: "forbidden" });
    expect((await view(reviewId)).counts.undecided).toBe(2);
    await act(setReviewers, { reviewId, reviewerIds: [bob.personId] }, owner, origin);
    expect(await decide(reviewId, "confirm", all)).toMatchObject({ decided: 2, conflicts: [] });
  });

  test("loses no decision of two who decide at once: the later one is told", async () => {
    const host = await addReadHost(db, [alice, root, { account: "bob" }]);
    const reviewId = await open({ hostIds: [host], reviewers: [bob, carol] });
    const seen = await itemsOf(reviewId);
    await decide(reviewId, "revoke", seen.slice(0, 1), carol, "she left");
    expect(await decide(reviewId, "confirm", seen)).toMatchObject({
      decided: 2,
      conflicts: [{ number: 1, account: "alice", decision: "revoke", decidedByName: "Carol" }],
    });
    expect((await view(reviewId)).rows[0]).toMatchObject({ decision: "revoke", reason: "she left" });
    await expect(decide(reviewId, "confirm", seen)).rejects.toMatchObject({ code: "conflict" });
  });

  test("in parallel by many ends with one decision a way, and everybody else told", async () => {
    const host = await addReadHost(
      db,
      Array.from({ length: 20 }, (_, i) => ({ account: `user${i}` })),
    );
    const reviewId = await open({ hostIds: [host], reviewers: [bob, carol] });
    const seen = await itemsOf(reviewId);
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        decide(reviewId, i % 2 ? "confirm" : "revoke", i % 3 ? seen : seen.toReversed(), i % 2 ? bob : carol),
      ),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "conflict" });
    const rows = await db.accessReviewItem.findMany({ where: { reviewId } });
    expect(new Set(rows.map(({ version }) => version))).toEqual(new Set([1]));
    expect(new Set(rows.map(({ decidedByName }) => decidedByName)).size).toBe(1);
  });

  test("for all that fit takes as many as were told, and no others", async () => {
    const web = await addReadHost(db, [alice, root, { account: "bob" }]);
    const other = await addReadHost(db, [alice]);
    const reviewId = await open({ hostIds: [web, other] });
    const filter = { host: web };
    const all = (expected: number) =>
      act(decideAll, { reviewId, decision: "confirm", filter, expected }, bob, origin);
    expect((await view(reviewId, bob, filter)).fittingMine).toBe(3);
    await expect(all(4)).rejects.toMatchObject({ code: "conflict" });
    expect(await all(3)).toEqual({ decided: 3 });
    expect((await view(reviewId)).counts).toMatchObject({ confirmed: 3, undecided: 1 });
  });

  test("to revoke wants a reason, and can be taken back while the review is open", async () => {
    const host = await addReadHost(db, [alice]);
    const reviewId = await open({ hostIds: [host] });
    await expect(decide(reviewId, "revoke", await itemsOf(reviewId), bob, " ")).rejects.toMatchObject({
      code: "invalid",
    });
    await decide(reviewId, "revoke", await itemsOf(reviewId));
    expect(await db.accessRevocation.count({ where: { reviewId } })).toBe(1);
    await decide(reviewId, "undecided", await itemsOf(reviewId));
    expect(await db.accessRevocation.count({ where: { reviewId } })).toBe(0);
    expect((await view(reviewId)).rows[0]).toMatchObject({ decision: null, decidedAt: null, reason: "" });
  });
});

describe("a revoked way", () => {
  async function revoke(ways: WayGiven[], number = 1) {
    const host = await addReadHost(db, ways);
    const reviewId = await open({ hostIds: [host] });
    const items = (await itemsOf(reviewId)).filter((item) => item.number === number);
    await decide(reviewId, "revoke", items);
    const row = async () => (await view(reviewId)).rows.find((item) => item.number === number);
    return { host, reviewId, row };
  }

  test("says what to do, and is not called gone before a reading shows it", async () => {
    const { host, row } = await revoke([alice]);
    await watch();
    expect(await row()).toMatchObject({
      revocation: { state: "waiting" },
      fix: { source: "/home/alice/.ssh/authorized_keys:1", text: expect.stringMatching(/^Remove line 1 of/) },
    });
    await readHostAgain(db, host, [alice]);
    await watch();
    expect(await row()).toMatchObject({ revocation: { state: "there" } });
    await readHostAgain(db, host, []);
    await watch();
    const gone = await row();
    const reading = await db.accessReading.findUniqueOrThrow({ where: { hostId: host } });
    expect(gone).toMatchObject({
      revocation: { state: "gone", at: reading.readAt?.toISOString() },
      fix: null,
    });
    await readHostAgain(db, host, []);
    await watch();
    expect(await row()).toEqual(gone);
    await readHostAgain(db, host, [alice]);
    await watch();
    expect(await row()).toMatchObject({ revocation: { state: "there", backAt: expect.any(String) } });
  });

  test.each([
    ["the same key from elsewhere", { ...alice, from: ["10.0.0.0/8"] }],
    ["the same key with a password", { ...alice, methods: "publickey,password", factors: 2 }],
  ])("that only changed its form is still there: %s", async (_, changed) => {
    const { host, row } = await revoke([alice]);
    await readHostAgain(db, host, [changed]);
    await watch();
    expect(await row()).toMatchObject({ revocation: { state: "there", isChanged: true } });
  });

  test("is gone though another reviewed way of the same key stays, and another account's", async () => {
    const inside = { ...alice, from: ["10.0.0.0/8"] };
    const { host, row } = await revoke([alice, inside, { account: "bob", fingerprint: "SHA256:alice" }]);
    await readHostAgain(db, host, [inside, { account: "bob", fingerprint: "SHA256:alice" }]);
    await watch();
    expect(await row()).toMatchObject({ revocation: { state: "gone" } });
  });

  test.each([
    ["refuses its configuration", { refused: "line 3: bad" }],
    ["has more ways than are kept", { pathsLeftOut: 5 }],
    ["moved while it was read", { isConsistent: false }],
    ["was not read whole", { cuts: 1 }],
    ["was read, and not understood", { notDerived: "a fault" }],
  ])("is not called gone by a host that %s", async (_, reading) => {
    const { host, row } = await revoke([root]);
    await readHostAgain(db, host, [], reading);
    await watch();
    expect(await row()).toMatchObject({ revocation: { state: "doubt", doubt: expect.any(String) } });
    await readHostAgain(db, host, []);
    await watch();
    expect(await row()).toMatchObject({ revocation: { state: "gone" } });
  });

  test("stands among what is to be done until it is gone, and names the line of sshd_config", async () => {
    const { host, reviewId } = await revoke([root]);
    const toDo = async () => {
      const list = await read(listRevocations, {}, auditor, origin);
      return list.rows.filter((row) => row.reviewId === reviewId);
    };
    expect(await toDo()).toMatchObject([
      { hostId: host, reviewName: "Autumn", reason: "left", fix: { source: "/etc/ssh/sshd_config:7" } },
    ]);
    await readHostAgain(db, host, []);
    await watch();
    expect(await toDo()).toEqual([]);
  });

  test("of a host that was removed says that nobody looks any more", async () => {
    const { host, row } = await revoke([alice]);
    await db.host.delete({ where: { id: host } });
    await watch();
    expect(await row()).toMatchObject({
      revocation: { state: "doubt", doubt: expect.stringMatching(/removed/) },
      fix: null,
    });
  });
});

describe("reminding", () => {
  test("tells reviewers what waits for them, and nobody else", async () => {
    const host = await addReadHost(db, [alice, root]);
    const dan = await addActor(db, "admin", "Dan");
    const reviewId = await open({ hostIds: [host], reviewers: [dan] });
    const mine = (actor: Actor) => read(listMyReviews, {}, actor, origin);
    expect(await mine(dan)).toMatchObject([{ id: reviewId, undecided: 2, mine: 2, isOverdue: false }]);
    expect(await mine(auditor)).toEqual([]);
    expect((await mine(owner)).some(({ id }) => id === reviewId)).toBe(false);
    await confirmAll(reviewId, dan);
    expect(await mine(dan)).toEqual([]);
  });

  test("marks a campaign that is open after its due date, once, in the activity too", async () => {
    const host = await addReadHost(db, [alice]);
    const reviewId = await open({ hostIds: [host] });
    await db.accessReview.update({ where: { id: reviewId }, data: { dueAt: new Date(Date.now() - 1000) } });
    await watch();
    const marked = await db.accessReview.findUniqueOrThrow({ where: { id: reviewId } });
    await watch();
    expect(await db.accessReview.findUniqueOrThrow({ where: { id: reviewId } })).toEqual(marked);
    expect(marked.overdueAt).not.toBeNull();
    expect(await db.activity.count({ where: { action: "review.overdue", targetId: reviewId } })).toBe(1);
    const list = await read(listReviews, {}, auditor, origin);
    expect(list.rows.find(({ id }) => id === reviewId)).toMatchObject({ isOverdue: true });
  });
});

describe("closing", () => {
  test("waits until all is decided, or says why not", async () => {
    const host = await addReadHost(db, [alice, root]);
    const reviewId = await open({ hostIds: [host] });
    await decide(reviewId, "confirm", (await itemsOf(reviewId)).slice(0, 1));
    await expect(close(reviewId)).rejects.toMatchObject({ code: "conflict" });
    await expect(act(closeReview, { reviewId, reason: "x" }, bob, origin)).rejects.toMatchObject({
      code: "forbidden",
    });
    const { evidenceSha256 } = await close(reviewId, "Bob is ill");
    expect(await view(reviewId)).toMatchObject({
      closeReason: "Bob is ill",
      closedByName: "Olga",
      evidenceSha256,
    });
    expect(await db.activity.findFirst({ orderBy: { seq: "desc" } })).toMatchObject({
      action: "review.close",
      detail: { undecided: 1, reason: "Bob is ill", evidenceSha256 },
    });
  });

  test("is the end: no decision, no other reviewer, no second closing", async () => {
    const host = await addReadHost(db, [alice]);
    const reviewId = await open({ hostIds: [host] });
    await confirmAll(reviewId);
    await close(reviewId);
    const items = await itemsOf(reviewId);
    const late = [
      () => decide(reviewId, "revoke", items),
      () => act(decideAll, { reviewId, decision: "confirm", filter: {}, expected: 1 }, bob, origin),
      () => act(setReviewers, { reviewId, reviewerIds: [carol.personId] }, owner, origin),
      () => close(reviewId),
    ];
    for (const attempt of late)
      await expect(attempt()).rejects.toMatchObject({ code: "conflict", message: /Olga closed/ });
    expect((await view(reviewId)).rows.every(({ isMine }) => !isMine)).toBe(true);
  });

  test("is kept by the database itself, and so is what was frozen", async () => {
    const host = await addReadHost(db, [alice]);
    const reviewId = await open({ hostIds: [host] });
    const where = { reviewId_number: { reviewId, number: 1 } };
    const [id, data] = [reviewId, { account: "mallory" }];
    const whileOpen = [
      () => db.accessReviewItem.update({ where, data }),
      () => db.accessReviewItem.delete({ where }),
      () => db.accessReviewHost.updateMany({ where: { reviewId }, data: { ways: 0 } }),
      () => db.accessReview.update({ where: { id }, data: { snapshotSha256: "0" } }),
      () => db.$executeRaw`DELETE FROM "AccessReview" WHERE id = ${id}::uuid`,
      () => db.$executeRaw`TRUNCATE "AccessReview" CASCADE`,
    ];
    for (const attempt of whileOpen) await expect(attempt()).rejects.toThrow(/is evidence/);
    await confirmAll(reviewId);
    await close(reviewId);
    const { reviewId: _, ...reviewer } = await db.accessReviewer.findFirstOrThrow({ where: { reviewId } });
    const whenClosed = [
      () => db.accessReviewItem.update({ where, data: { decision: "revoke" } }),
      () => db.accessReviewer.deleteMany({ where: { reviewId } }),
      () => db.accessReviewer.create({ data: { reviewId, ...reviewer, personId: owner.personId } }),
      () => db.accessReview.update({ where: { id }, data: { closedAt: null } }),
      () => db.accessReview.update({ where: { id }, data: { evidenceSha256: "0" } }),
    ];
    for (const attempt of whenClosed)
      await expect(attempt()).rejects.toThrow(/is evidence|This review of access is closed/);
  });
});

describe("the evidence", () => {
  const evidenceOf = async (reviewId: string, actor = auditor) =>
    (await act(exportEvidence, { reviewId }, actor, origin)).document;

  test("holds its hashes, before and after closing, and the check finds what was altered", async () => {
    const host = await addReadHost(db, [{ ...alice, comment: "=cmd()\u202e" }, root]);
    const reviewId = await open({ hostIds: [host] });
    const [first, second] = await itemsOf(reviewId);
    await decide(reviewId, "confirm", [first]);
    await decide(reviewId, "revoke", [second]);
    expect(verifyEvidence(printEvidenceJson(await evidenceOf(reviewId))).faults).toEqual([]);
    const { evidenceSha256 } = await close(reviewId);
    const document = await evidenceOf(reviewId);
    expect(document).toMatchObject({ evidenceSha256, snapshotSha256: (await view(reviewId)).snapshotSha256 });
    const text = printEvidenceJson(document);
    expect(verifyEvidence(text, { sha256: evidenceSha256 })).toMatchObject({ ways: 2, faults: [] });
    for (const [from, to] of [
      ['"account": "alice"', '"account": "bob"'],
      ['"decision": "revoke"', '"decision": "confirm"'],
      ['"decidedByName": "Bob"', '"decidedByName": "Eve"'],
      ['"view": {', '"more": 1, "view": {'],
    ] as const) {
      expect(text).toContain(from);
      expect(verifyEvidence(text.replace(from, to)).faults).not.toEqual([]);
    }
    expect(verifyEvidence(text, { sha256: "0".repeat(64) }).faults).toEqual([
      "The file's hash is not the one that was noted.",
    ]);
    await readHostAgain(db, host, []);
    await watch();
    const later = await evidenceOf(reviewId);
    expect(later.evidenceSha256).toBe(evidenceSha256);
    const csv = printEvidenceCsv(later);
    expect(csv.split("\r\n")).toHaveLength(4);
    expect(csv).toContain("'=cmd()\\u202e");
    expect(csv).toMatch(/revoke,left,Bob,.*gone since/);
  });

  test("is refused when the rows are not what was frozen, and to who may not export or has not touched a key", async () => {
    const host = await addReadHost(db, [alice]);
    const reviewId = await open({ hostIds: [host] });
    await expect(evidenceOf(reviewId, bob)).rejects.toMatchObject({ code: "forbidden" });
    await expect(evidenceOf(reviewId, { ...auditor, steppedUpAt: null })).rejects.toMatchObject({
      code: "step_up_required",
    });
    await db.$transaction([
      db.$executeRaw`SET LOCAL session_replication_role = replica`,
      db.$executeRaw`UPDATE "AccessReviewItem" SET account = 'mallory' WHERE "reviewId" = ${reviewId}::uuid`,
    ]);
    await expect(evidenceOf(reviewId)).rejects.toMatchObject({ code: "conflict" });
    await expect(close(reviewId, "x")).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("since the last review", () => {
  const driftOf = async (filter = {}) => read(getDrift, filter, auditor, origin);

  test("tells what appeared, vanished or changed, and which of it is easier to get in by", async () => {
    const bobs = { account: "bob", from: ["10.0.0.0/8"] };
    const host = await addReadHost(db, [alice, root, bobs, { account: "ci", forcedCommand: "backup" }]);
    const reviewId = await open({ hostIds: [host] });
    await confirmAll(reviewId);
    expect(await driftOf()).toMatchObject({ reviewedHosts: 0, neverReviewed: 1, total: 0 });
    await close(reviewId);
    expect(await driftOf()).toMatchObject({ reviewedHosts: 1, neverReviewed: 0, total: 0 });
    await readHostAgain(db, host, [
      { ...alice, methods: "publickey,password", factors: 2 },
      { ...bobs, from: ["10.0.0.0/8", "192.0.2.1"] },
      { account: "ci" },
      { account: "new" },
    ]);
    const drift = await driftOf();
    expect(drift.counts).toEqual({ appeared: 1, vanished: 1, changed: 3, looser: 3 });
    const by = new Map(drift.rows.map((row) => [(row.after ?? row.before)?.account, row]));
    expect(by.get("alice")).toMatchObject({ kind: "changed", isLooser: false, decision: "confirm" });
    expect(by.get("bob")).toMatchObject({ kind: "changed", isLooser: true });
    expect(by.get("bob")?.differences).toEqual([
      "from more addresses: 10.0.0.0/8, 192.0.2.1 instead of 10.0.0.0/8",
    ]);
    expect(by.get("ci")).toMatchObject({ isLooser: true, differences: ["no forced command any more"] });
    expect(by.get("root")).toMatchObject({ kind: "vanished", after: null });
    expect(by.get("new")).toMatchObject({ kind: "appeared", before: null, isLooser: true });
    expect((await driftOf({ kind: "looser", q: "bob" })).rows).toHaveLength(1);
    const one = await read(getHostDrift, { hostId: host }, auditor, origin);
    expect(one).toMatchObject({ review: { id: reviewId }, appeared: 1, vanished: 1, changed: 3 });
  });

  test("is nothing where only the names of the ways are others, as by a new version of the model", async () => {
    const inside = { ...alice, from: ["10.0.0.0/8"] };
    const host = await addReadHost(db, [alice, inside, root]);
    const reviewId = await open({ hostIds: [host] });
    await confirmAll(reviewId);
    await close(reviewId);
    await db.$executeRaw`UPDATE "AccessPath" SET id = 'v2-' || id WHERE "hostId" = ${host}::uuid`;
    expect((await driftOf()).rows).toEqual([]);
  });

  test("is not told of a host that is not fully known now, nor of accounts that were not reviewed", async () => {
    const host = await addReadHost(db, [alice, root]);
    const reviewId = await open({ hostIds: [host], accounts: ["alice"] });
    await confirmAll(reviewId);
    await close(reviewId);
    expect((await driftOf()).total).toBe(0);
    for (const reading of [{ refused: "line 3: bad" }, { cuts: 1 }]) {
      await readHostAgain(db, host, [], reading);
      expect(await driftOf()).toMatchObject({ total: 0, untold: [{ hostId: host }] });
    }
  });
});
