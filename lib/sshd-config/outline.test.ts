import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { outlineOf } from "@/lib/sshd-config/outline";

const bookworm = buildById("deb12-9.2p1")!;

function outline(text: string, others: { path: string; text: string }[] = []) {
  const file = { path: "/etc/ssh/sshd_config", text };
  return outlineOf(file, [file, ...others], bookworm);
}

test("a file falls into what holds for everybody and its Match blocks", () => {
  const text = "# head\nPort 22\n\nMatch User bob # guest\n  X11Forwarding no\nMatch all\n";
  expect(
    outline(text).map(({ kind, title, line, directives }) => ({ kind, title, line, directives })),
  ).toEqual([
    { kind: "global", title: "For every connection", line: 1, directives: 1 },
    { kind: "match", title: "Match User bob", line: 4, directives: 1 },
    { kind: "match", title: "Match all", line: 6, directives: 0 },
  ]);
});

test("a block reaches from its line to the next Match, or to the end of the file", () => {
  const text = "Port 22\nMatch User a\n  Banner none\nMatch User b\n  Banner none\n";
  expect(outline(text).map(({ from, to }) => text.slice(from, to))).toEqual([
    "Port 22\n",
    "Match User a\n  Banner none\n",
    "Match User b\n  Banner none\n",
  ]);
});

test("an Include names the files that it reads, in the order in which sshd does", () => {
  const others = ["/etc/ssh/sshd_config.d/b.conf", "/etc/ssh/sshd_config.d/a.conf"].map((path) => ({
    path,
    text: "",
  }));
  const found = outline("Include sshd_config.d/*.conf\nInclude nothing\n", others);
  expect(found.filter(({ kind }) => kind === "include").map(({ files }) => files)).toEqual([
    ["/etc/ssh/sshd_config.d/a.conf", "/etc/ssh/sshd_config.d/b.conf"],
    [],
  ]);
});

test("comments alone have no outline", () => {
  expect(outline("# Match User bob\n\n")).toEqual([]);
});
