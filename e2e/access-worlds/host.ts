import { chmod, chown, lchown, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Keyring, keyIn, publicLine } from "@/e2e/access-worlds/keyring";
import type { World, WorldAccount, WorldFile } from "@/e2e/access-worlds/world";
import { printEd25519PrivateKey } from "@/lib/openssh-keys/private-key";

/** Directories that a world has to itself: emptied before each. */
const ownDirectories = ["/home", "/root", "/etc/ssh", "/etc/pam.d", "/srv", "/opt"] as const;
const ownFiles = ["/etc/nologin", "/etc/hosts.equiv"] as const;

/** Makes the room's host the one of the world. */
export async function settle(room: string, world: World, ring: Keyring): Promise<void> {
  const inside = (file: string) => path.join(room, file);
  await Promise.all(
    [...ownDirectories, ...ownFiles].map((one) => rm(inside(one), { recursive: true, force: true })),
  );
  for (const directory of ownDirectories) await mkdir(inside(directory), { mode: 0o755 });
  await chmod(inside("/root"), 0o700);
  await Promise.all([
    writeFile(inside("/etc/passwd"), world.accounts.map(passwdLine).join("")),
    writeFile(inside("/etc/shadow"), world.accounts.map(shadowLine).join(""), { mode: 0o640 }),
    writeFile(
      inside("/etc/group"),
      world.groups.map(({ name, gid, members }) => `${name}:x:${gid}:${members.join()}\n`).join(""),
    ),
    writeFile(inside("/etc/ssh/sshd_config"), `${fillKeys(world.config.join("\n"), ring)}\n`),
    writeFile(inside("/etc/ssh/ssh_host_ed25519_key"), hostKey(ring), { mode: 0o600 }),
  ]);
  for (const { home, uid, gid } of world.accounts) {
    if (!home.startsWith("/home/")) continue;
    await mkdir(inside(home), { recursive: true, mode: 0o755 });
    await chown(inside(home), uid, gid);
  }
  for (const [file, what] of Object.entries(world.files)) await make(inside(file), what, ring);
}

async function make(target: string, what: WorldFile, ring: Keyring): Promise<void> {
  const { uid = 0, gid = 0, mode } = what;
  await mkdir(path.dirname(target), { recursive: true, mode: 0o755 });
  if (what.link !== undefined) {
    await symlink(what.link, target);
    await lchown(target, uid, gid);
    return;
  }
  if (what.isDirectory) await mkdir(target, { recursive: true });
  else await writeFile(target, fillKeys(what.text ?? "", ring));
  await chown(target, uid, gid);
  await chmod(target, mode ?? (what.isDirectory ? 0o755 : 0o644));
}

/** `@@NAME@@` stands for the public line of a key of the ring. */
function fillKeys(text: string, ring: Keyring): string {
  return text.replace(/@@(\w+)@@/g, (_, name: string) => publicLine(keyIn(ring, name)));
}

function passwdLine({ name, uid, gid, fullName, home, shell }: WorldAccount): string {
  return `${name}:x:${uid}:${gid}:${fullName}:${home}:${shell}\n`;
}

function shadowLine(account: WorldAccount): string {
  const { name, shadow, passwordChangedOnDay, passwordMaxDays, passwordInactiveDays, expiresOnDay } = account;
  const days = [
    passwordChangedOnDay,
    undefined,
    passwordMaxDays,
    undefined,
    passwordInactiveDays,
    expiresOnDay,
  ];
  return `${name}:${shadow}:${days.map((day) => day ?? "").join(":")}:\n`;
}

function hostKey(ring: Keyring): string {
  const { privateKey } = keyIn(ring, "host");
  const { x = "", d = "" } = privateKey.export({ format: "jwk" });
  return printEd25519PrivateKey(Buffer.from(d, "base64url"), Buffer.from(x, "base64url"), "world", 1);
}
