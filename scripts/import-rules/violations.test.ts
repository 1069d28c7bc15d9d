import { describe, expect, test } from "vitest";
import { findViolations } from "./violations.mjs";

/** What is said about one file that imports as `source` does, with the files that it may name. */
function check(file: string, source: string, others: Record<string, string> = {}): string[] {
  const files = Object.entries({ ...others, [file]: source }).map(([name, text]) => ({
    file: name,
    source: text,
  }));
  return findViolations(files).map((violation) => `${violation.file}:${violation.line} ${violation.what}`);
}

describe("a forbidden import is found", () => {
  test.each([
    ["pure → edge", "lib/change/x.ts", 'import { prisma } from "@/lib/db/client";'],
    ["pure → edge, its type only", "lib/change/x.ts", 'import type { Db } from "@/lib/db/client";'],
    ["pure → edge, by import()", "lib/change/x.ts", 'const db = () => import("@/lib/db/client");'],
    ["pure → edge, by an import type", "lib/change/x.ts", 'type Db = import("@/lib/db/client").Db;'],
    ["pure → edge, by export from", "lib/change/x.ts", 'export { prisma } from "@/lib/db/client";'],
    ["pure → edge, by a relative path", "lib/change/x.ts", 'import { prisma } from "../db/client";'],
    ["pure → higher pure", "lib/sshd-config/x.ts", 'import { a } from "@/lib/access/lockout";'],
    ["pure → Node", "lib/access/x.ts", 'import { hash } from "node:crypto";'],
    ["pure → zod", "lib/access/x.ts", 'import { z } from "zod";'],
    ["pure → React", "lib/access/x.ts", 'import { useState } from "react";'],
    ["edge → another edge", "lib/ssh/x.ts", 'import { prisma } from "@/lib/db/client";'],
    ["edge → feature", "lib/db/x.ts", 'import { a } from "@/lib/features/hosts/queries";'],
    ["http → feature", "lib/http/x.ts", 'import { a } from "@/lib/features/hosts/queries";'],
    ["feature → React", "lib/features/hosts/x.ts", 'import { cache } from "react";'],
    ["component → query", "components/hosts/x.tsx", 'import { a } from "@/lib/features/hosts/queries";'],
    ["component → another folder", "components/hosts/x.tsx", 'import { a } from "@/components/people/y";'],
    ["component → Node", "components/hosts/x.tsx", 'import fs from "node:fs";'],
    ["primitive → pure", "components/ui/x.tsx", 'import { a } from "@/lib/policy/rank";'],
    ["page → database", "app/page.tsx", 'import { prisma } from "@/lib/db/client";'],
    ["worker → commands", "scripts/worker.ts", 'import { a } from "@/lib/features/hosts/commands";'],
    ["ssh2 outside its owner", "lib/agent/x.ts", 'import { Client } from "ssh2";'],
    ["cookies outside their owner", "lib/http/x.ts", 'import { cookies } from "next/headers";'],
    ["the environment outside its owner", "lib/http/x.ts", "export const a = process.env.PORT;"],
    ["the clock outside its owner", "lib/features/hosts/x.ts", "export const a = Date.now();"],
    ["the clock by another name", "lib/features/hosts/x.ts", "export const a = new Date();"],
  ])("%s", (_, file, source) => {
    expect(check(file, source)).toHaveLength(1);
  });

  test("in TSX, with the line", () => {
    const page =
      'import { Page } from "@/components/ui/page";\nimport { prisma } from "@/lib/db/client";\nexport default () => <Page />;\n';
    expect(check("app/page.tsx", page)).toEqual(["app/page.tsx:2 app may not import lib/db/client."]);
  });
});

describe("what the table allows passes", () => {
  test.each([
    ["pure → lower pure", "lib/access/x.ts", 'import { parse } from "@/lib/sshd-config/parser";'],
    ["agent → ssh", "lib/agent/x.ts", 'import { connect } from "@/lib/ssh/ssh2";'],
    ["feature → edge", "lib/features/hosts/x.ts", 'import { connect } from "@/lib/ssh/ssh2";'],
    [
      "component → view",
      "components/hosts/x.tsx",
      'import type { HostView } from "@/lib/features/hosts/views";',
    ],
    ["component → primitive", "components/hosts/x.tsx", 'import { Button } from "@/components/ui/button";'],
    ["worker → jobs", "scripts/worker.ts", 'import { jobs } from "@/lib/features/hosts/jobs";'],
    ["the owner of a package", "lib/otp/x.ts", 'import { verify } from "otplib";'],
    ["a moment made of numbers", "lib/features/hosts/x.ts", "export const a = new Date(0);"],
    ["a test beside pure code", "lib/access/x.test.ts", 'import { execFileSync } from "node:child_process";'],
  ])("%s", (_, file, source) => {
    expect(check(file, source)).toEqual([]);
  });
});

test("a folder of lib that is in no layer fails", () => {
  expect(check("lib/helpers/x.ts", "export {};")).toEqual([
    "lib/helpers/x.ts:1 This folder is in no layer, so nothing would check its imports.",
  ]);
});

test("features that import each other in a circle fail, and the circle is named", () => {
  const others = { "lib/features/hosts/queries.ts": 'import { b } from "@/lib/features/changes/queries";' };
  const found = check(
    "lib/features/changes/queries.ts",
    'import { a } from "@/lib/features/hosts/queries";',
    others,
  );
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/circle: (changes → hosts → changes|hosts → changes → hosts)/);
});

test("every ban carries its remedy", () => {
  const [violation] = findViolations([{ file: "lib/access/x.ts", source: 'import "node:fs";' }]);
  expect(violation?.remedy).toMatch(/Take what you need as a parameter/);
});
