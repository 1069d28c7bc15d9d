/** A release of OpenSSH as a number that compares: 9.2 is 902, 10.0 is 1000. Portable patch levels do not count. */
export type Release = number;

export type BuildId =
  | "ubuntu20.04-8.2p1"
  | "deb11-8.4p1"
  | "ubuntu22.04-8.9p1"
  | "deb12-9.2p1"
  | "ubuntu24.04-9.6p1"
  | "ubuntu25.04-9.9p1"
  | "deb13-10.0p1"
  | "ubuntu26.04-10.2p1"
  | "debsid-10.6p1";

/** An sshd as a distribution ships it: patches and compile options decide as much as the version does. */
export interface Build {
  id: BuildId;
  release: Release;
  /** As `ssh -V` writes it: "9.2p1". */
  version: string;
  distribution: "Debian" | "Ubuntu";
  /** What `Match version` is compared with (OpenSSH 10.0 and later); the package revision is the one that was seen. */
  matchedVersion: string;
  /** For people: "Debian 12 (OpenSSH 9.2p1)". */
  label: string;
}

/** Oldest first. Tables "by build" hold a value until the next build that is named. */
export const builds: readonly Build[] = [
  build("ubuntu20.04-8.2p1", 802, "Ubuntu", "Ubuntu 20.04"),
  build("deb11-8.4p1", 804, "Debian", "Debian 11"),
  build("ubuntu22.04-8.9p1", 809, "Ubuntu", "Ubuntu 22.04"),
  build("deb12-9.2p1", 902, "Debian", "Debian 12"),
  build("ubuntu24.04-9.6p1", 906, "Ubuntu", "Ubuntu 24.04"),
  build("ubuntu25.04-9.9p1", 909, "Ubuntu", "Ubuntu 25.04"),
  build("deb13-10.0p1", 1000, "Debian", "Debian 13", "OpenSSH_10.0p2 Debian-7+deb13u4"),
  build("ubuntu26.04-10.2p1", 1002, "Ubuntu", "Ubuntu 26.04"),
  build("debsid-10.6p1", 1006, "Debian", "Debian sid"),
];

function build(
  id: BuildId,
  release: Release,
  distribution: Build["distribution"],
  name: string,
  matchedVersion?: string,
): Build {
  const version = id.slice(id.indexOf("-") + 1);
  return {
    id,
    release,
    version,
    distribution,
    matchedVersion: matchedVersion ?? `OpenSSH_${version} ${distribution}-1`,
    label: `${name} (OpenSSH ${version})`,
  };
}

/** The build with this id; undefined for any other text. */
export function buildById(id: string): Build | undefined {
  return builds.find((b) => b.id === id);
}

/** What to assume for a host of which nothing is known. */
export const newestBuild: Build = builds[builds.length - 1]!;

export interface FoundBuild {
  build: Build;
  /** False: `build` is only the nearest one that is known to the letter. */
  exact: boolean;
  /** For the person, when not exact: what was seen, what is used instead. */
  note: string | undefined;
}

/**
 * The build that describes a host's sshd best.
 *
 * Never fails: a version that is not among the nine falls to the nearest older one (its rules are the ones
 * the host's file was written for), an older one than all to the oldest, an unreadable one to the newest; the note says so.
 *
 * @param text a build id, a banner ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3"), the output of `ssh -V`,
 *   a package version ("1:9.2p1-2+deb12u3") or a bare version ("9.2p1")
 * @param system ID and VERSION_ID of /etc/os-release, joined by a blank ("ubuntu 22.04"), where known
 */
export function findBuild(text: string, system = ""): FoundBuild {
  const named = buildById(text.trim());
  if (named) return { build: named, exact: true, note: undefined };
  // A banner begins with the version of the protocol.
  const seen =
    /OpenSSH_(\d+)\.(\d+)(p\d+)?/.exec(text) ??
    /(?:^|[^\d.])(\d{1,2})\.(\d{1,2})(?:(p\d+)|(?![\d.]))/.exec(text);
  if (!seen) {
    return {
      build: newestBuild,
      exact: false,
      note: `No OpenSSH version can be read from "${text.slice(0, 60)}"; checked as ${newestBuild.label}.`,
    };
  }
  const release = Number(seen[1]) * 100 + Number(seen[2]);
  const nearest = builds.findLast((b) => b.release <= release) ?? builds[0]!;
  const hint = `${text} ${system}`.toLowerCase();
  const foreign = !hint.includes(nearest.distribution.toLowerCase()) && !/[+~-](?:deb|\d+ubuntu)/.test(hint);
  const other = nearest.distribution === "Debian" ? hint.includes("ubuntu") : /debian|[+~]deb/.test(hint);
  if (nearest.release === release && !foreign && !other)
    return { build: nearest, exact: true, note: undefined };
  return {
    build: nearest,
    exact: false,
    note: `OpenSSH ${seen[1]}.${seen[2]}${seen[3] ?? ""} of this system is not among the known builds; checked as ${nearest.label}, the nearest.`,
  };
}

/**
 * The version of an sshd as `ssh -V` writes it. Some sshd's leave the patch level out of what they say of themselves;
 * then the package tells it.
 *
 * @param said by sshd itself: "OpenSSH_9.2"
 * @param packaged the version of its package: "1:9.2p1-2+deb12u10"; "" where there is none
 * @returns "OpenSSH_9.2p1"; `said` as it stands where it is complete, or the package is of another version
 */
export function spellVersion(said: string, packaged: string): string {
  const short = /^OpenSSH_(\d+\.\d+)$/.exec(said)?.[1];
  const full = /^(?:\d+:)?(\d+\.\d+p\d+)(?![\d.])/.exec(packaged)?.[1];
  return short && full?.startsWith(`${short}p`) ? `OpenSSH_${full}` : said;
}
