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
  const text =
    "Banner none\nMatch User !bob\n  X11Forwarding yes\n# end\n\nMatch User *,!bob\n  MaxSessions 3\n";
  expect(dead(text)).toEqual(["Match User !bob", "  X11Forwarding yes"]);
  const files = [{ path: "/etc/ssh/sshd_config", text }];
  for (const user of ["alice", "bob"]) {
    const { settings } = evaluate(files, { user }, bookworm);
    expect(settings?.find(({ keyword }) => keyword === "x11forwarding")?.value).toBe("no");
  }
});

test("only the lines of a dead block tell their reason: its Match line has a diagnostic", () => {
  const files = [{ path: "/etc/ssh/sshd_config", text: "Match User !bob\n  X11Forwarding yes\n" }];
  const found = findDeadStretches(files, diagnose(files, bookworm), bookworm);
  expect(found.map(({ reason }) => reason)).toEqual([
    undefined,
    expect.stringContaining("Never takes effect"),
  ]);
});

test("blocks and lines that may hold are alive", () => {
  for (const criteria of ["all", "Address 10.0.0.0/8", "Group !staff,*", "User root Address *,!10.0.0.1"])
    expect(dead(`Include sshd_config.d/*.conf\nMatch ${criteria}\n  MaxSessions 3\n`), criteria).toEqual([]);
});
