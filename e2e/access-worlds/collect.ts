import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import type { World } from "@/e2e/access-worlds/world";
import type { FileFacts, HostFacts } from "@/lib/access/facts";
import type { Build } from "@/lib/sshd-config/build";

/** What a world may hold anything in: looked at whole. */
const trees = ["/home", "/root", "/etc/ssh", "/etc/pam.d", "/srv", "/opt"];
const places = ["/etc/nologin", "/etc/hosts", "/etc/hosts.equiv", "/bin/sh"];

/** Where sshd listens in a room. */
export const doors = [
  { address: "10.9.9.9", port: 22 },
  { address: "10.9.9.9", port: 2222 },
  { address: "::1", port: 22 },
] as const;

/** The same, as facts have it. */
export const listeners: HostFacts["sshd"]["listeners"] = [
  {
    args: [],
    addresses: doors.map(({ address, port }) =>
      address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
    ),
    isSocketActivated: false,
  },
];

/** Facts of the room's host, from what stands on its disk; of accounts what the world says. */
export function collectFacts(room: string, world: World, build: Build): HostFacts {
  const files: Record<string, FileFacts> = {};
  for (const tree of trees) walk(room, tree, files);
  for (const place of [...places, ...world.accounts.map(({ shell }) => shell || "/bin/sh")])
    look(room, place, files);
  return {
    format: 1,
    collectedAt: new Date().toISOString(),
    isConsistent: true,
    cuts: [],
    sshd: {
      version: build.id,
      system: "debian",
      configPath: "/etc/ssh/sshd_config",
      listeners,
      hasPam: true,
      zoneMinutes: 0,
    },
    accounts: world.accounts.map(({ shadow: _, ...account }) => account),
    groups: world.groups,
    files,
    otp: [],
    sudo: [],
    logins: [],
  };
}

function walk(room: string, place: string, files: Record<string, FileFacts>): void {
  look(room, place, files);
  if (files[place]?.kind !== "directory") return;
  for (const name of readdirSync(path.join(room, place))) walk(room, `${place}/${name}`, files);
}

/** What stands at a path and at every part of it, and where links lead. */
function look(room: string, place: string, files: Record<string, FileFacts>): void {
  const steps = place.split("/").filter((step) => step !== "");
  let here = "";
  for (const step of ["", ...steps]) {
    here = step === "" ? "/" : here === "/" ? `/${step}` : `${here}/${step}`;
    files[here] ??= factsAt(room, here);
    const found = files[here];
    if (found?.kind === "missing") break;
    if (found?.kind !== "symlink" || found.target === undefined) continue;
    const rest = place.slice(here.length);
    if (!Object.hasOwn(files, found.target + rest)) look(room, found.target + rest, files);
    return;
  }
  if (here !== place && place !== "/") files[place] ??= { kind: "missing" };
}

function factsAt(room: string, place: string): FileFacts {
  const real = path.join(room, place);
  const found = lstatSync(real, { throwIfNoEntry: false });
  if (!found) return { kind: "missing" };
  const { uid, gid } = found;
  const mode = found.mode & 0o7777;
  if (found.isSymbolicLink())
    return { kind: "symlink", uid, gid, mode, target: path.resolve(path.dirname(place), readlinkSync(real)) };
  if (found.isDirectory()) return { kind: "directory", uid, gid, mode };
  if (!found.isFile()) return { kind: "other", uid, gid, mode };
  if (found.size > largestText) return { kind: "file", uid, gid, mode, size: found.size };
  const bytes = readFileSync(real);
  const text = bytes.toString("utf8");
  const isText = !text.includes("\0") && Buffer.from(text).equals(bytes);
  return {
    kind: "file",
    uid,
    gid,
    mode,
    size: bytes.length,
    ...(isText ? { text } : { base64: bytes.toString("base64") }),
  };
}

/** Programs are larger than anything that sshd reads. */
const largestText = 65_536;
