import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { findDeadStretches } from "@/lib/sshd-config/dead";
import { evaluate } from "@/lib/sshd-config/evaluate";
import { diagnose } from "@/lib/sshd-config/validate";

const bookworm = buildById("deb12-9.2p1")!;

/** The text of every dead stretch. */
function dead(text: string): string[] {
  const files = [{ path: "/etc/ssh/sshd_config", text }];
  return findDeadStretches(files, diagnose(files, bookworm), bookworm).map(({ from, to }) =>
    text.slice(from, to),
  );
}

test("a line that an earlier one makes void is dead, from its first blank to its end", () => {
  expect(dead("MaxAuthTries 3\n  MaxAuthTries 6 # later\n")).toEqual(["  MaxAuthTries 6 # later"]);
});

test("a block whose list only excludes is dead to its last directive, as sshd sees it", () => {
  const text = "Banner none\nMatch User !bob\n  X11Forwarding yes\n\nMatch User *,!bob\n  MaxSessions 3\n";
  expect(dead(text)).toEqual(["Match User !bob\n  X11Forwarding yes"]);
  const files = [{ path: "/etc/ssh/sshd_config", text }];
  for (const user of ["alice", "bob"]) {
    const { settings } = evaluate(files, { user }, bookworm);
    expect(settings?.find(({ keyword }) => keyword === "x11forwarding")?.value).toBe("no");
  }
});

test("two User criteria without a common account are dead, with one they are not", () => {
  expect(dead("Match User alice User bob\n  MaxSessions 3\n")).toHaveLength(1);
  expect(dead("Match User alice,carol User c*\n  MaxSessions 3\n")).toEqual([]);
  expect(dead("Match User a* User bob\n  MaxSessions 3\n")).toEqual([]);
});

test("blocks that may hold are alive", () => {
  for (const criteria of ["all", "Address 10.0.0.0/8", "Group !staff,*", "User root Address *,!10.0.0.1"])
    expect(dead(`Match ${criteria}\n  MaxSessions 3\n`), criteria).toEqual([]);
});

test("an Include without a file is dead, one of whose patterns a file answers to is not", () => {
  const files = [
    { path: "/etc/ssh/sshd_config", text: "Include gone.conf\nInclude gone.conf here.conf\n" },
    { path: "/etc/ssh/here.conf", text: "Port 22\n" },
  ];
  expect(findDeadStretches(files, [], bookworm)).toMatchObject([{ from: 0, to: 17, diagnosed: false }]);
});
