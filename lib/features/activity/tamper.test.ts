import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyExport } from "@/lib/features/activity/verify-export";
import { printCheckpoint, signCheckpoint } from "@/lib/secrets/checkpoint";
import { Dice, exportOf, makeWorld, tamper, tamperKinds, type World } from "@/lib/testing/tampering";

// GATEHOUSE_TAMPER_ROUNDS=1000: `npm run test:activity-tamper`.
const rounds = Number(process.env.GATEHOUSE_TAMPER_ROUNDS ?? 20);
const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-tamper-"));
let world: World;
let signers: { signer: string; checkpointSigner: string };

beforeAll(() => {
  process.env.DATABASE_URL = "postgresql://nobody@localhost/none";
  for (const owner of ["web", "worker"])
    writeFileSync(path.join(folder, `${owner}.key`), randomBytes(32), { mode: 0o600 });
  process.env.GATEHOUSE_WEB_KEY_FILE = path.join(folder, "web.key");
  process.env.GATEHOUSE_WORKER_KEY_FILE = path.join(folder, "worker.key");
  world = makeWorld(60, new Dice(1));
  const { signedBy, checkpointSigners } = verifyExport(exportOf(world));
  signers = { signer: signedBy ?? "", checkpointSigner: checkpointSigners[0] ?? "" };
});
afterAll(() => rmSync(folder, { recursive: true }));

test("an honest export is never called tampered with, whatever it is held against", () => {
  const text = exportOf(world);
  const report = verifyExport(text, { ...signers, earlier: text, witness: world.witness });
  expect(report).toMatchObject({ rows: 60, checkpoints: 6, witnessed: 6, faults: [] });
  for (let length = 1; length <= 60; length += 1) {
    const younger = makeWorld(length, new Dice(length));
    expect(verifyExport(exportOf(younger), { ...signers, witness: younger.witness }).faults).toEqual([]);
  }
});

test("what a host was shown after the export was made is no fault of the export", () => {
  const point = { seq: "61", hash: "ab".repeat(32), at: "2036-01-01T00:00:00.000Z" };
  const later = `${world.witness}${printCheckpoint(signCheckpoint(point, "worker"))}\n`;
  const report = verifyExport(exportOf(world), { ...signers, witness: later });
  expect(report).toMatchObject({ witnessed: 6, faults: [] });
});

test("a line that somebody wrote into a witness is told", () => {
  const altered = world.witness.replace(/^10 /, "11 ");
  expect(verifyExport(exportOf(world), { witness: altered }).faults.join()).toMatch(/no signed checkpoint/);
});

describe(`of ${rounds} attackers with the database and the web process's key, all are found`, () => {
  test.each(tamperKinds)("%s", (kind) => {
    const dice = new Dice(tamperKinds.indexOf(kind) + 100);
    const found = { byRows: 0, withCheckpoints: 0, withWitness: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const { rows, checkpoints } = tamper(kind, world, dice);
      const alone = exportOf({ rows, checkpoints: [] });
      const text = exportOf({ rows, checkpoints });
      if (verifyExport(alone).faults.length > 0) found.byRows += 1;
      if (verifyExport(text, signers).faults.length > 0) found.withCheckpoints += 1;
      if (verifyExport(text, { ...signers, witness: world.witness }).faults.length > 0)
        found.withWitness += 1;
    }
    console.log(JSON.stringify({ test: "activity-tamper", kind, tried: rounds, ...found }));
    expect(found.withWitness).toBe(rounds);
    // A chain that is right in itself is what the rows alone cannot show: else this test would prove nothing.
    if (kind === "truncation" || kind === "rewrite") expect(found.byRows).toBe(0);
    else expect(found.byRows).toBe(rounds);
  });
});
