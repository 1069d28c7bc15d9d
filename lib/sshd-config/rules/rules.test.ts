import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { diagnose } from "@/lib/sshd-config/validate";

function codes(text: string, build = "deb12-9.2p1") {
  return diagnose([{ path: "/etc/ssh/sshd_config", text }], buildById(build)!).map(
    (d) => `${d.line} ${d.code}`,
  );
}

test("zero tries and zero sessions are told", () => {
  expect(codes("MaxAuthTries 0\nMaxSessions 00\nMaxAuthTries 6\n")).toEqual([
    "1 no-zero-tries",
    "2 no-zero-tries",
    "3 dead-line",
  ]);
  expect(codes("MaxAuthTries 1\n")).toEqual([]);
});

test("names joined by commas are told, lists of hosts are not", () => {
  expect(codes("AllowUsers alice,bob\nDenyGroups !wheel\n")).toEqual([
    "1 no-comma-in-names",
    "2 no-comma-in-names",
  ]);
  expect(codes("AllowUsers alice@10.0.0.0/8,!10.1.2.3 bob\n")).toEqual([]);
});

test("a token that sshd does not know is told, by version", () => {
  expect(codes("AuthorizedKeysFile .ssh/%x\nChrootDirectory /srv/%u%%\n")).toEqual(["1 no-unknown-token"]);
  const command = "AuthorizedKeysCommand /bin/x %C\nAuthorizedKeysCommandUser nobody\n";
  expect(codes(command)).toEqual(["1 no-unknown-token"]);
  expect(codes(command, "deb13-10.0p1")).toEqual([]);
});

test("taking away every algorithm is told where nobody can connect any more", () => {
  expect(codes("Ciphers -*\nPubkeyAcceptedAlgorithms -*\n")).toEqual(["1 no-empty-algorithms"]);
  expect(codes("Ciphers -aes*\n")).toEqual([]);
});

test("the crash on a subsystem of a Match block alone is told for the releases that have it", () => {
  const text = "Match User alice\nSubsystem sftp internal-sftp\n";
  expect(codes(text, "deb13-10.0p1")).toEqual(["2 no-lone-match-subsystem"]);
  expect(codes(text, "debsid-10.6p1")).toEqual([]);
  expect(codes(`Subsystem sftp internal-sftp\n${text}`, "deb13-10.0p1")).toEqual([]);
});
