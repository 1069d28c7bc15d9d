import type { HostFacts } from "@/lib/access/facts";
import { openFiles } from "@/lib/access/host-files";
import { sshdPamFile } from "@/lib/access/pam";

/** The text of sshd's PAM file as it was read, through links; undefined where it was not. */
export function pamTextOf(facts: HostFacts): string | undefined {
  return openFiles(facts).stat(sshdPamFile)?.text;
}

/** The facts of a host with another text in sshd's PAM file, where links lead; what it includes is as it was read. */
export function factsWithPam(facts: HostFacts, text: string): HostFacts {
  const real = openFiles(facts).place(sshdPamFile) ?? sshdPamFile;
  const { base64: _bytes, isCut: _cut, ...file } = facts.files[real] ?? { kind: "missing" as const };
  const there = file.kind === "file" ? file : { kind: "file" as const, uid: 0, gid: 0, mode: 0o644 };
  return { ...facts, files: { ...facts.files, [real]: { ...there, text } } };
}
