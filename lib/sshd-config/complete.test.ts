import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { completionsAt } from "@/lib/sshd-config/complete";
import { hoverAt } from "@/lib/sshd-config/describe";
import { highlight } from "@/lib/sshd-config/highlight";

const bookworm = buildById("deb12-9.2p1")!;
const trixie = buildById("deb13-10.0p1")!;

/** Completions at the bar in the text. */
function at(marked: string, build = bookworm) {
  const offset = marked.indexOf("|");
  const found = completionsAt(marked.replace("|", ""), offset, build);
  return found && { ...found, labels: found.options.map((o) => o.label) };
}

test("keywords are offered by version", () => {
  expect(at("Per|")?.labels).not.toContain("PerSourcePenalties");
  expect(at("Per|", trixie)?.labels).toContain("PerSourcePenalties");
});

test("inside a Match block only what may stand there is offered", () => {
  expect(at("Match User a\n  |")?.labels).toContain("X11Forwarding");
  expect(at("Match User a\n  |")?.labels).not.toContain("UsePAM");
  expect(at("Match all\n|")?.labels).toContain("UsePAM");
});

test("the whole word under the cursor is replaced", () => {
  expect(at("Port 22\n  Permit|Root no\n")).toMatchObject({ from: 10, to: 20 });
  expect(at("PermitRootLogin ye|s\n")).toMatchObject({ from: 16, to: 19 });
});

test("values are those of the directive", () => {
  expect(at("PermitRootLogin |")?.labels).toEqual([
    "yes",
    "no",
    "prohibit-password",
    "without-password",
    "forced-commands-only",
  ]);
});

test("Match offers criteria, then nothing of its own, then criteria again", () => {
  expect(at("Match |")?.labels).toContain("all");
  expect(at("Match User |")?.labels).toEqual([]);
  expect(at("Match User alice |")?.labels).toContain("Address");
  expect(at("Match User alice |")?.labels).not.toContain("all");
  expect(at("Match |")?.labels).not.toContain("Invalid-User");
});

test("comments complete nothing", () => {
  expect(at("# Per|")).toBeUndefined();
  expect(at("Port 22 # x|")).toBeUndefined();
});

test("hover tells default and version, and when this sshd refuses the keyword", () => {
  expect(hoverAt("maxauthtries 3\n", 4, bookworm)).toMatchObject({
    title: "MaxAuthTries",
    default: "6",
    from: 0,
    to: 12,
  });
  expect(hoverAt("PerSourcePenalties no\n", 4, bookworm)).toMatchObject({ since: "OpenSSH 9.8" });
  expect(hoverAt("PerSourcePenalties no\n", 4, bookworm)?.help).toContain("refuses to start");
  expect(hoverAt("Ciphers aes128-ctr\n", 2, bookworm)?.default).toContain("chacha20");
  expect(hoverAt("# x\n", 1, bookworm)).toBeUndefined();
});

test("every word of a line is coloured by what it is", () => {
  const kinds = (line: string) => highlight(line).map((t) => `${t.kind} ${line.slice(t.from, t.to)}`);
  expect(kinds("  Port 22 # x")).toEqual(["keyword Port", "number 22", "comment # x"]);
  expect(kinds('Match User "a b" Address 10.*')).toEqual([
    "match Match",
    "criterion User",
    'string "a b"',
    "criterion Address",
    "number 10.*",
  ]);
  expect(kinds("Foo bar")).toEqual(["invalid Foo", "value bar"]);
  expect(kinds("Banner 'x")).toEqual(["keyword Banner", "invalid 'x"]);
});
