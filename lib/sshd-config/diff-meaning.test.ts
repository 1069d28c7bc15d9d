import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { diffMeaning } from "@/lib/sshd-config/diff-meaning";

const bookworm = buildById("deb12-9.2p1")!;
const file = (text: string) => [{ path: "/etc/ssh/sshd_config", text }];
const diff = (before: string, after: string) => diffMeaning(file(before), file(after), bookworm);

test("a value for everyone is compared with the default where no line sets it", () => {
  expect(diff("UsePAM yes\n", "UsePAM yes\nPasswordAuthentication no\n")).toEqual([
    {
      keyword: "PasswordAuthentication",
      criteria: undefined,
      before: ["yes"],
      after: ["no"],
      items: undefined,
    },
  ]);
});

test("comments, order and lines that never take effect mean nothing", () => {
  expect(diff("Port 22\nUsePAM yes\n", "# hello\nUsePAM yes\nPort 22\nUsePAM no\nMaxAuthTries 6\n")).toEqual(
    [],
  );
});

test("what a block says is told by its criteria", () => {
  expect(
    diff(
      "X11Forwarding no\nMatch User alice\nX11Forwarding yes\n",
      "X11Forwarding no\nMatch User alice\nX11Forwarding no\nMatch Group ops\nMaxAuthTries 2\n",
    ),
  ).toEqual([
    { keyword: "X11Forwarding", criteria: "User alice", before: ["yes"], after: ["no"], items: undefined },
    { keyword: "MaxAuthTries", criteria: "Group ops", before: ["6"], after: ["2"], items: undefined },
  ]);
});

test("of lists it says what goes and what comes", () => {
  expect(diff("AllowUsers alice bob\n", "AllowUsers bob carol\n")[0]).toMatchObject({
    keyword: "AllowUsers",
    items: { gone: ["alice"], come: ["carol"] },
  });
  expect(diff("", "MACs -umac*\n")[0]?.items?.gone).toContain("umac-64@openssh.com");
  expect(diff("", "MACs -umac*\n")[0]?.items?.come).toEqual([]);
});
