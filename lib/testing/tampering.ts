import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { type ChainedRow, chainStart, hashRow } from "@/lib/db/activity-chain";
import { exportFormat, printRow } from "@/lib/features/activity/export-format";
import { printCheckpoint, type SignedCheckpoint, signCheckpoint } from "@/lib/secrets/checkpoint";

// An activity, and everything that somebody with the database and the web process's key could do to it before an export.

export const tamperKinds = ["edit", "delete", "insert", "swap", "truncation", "rewrite"] as const;
export type TamperKind = (typeof tamperKinds)[number];

/** Numbers that look random and are the same for the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number of 0 to below `end`. */
  below(end: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  }

  of<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }
}

/** What leaves an installation: rows, the checkpoints beside them, and what a host was shown meanwhile. */
export interface World {
  readonly rows: readonly ChainedRow[];
  readonly checkpoints: readonly SignedCheckpoint[];
  readonly witness: string;
}

const start = Date.UTC(2026, 0, 1);
const actions = ["change.apply", "host.repin", "person.set-role", "key.remove"];

function chain(rows: readonly ChainedRow[], from = 0): ChainedRow[] {
  const made = rows.slice(0, from);
  for (const row of rows.slice(from)) {
    const prevHash = made.at(-1)?.hash ?? chainStart;
    const next = { ...row, seq: BigInt(made.length + 1), prevHash };
    made.push({ ...next, hash: hashRow(prevHash, next) });
  }
  return made;
}

function rowAt(index: number, dice: Dice): ChainedRow {
  return {
    seq: BigInt(index + 1),
    at: new Date(start + index * 60_000),
    actorId: crypto.randomUUID(),
    actorName: dice.of(["Ann", "Bob", "Cid"]),
    address: `192.0.2.${dice.below(200)}`,
    action: dice.of(actions),
    outcome: dice.of(["done", "intent", "refused"]),
    intentSeq: null,
    targetType: "host",
    targetId: crypto.randomUUID(),
    targetName: `web-${dice.below(50)}`,
    detail: { note: dice.below(1_000_000), list: [dice.below(9)] },
    prevHash: chainStart,
    hash: chainStart,
  };
}

/** An honest activity of `count` rows; a checkpoint every tenth row, each of them shown to a host. */
export function makeWorld(count: number, dice: Dice): World {
  const rows = chain(Array.from({ length: count }, (_, index) => rowAt(index, dice)));
  const checkpoints = rows
    .filter((_, index) => index % 10 === 9 || index === count - 1)
    .map((row) => signCheckpoint(pointOf(row), "worker"));
  return { rows, checkpoints, witness: checkpoints.map((point) => `${printCheckpoint(point)}\n`).join("") };
}

function pointOf({ seq, hash, at }: ChainedRow) {
  return { seq: seq.toString(), hash: Buffer.from(hash).toString("hex"), at: at.toISOString() };
}

/** The export of these rows, its head signed by the installation's own web key. */
export function exportOf({ rows, checkpoints }: Pick<World, "rows" | "checkpoints">): string {
  const last = rows.at(-1);
  const end = last ? pointOf(last) : { seq: "0", hash: "00".repeat(32) };
  const head = signCheckpoint({ ...end, at: new Date(start + 86_400_000 * 365).toISOString() }, "web");
  return [
    JSON.stringify({ format: exportFormat, head }),
    ...rows.map(printRow),
    ...checkpoints.map((checkpoint) => JSON.stringify({ checkpoint })),
    "",
  ].join("\n");
}

/** A row with one of its fields another one. */
function edited(row: ChainedRow, dice: Dice): ChainedRow {
  const edits: Partial<ChainedRow>[] = [
    { actorName: `${row.actorName}x` },
    { actorId: null },
    { address: "203.0.113.9" },
    { action: "session.end" },
    { outcome: row.outcome === "done" ? "failed" : "done" },
    { at: new Date(row.at.getTime() + 1) },
    { targetName: "mail" },
    { targetId: crypto.randomUUID() },
    { intentSeq: 1n },
    { detail: { note: -1 } },
    { hash: createHash("sha256").update(row.hash).digest() },
    { prevHash: createHash("sha256").update(row.prevHash).digest() },
  ];
  return { ...row, ...dice.of(edits) };
}

/** Signs as the worker would, with a key of the attacker's own. */
function forge(row: ChainedRow): SignedCheckpoint {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const point = pointOf(row);
  const bytes = Buffer.from(`gatehouse activity checkpoint 1\n${point.seq}\n${point.hash}\n${point.at}\n`);
  return {
    ...point,
    publicKey: publicKey.export({ format: "der", type: "spki" }).subarray(12).toString("hex"),
    signature: sign(null, bytes, privateKey).toString("hex"),
  };
}

/** What the attacker makes of the checkpoints that lie in the same database. */
function cover(
  { checkpoints }: World,
  rows: readonly ChainedRow[],
  first: number,
  dice: Dice,
): SignedCheckpoint[] {
  const before = checkpoints.filter(({ seq }) => Number(seq) <= first);
  const after = rows.filter(({ seq }) => Number(seq) > first && Number(seq) % 10 === 0);
  return dice.of([
    () => [...checkpoints],
    () => before,
    () => [],
    () => [...before, ...after.map(forge)],
    () => [
      ...before,
      ...after.map((row) => ({ ...pointOf(row), publicKey: "00".repeat(32), signature: "00".repeat(64) })),
    ],
  ])();
}

/** The world after one act of the attacker. Not one of them leaves it as it was. */
export function tamper(kind: TamperKind, world: World, dice: Dice): Pick<World, "rows" | "checkpoints"> {
  const { rows, checkpoints } = world;
  const at = dice.below(rows.length - 1);
  const row = rows[at];
  const next = rows[at + 1];
  if (!row || !next) throw new Error("a chain of two rows at least");
  switch (kind) {
    case "edit": {
      const other = edited(row, dice);
      // Half of them mend the row's own hash.
      const mended = dice.below(2) === 0 ? { ...other, hash: hashRow(other.prevHash, other) } : other;
      return { rows: rows.with(at, same(mended, row) ? { ...row, actorName: "Eve" } : mended), checkpoints };
    }
    case "delete": {
      // Never the last row: that is a truncation.
      const left = rows.toSpliced(Math.min(at, rows.length - 4), 1 + dice.below(3));
      // Half of them number the rest anew.
      return { rows: dice.below(2) === 0 ? renumbered(left) : left, checkpoints };
    }
    case "insert": {
      const forged = { ...rowAt(at + 1, dice), seq: next.seq, prevHash: row.hash };
      const inserted = dice.of([row, { ...forged, hash: hashRow(row.hash, forged) }]);
      const more = rows.toSpliced(at + 1, 0, inserted);
      return { rows: dice.below(2) === 0 ? renumbered(more) : more, checkpoints };
    }
    case "swap": {
      const far = dice.below(rows.length);
      const to = far === at ? at + 1 : far;
      const moved = rows.with(at, rows[to] ?? next).with(to, row);
      return { rows: dice.below(2) === 0 ? renumbered(moved) : moved, checkpoints };
    }
    case "truncation": {
      const cut = rows.slice(0, at);
      return { rows: cut, checkpoints: cover(world, cut, at, dice) };
    }
    case "rewrite": {
      // From the first row, or from some row on; every hash after it is right again.
      const from = dice.below(2) === 0 ? 0 : at;
      const changed = chain(rows.with(at, { ...row, actorName: "Eve" }), Math.min(from, at));
      return { rows: changed, checkpoints: cover(world, changed, at, dice) };
    }
  }
}

function renumbered(rows: readonly ChainedRow[]): ChainedRow[] {
  return rows.map((row, index) => ({ ...row, seq: BigInt(index + 1) }));
}

function same(a: ChainedRow, b: ChainedRow): boolean {
  return printRow(a) === printRow(b);
}
