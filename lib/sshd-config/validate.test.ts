import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Build, buildById, builds } from "@/lib/sshd-config/build";
import { evaluate } from "@/lib/sshd-config/evaluate";
import { generateCases } from "@/lib/sshd-config/testing/generate";
import { diagnose } from "@/lib/sshd-config/validate";

const bookworm = buildById("deb12-9.2p1")!;
const main = "/etc/ssh/sshd_config";
const found = (text: string, build: Build = bookworm) =>
  diagnose([{ path: main, text }], build).map(
    (d) => `${d.line} ${d.severity} ${d.code} ${text.slice(d.from, d.to)}`,
  );

test("a sound file has nothing to tell", () => {
  expect(found("# hello\nPort 22\nMatch User alice\n  X11Forwarding no\n")).toEqual([]);
});

test("all errors are told, though sshd stops at the first fatal one", () => {
  expect(
    found("Prot 22\nPermitRootLogin maybe\nAllowUsers\nBanner /a b\nX11Forwarding 'yes\nMatch User a, b\n"),
  ).toEqual([
    "1 error unknown-keyword Prot",
    "2 error bad-value maybe",
    "3 error no-argument AllowUsers",
    "4 error extra-arguments b",
    "5 error unbalanced-quote X11Forwarding",
    "6 error bad-match Match User a, b",
  ]);
});

test("a misspelt keyword comes with its correction", () => {
  const [d] = diagnose([{ path: main, text: "PasswordAuthentcation no\n" }], bookworm);
  expect(d?.fix).toMatchObject({
    edits: [{ path: main, insert: "PasswordAuthentication", from: 0, to: 21 }],
  });
});

test("a keyword that came later is told with its release", () => {
  const [d] = diagnose([{ path: main, text: "PerSourcePenalties yes\n" }], bookworm);
  expect(d?.advice).toContain("9.8");
  expect(diagnose([{ path: main, text: "PerSourcePenalties yes\n" }], buildById("deb13-10.0p1")!)).toEqual(
    [],
  );
});

test("a global directive behind a Match line is told, indented or not", () => {
  expect(found("Match User alice\nUsePAM yes\n")).toEqual(["2 error not-in-match UsePAM"]);
  expect(found("Match all\nUsePAM yes\n")).toEqual([]);
});

test("a second value is dead, in another Match block it is not", () => {
  expect(found("Banner /a\nBanner /b\nMatch User x\nBanner /c\nMatch User y\nBanner /d\n")).toEqual([
    "2 warning dead-line Banner /b",
  ]);
  expect(found("AllowUsers a\nAllowUsers b\n")).toEqual([]);
});

test("a drop-in that is included first makes the main file's line dead", () => {
  const files = [
    { path: main, text: "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n" },
    { path: "/etc/ssh/sshd_config.d/50-cloud-init.conf", text: "PasswordAuthentication yes\n" },
  ];
  const dead = diagnose(files, bookworm).filter((d) => d.severity !== "info");
  expect(dead).toHaveLength(1);
  expect(dead[0]).toMatchObject({ code: "dead-line", path: main, line: 2 });
  expect(dead[0]?.what).toContain("50-cloud-init.conf line 1");
});

test("a file that no Include names is checked by itself", () => {
  const files = [
    { path: main, text: "Port 22\n" },
    { path: "/etc/ssh/other", text: "Foo 1\n" },
  ];
  expect(diagnose(files, bookworm).map((d) => d.path)).toEqual(["/etc/ssh/other"]);
});

test("checks of several directives point to one of them", () => {
  expect(found("Port 22\nAuthorizedKeysCommand /bin/x\n")).toEqual(["2 error missing-value /bin/x"]);
  expect(found("PubkeyAuthentication no\nAuthenticationMethods publickey\n")).toEqual([
    "1 warning no-client-excluded no",
    "2 error unsatisfiable publickey",
  ]);
  expect(found("KexAlgorithms gss-gex-sha1-\n")).toEqual(["1 error assembly gss-gex-sha1-"]);
});

test("whatever stands in a file, diagnosing ends and points into it", () => {
  const generated = [...generateCases(7, 60, { odd: 0.9 })].map((c) => String(c.files[main]));
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.constantFrom(...generated));
  fc.assert(
    fc.property(text, fc.constantFrom(...builds), (t, build) => {
      for (const d of diagnose([{ path: main, text: t }], build)) {
        expect(d.from).toBeGreaterThanOrEqual(0);
        expect(d.to).toBeGreaterThanOrEqual(d.from);
        expect(d.to).toBeLessThanOrEqual(t.length);
        expect(d.what).not.toBe("");
        expect(d.advice).not.toBe("");
      }
    }),
    { numRuns: 120 },
  );
});

describe("files that are there to keep a reader busy", { timeout: 30_000 }, () => {
  test("files that include the next one three times, sixteen deep, are told and not read out", () => {
    const chain = Array.from({ length: 16 }, (_, i) => ({
      path: i === 0 ? main : `/etc/ssh/f${i}`,
      text: `X11Forwarding no\n${`Include f${i + 1}\n`.repeat(3)}`,
    }));
    const found = diagnose(chain, bookworm);
    expect(found.filter(({ severity }) => severity === "error").map(({ code }) => code)).toEqual([
      "include-count",
    ]);
    expect(evaluate(chain, { user: "alice" }, bookworm).refused).toContain("Includes come to more than");
  });

  test("more findings than a function takes arguments", () => {
    expect(diagnose([{ path: main, text: "PermitRootLogin no\n".repeat(150_000) }], bookworm)).toHaveLength(
      149_999,
    );
  });
});

test("a line that is read twice is dead only where it is so each time", () => {
  const twice = {
    path: main,
    text: "Match User alice\n  MaxSessions 3\n  Include extra\nMatch User bob\n  Include extra\n",
  };
  const extra = { path: "/etc/ssh/extra", text: "MaxSessions 1\n" };
  expect(diagnose([twice, extra], bookworm).map(({ code }) => code)).not.toContain("dead-line");
  const once = { path: main, text: "Match User alice\n  MaxSessions 3\n  Include extra\n" };
  expect(diagnose([once, extra], bookworm).map(({ code }) => code)).toContain("dead-line");
});

test("a line above the first Match of an included file is not offered to be moved there", () => {
  const reading = { path: main, text: "Match User bob\n  Include extra\n" };
  const extra = { path: "/etc/ssh/extra", text: "Port 22\nMatch User alice\n  X11Forwarding no\n" };
  const [first] = diagnose([reading, extra], bookworm);
  expect(first).toMatchObject({ code: "not-in-match", path: "/etc/ssh/extra", line: 1 });
  expect(first?.fix).toBeUndefined();
});

test("what is wrong in a file that no Include reads is only worth knowing", () => {
  const stray = "/etc/ssh/sshd_config.d/README";
  const files = [
    { path: main, text: "UsePAM yes\n" },
    { path: stray, text: "Put your files here.\n" },
  ];
  expect(diagnose(files, bookworm)).toMatchObject([
    { path: stray, severity: "info", why: expect.stringContaining("No Include leads to this file") },
  ]);
  const included = [{ path: main, text: `Include ${stray}\n` }, ...files.slice(1)];
  expect(diagnose(included, bookworm)).toMatchObject([{ path: stray, severity: "error" }]);
});

test.each([
  ["SendEnv LANG", "AcceptEnv"],
  ["PermitRotLogin no", "PermitRootLogin"],
  ["PermtiRootLogin no", "PermitRootLogin"],
  ["Prot 22", "Port"],
  ["not this", undefined],
])("%s is taken for %s", (line, meant) => {
  const [first] = diagnose([{ path: main, text: `${line}\n` }], bookworm);
  expect(first).toMatchObject({ code: "unknown-keyword" });
  expect(first?.fix?.edits[0]?.insert).toBe(meant);
});
