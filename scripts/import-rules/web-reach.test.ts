import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { readUses } from "./imports.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const hostsKey = "lib/secrets/worker-sealer.ts";
const wayOut = "lib/key-import/fetch-text.ts";

/** The project's file that an import names; undefined for a package and for data. */
function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith("@/") && !specifier.startsWith(".")) return undefined;
  const target = specifier.startsWith("@/") ? specifier.slice(2) : path.join(path.dirname(from), specifier);
  return (
    ["", ".ts", ".tsx", ".mjs"]
      .map((extension) => target + extension)
      .find((file) => /\.(ts|tsx|mjs)$/.test(file) && existsSync(path.join(root, file)))
      // Prisma's client, megabytes that import themselves only.
      ?.replace(/^lib\/generated\/.*/, "")
  );
}

/** How `file` is reached from one of these, the first of them first; undefined: it is not. */
function findTrail(from: readonly string[], file: string): string[] | undefined {
  const trails = new Map(from.map((start) => [start, [start]]));
  for (const [at, trail] of trails) {
    if (at === file) return trail;
    for (const { name } of readUses(at, readFileSync(path.join(root, at), "utf8")).imports) {
      const next = resolve(at, name);
      if (next && !trails.has(next)) trails.set(next, [...trail, next]);
    }
  }
  return undefined;
}

const doors = readdirSync(path.join(root, "app"), { recursive: true, encoding: "utf8" })
  .map((file) => `app/${file}`)
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file));

test("nothing that the web process loads can open what is sealed for the worker", () => {
  expect(doors.length).toBeGreaterThan(50);
  const all = [...doors, "proxy.ts", "instrumentation.ts"];
  expect(findTrail(all, hostsKey)).toBeUndefined();
}, 60_000);

test("nothing that the web process loads fetches from servers of others", () => {
  expect(findTrail(doors, wayOut)).toBeUndefined();
}, 60_000);

test("the search would find it: the worker reaches it", () => {
  for (const file of [hostsKey, wayOut]) expect(findTrail(["scripts/worker.ts"], file)?.at(-1)).toBe(file);
}, 60_000);
