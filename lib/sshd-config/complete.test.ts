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

test("a file that is included in a Match block is one throughout, until it opens its own", () => {
  const labels = (text: string) =>
    completionsAt(text, text.length, bookworm, { inMatch: true })?.options.map((o) => o.label);
  expect(labels("# included\n")).not.toContain("UsePAM");
  expect(labels("Match all\n")).toContain("UsePAM");
});

test("a comment or a value that says match opens no block", () => {
  expect(at("# Match User a\n|")?.labels).toContain("UsePAM");
  expect(at("Banner /match\n|")?.labels).toContain("UsePAM");
  expect(at("  mAtCh User a\n# x\n\n|")?.labels).not.toContain("UsePAM");
});

test("of a list of algorithms one name is replaced, and only the first may bear a sign", () => {
  expect(at("Ciphers aes128-ctr,aes2|56-ctr,3des-cbc")).toMatchObject({ from: 19, to: 29 });
  expect(at("Ciphers aes128-ctr,|")).toMatchObject({ from: 19, to: 19 });
  expect(at("Ciphers +aes|")).toMatchObject({ from: 9, to: 12 });
  expect(at("Ciphers |")?.labels).toContain("+");
  expect(at("Ciphers aes128-ctr,|")?.labels).not.toContain("+");
  expect(at("Ciphers |")?.labels).toContain("chacha20-poly1305@openssh.com");
  expect(at("KexAlgorithms |")?.labels).not.toContain("mlkem768x25519-sha256");
  expect(at("KexAlgorithms |", trixie)?.labels).toContain("mlkem768x25519-sha256");
});

test("accounts of the host are offered where names of accounts stand", () => {
  const labels = (text: string) =>
    completionsAt(text, text.length, bookworm, { accounts: ["alice", "bob"] })?.options.map((o) => o.label);
  expect(labels("Match User ")).toEqual(["alice", "bob"]);
  expect(labels("AllowUsers alice ")).toEqual(["alice", "bob"]);
  expect(labels("Match Group ")).toEqual([]);
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
  expect(hoverAt("\nUsePAM yes\nPort 22\n", 3, bookworm)).toMatchObject({ from: 1, to: 7, inMatch: false });
  expect(hoverAt("PermitRootLogin no", 3, bookworm)?.risk).toBe("decides who gets in");
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

test("an empty first line ends the search for a Match block", () => {
  const text = "\nPort 22\nP";
  expect(completionsAt(text, text.length, bookworm)?.options.map((o) => o.label)).toContain("Port");
});
