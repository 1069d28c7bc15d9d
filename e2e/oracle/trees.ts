import path from "node:path";
import { runOrThrow } from "@/e2e/lab/finished-process";
import { type Build, type BuildId, findBuild } from "@/lib/sshd-config/build";

/** A root tree with a real sshd, and the build of the model that describes it. */
export interface Subject {
  readonly tree: string;
  readonly build: Build;
}

/** The trees of the lab, by Debian's release; sid is built on request only, since it changes every day. */
const suites: { readonly [suite: string]: BuildId } = {
  bullseye: "deb11-8.4p1",
  bookworm: "deb12-9.2p1",
  trixie: "deb13-10.0p1",
  sid: "debsid-10.6p1",
};

/** The Debian releases whose sshd is asked in every run. */
export const stableSuites = ["bullseye", "bookworm", "trixie"] as const;

/** The cached tree of a Debian release, built first where it is missing. */
export async function prepareSubject(suite: string): Promise<Subject> {
  const id = suites[suite];
  if (!id) throw new Error(`No build is known for ${suite}; there are ${Object.keys(suites).join(", ")}`);
  const script = path.resolve(import.meta.dirname, "../lab/tree.sh");
  const { stdout } = await runOrThrow("sh", [script, suite]);
  const tree = stdout.toString().trim();
  const { stderr } = await runOrThrow("chroot", [tree, "/usr/sbin/sshd", "-V"]).catch(() => ({ stderr: "" }));
  const { build } = findBuild(id);
  // `Match version` looks at the package's revision too, which grows with every security fix.
  const matchedVersion = /^OpenSSH_[^,]+/.exec(stderr)?.[0] ?? build.matchedVersion;
  return { tree, build: { ...build, matchedVersion } };
}
