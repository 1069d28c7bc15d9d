import { expect, test } from "vitest";
import { newestBuild } from "@/lib/sshd-config/build";
import { firstAnswer, isShort } from "./first-answer";

const main = "/etc/ssh/sshd_config";
const included = "/etc/ssh/sshd_config.d/1.conf";
const lines = (count: number) => "X11Forwarding no\n".repeat(count);

test("everyday files are answered at once", () => {
  const files = [{ path: main, text: "PermitRootLogin yes\n" }];
  const { answer, isPending } = firstAnswer("findings", { files, build: newestBuild, host: {} });
  expect(isPending).toBe(false);
  expect(answer.diagnostics.map(({ code }) => code)).toContain("no-root-password");
});

test("files of many lines, or of few very long ones, are left to the analyst", () => {
  for (const text of [lines(5_001), `AllowUsers ${"a ".repeat(200_000)}\n`]) {
    const files = [{ path: main, text }];
    const { answer, isPending } = firstAnswer("findings", { files, build: newestBuild, host: {} });
    expect(isPending).toBe(true);
    expect(answer.diagnostics).toEqual([]);
  }
});

test("a file counts as often as it may be included", () => {
  const once = [
    { path: main, text: `Include ${included}\n` },
    { path: included, text: lines(4_000) },
  ];
  expect(isShort(once, newestBuild)).toBe(true);
  const twice = once.map((file) => (file.path === main ? { ...file, text: file.text.repeat(2) } : file));
  expect(isShort(twice, newestBuild)).toBe(false);
});

test("files that include others are not short, whatever their length", () => {
  const files = [
    { path: main, text: `Include ${included}\n` },
    { path: included, text: `In"clude" ${main}\n` },
  ];
  expect(isShort(files, newestBuild)).toBe(false);
});
