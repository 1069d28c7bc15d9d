import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { effectiveRows } from "@/lib/sshd-config/effective-rows";
import { findOpenQuestions } from "@/lib/sshd-config/open-questions";

const bookworm = buildById("deb12-9.2p1")!;
const main = "/etc/ssh/sshd_config";

function row(text: string, keyword: string, connection = {}) {
  const { rows } = effectiveRows([{ path: main, text }], connection, bookworm);
  return rows?.find((one) => one.keyword === keyword);
}

test("an empty file is nothing but defaults", () => {
  const { rows } = effectiveRows([{ path: main, text: "# nothing\n" }], { user: "root" }, bookworm);
  expect(rows?.length).toBeGreaterThan(80);
  expect(rows?.filter(({ isDefault, origins }) => !isDefault || origins.length > 0)).toEqual([]);
});

test("a value names the line that set it, also when it is the default", () => {
  expect(row("Port 22\nMaxAuthTries 3\n", "MaxAuthTries")).toMatchObject({
    values: ["3"],
    origins: [{ path: main, line: 2 }],
    isDefault: false,
    topic: "Who gets in",
  });
  expect(row("X11Forwarding no\n", "X11Forwarding")).toMatchObject({
    isDefault: true,
    origins: [{ line: 1 }],
  });
});

test("a keyword with several values is one row with every line that gave one", () => {
  expect(row("Port 22\nPort 2222\n", "Port")).toMatchObject({
    values: ["22", "2222"],
    origins: [{ line: 1 }, { line: 2 }],
  });
});

test("a Match block that holds for the connection decides, for others it does not", () => {
  const text = "MaxSessions 5\nMatch User bob\n  MaxSessions 1\n";
  expect(row(text, "MaxSessions", { user: "bob" })).toMatchObject({ values: ["1"], origins: [{ line: 3 }] });
  expect(row(text, "MaxSessions", { user: "eve" })).toMatchObject({ values: ["5"], origins: [{ line: 1 }] });
});

test("a configuration that sshd refuses has no effective values", () => {
  expect(effectiveRows([{ path: main, text: "Nonsense\n" }], {}, bookworm).refused).toContain("Nonsense");
});

test("what Match asks for and nobody has said is an open question", () => {
  const text = "Match Group staff Address 10.0.0.0/8\nMatch User bob\nMatch all\nMatch LocalPort 22\n";
  const files = [{ path: main, text }];
  expect(findOpenQuestions(files, { user: "bob" }, false, bookworm)).toMatchObject([
    { line: 1, criterion: "group", value: "staff" },
    { line: 1, criterion: "address", value: "10.0.0.0/8" },
  ]);
  expect(findOpenQuestions(files, { user: "bob", address: "10.1.1.1" }, true, bookworm)).toEqual([]);
});
