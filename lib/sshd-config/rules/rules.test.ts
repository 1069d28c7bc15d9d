import { expect, test } from "vitest";
import { buildById, builds } from "@/lib/sshd-config/build";
import type { Diagnostic, Edit } from "@/lib/sshd-config/diagnostic";
import { allRules } from "@/lib/sshd-config/rules/all-rules";
import { type RuleExample, ruleExamples } from "@/lib/sshd-config/rules/examples";
import { diagnose } from "@/lib/sshd-config/validate";
import { unknownWorld } from "@/lib/sshd-config/world";

const path = "/etc/ssh/sshd_config";
const buildOf = ({ build = "deb12-9.2p1" }: RuleExample) => buildById(build)!;
const look = (text: string, example: RuleExample) =>
  diagnose([{ path, text }], buildOf(example), unknownWorld, example.host);

function codes(text: string, build = "deb12-9.2p1") {
  return diagnose([{ path, text }], buildById(build)!).map((d) => `${d.line} ${d.code}`);
}

function apply(text: string, edits: readonly Edit[]): string {
  const sorted = edits.toSorted((a, b) => b.from - a.from);
  return sorted.reduce((t, { from, to, insert }) => t.slice(0, from) + insert + t.slice(to), text);
}

test("every rule has examples, and every example a rule", () => {
  expect(ruleExamples.map((e) => e.code).toSorted()).toEqual(allRules.map((r) => r.code).toSorted());
});

test.each(ruleExamples)("$code finds what it is for, and nothing in sound files", (example) => {
  const { code, found, sound } = example;
  const of = (text: string) => look(text, example).filter((d) => d.code === code);
  for (const text of found) expect(of(text).length, text).toBeGreaterThan(0);
  for (const text of sound) expect(of(text), text).toEqual([]);
});

test.each(ruleExamples)(
  "$code: sshd itself accepts the examples, which is why there is a rule",
  (example) => {
    for (const text of [...example.found, ...example.sound])
      expect(
        look(text, example).filter((d) => d.severity === "error"),
        text,
      ).toEqual([]);
  },
);

test.each(allRules)("$code gives the severity it says at the gravest, in sentences", (rule) => {
  const example = ruleExamples.find((e) => e.code === rule.code)!;
  const rank = (d: Pick<Diagnostic, "severity">) => ["info", "warning", "error"].indexOf(d.severity);
  const found = example.found.flatMap((text) => look(text, example)).filter((d) => d.code === rule.code);
  expect(Math.max(...found.map(rank))).toBe(rank(rule));
  for (const sentence of [rule.what, rule.why, ...found.flatMap((d) => [d.what, d.why, d.advice])])
    expect(sentence).toMatch(/^[^a-z\s].*[.]$|^(?:root|sshd|systemd|ssh)\b.*[.]$|^\/.*[.]$/s);
});

test.each(ruleExamples)("$code: a fix settles what it is for and breaks nothing", (example) => {
  for (const text of example.found) {
    for (const { fix, code, line } of look(text, example)) {
      if (!fix || code !== example.code) continue;
      const after = look(apply(text, fix.edits), example);
      expect(after.filter((d) => d.severity === "error")).toEqual([]);
      const same = after.filter((d) => d.code === code && d.line === line && d.severity !== "info");
      expect(same, `${text} → ${apply(text, fix.edits)}`).toEqual([]);
    }
  }
});

/** The directives of the file that the package brings, and those of a cloud image beside it. */
const shipped = (release: number) => `Include /etc/ssh/sshd_config.d/*.conf
${release < 807 ? "ChallengeResponseAuthentication" : "KbdInteractiveAuthentication"} no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*${release < 1000 ? "" : " COLORTERM NO_COLOR"}
Subsystem\tsftp\t/usr/lib/openssh/sftp-server
`;
const cloud = { path: "/etc/ssh/sshd_config.d/50-cloud-init.conf", text: "PasswordAuthentication no\n" };

test.each(builds)("the files that $label ships have nothing to tell", (build) => {
  const main = { path, text: shipped(build.release) };
  expect(diagnose([main], build)).toEqual([]);
  expect(diagnose([main, cloud], build)).toEqual([]);
});

test("a line that may not stand in a Match block can be moved above it", () => {
  const text = "Match User bob\n  X11Forwarding no\n  Port 2222\n";
  const [found] = diagnose([{ path, text }], buildById("deb12-9.2p1")!);
  expect(found?.code).toBe("not-in-match");
  expect(apply(text, found?.fix?.edits ?? [])).toBe("Port 2222\nMatch User bob\n  X11Forwarding no\n");
});

test("zero tries and zero sessions count where they are in force only", () => {
  expect(codes("MaxAuthTries 0\nMaxSessions 00\nMaxAuthTries 6\n")).toEqual([
    "1 no-zero-tries",
    "2 no-zero-tries",
    "3 dead-line",
  ]);
});

test("a token that a later release brought is told before it", () => {
  const command = "AuthorizedKeysCommand /bin/x %C\nAuthorizedKeysCommandUser nobody\n";
  expect(codes(command)).toEqual(["1 no-unknown-token"]);
  expect(codes(command, "deb13-10.0p1")).toEqual([]);
});

test("the crash on a subsystem of a Match block alone is told for the releases that have it", () => {
  const text = "Match User alice\nSubsystem sftp internal-sftp\n";
  const told = (build: string) => codes(text, build).includes("2 no-lone-match-subsystem");
  expect(builds.filter((b) => told(b.id)).map((b) => b.id)).toEqual([
    "ubuntu24.04-9.6p1",
    "ubuntu25.04-9.9p1",
    "deb13-10.0p1",
    "ubuntu26.04-10.2p1",
  ]);
});

test("known accounts decide whether AllowUsers lets anybody in", () => {
  const world = {
    ...unknownWorld,
    isComplete: true,
    accounts: new Map([["alice", { home: "/home/alice", groups: ["staff"] }]]),
  };
  const found = (text: string) =>
    diagnose([{ path, text }], buildById("deb12-9.2p1")!, world).map((d) => d.code);
  expect(found("AllowUsers bob\n")).toEqual(["no-nobody-allowed"]);
  expect(found("AllowGroups wheel\n")).toEqual(["no-nobody-allowed"]);
  expect(found("AllowUsers al*\nAllowGroups staff\n")).toEqual([]);
});

test("Match all is for everyone: a lock-out in it is one", () => {
  expect(
    codes("Match all\nPubkeyAuthentication no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"),
  ).toContain("2 no-closed-door");
});
