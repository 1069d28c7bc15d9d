import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { fillTables } from "./tables.mjs";

const docs = path.resolve(import.meta.dirname, "../../docs");
const read = (name: string) => readFileSync(path.join(docs, name), "utf8");
const figures = {
  faults: JSON.parse(read("safety/faults.json")),
  "faults-earlier": JSON.parse(read("safety/faults-earlier.json")),
  lockouts: JSON.parse(read("safety/lockouts.json")),
  "false-confirms": JSON.parse(read("safety/false-confirms.json")),
  push: JSON.parse(read("safety/push.json")),
  web: JSON.parse(read("safety/web.json")),
};

test("the figures of docs/safety.md are those that the harnesses wrote: npm run safety-tables", () => {
  expect(fillTables(read("safety.md"), figures)).toBe(read("safety.md"));
});

test("another figure makes another document, and a document without a place is refused", () => {
  const total = { injected: 987_654, reached: 1, violations: 0 };
  const filled = fillTables(read("safety.md"), { ...figures, faults: { ...figures.faults, total } });
  expect(filled).toContain("| 987654 |");
  expect(() => fillTables("# Safety\n", figures)).toThrow("no place");
});
