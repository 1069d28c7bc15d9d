import { someInhabitants, someShells, typedPasswords } from "@/e2e/access-worlds/generate-accounts";
import { someConfig } from "@/e2e/access-worlds/generate-config";
import { clientKeys, keyFile, principalsFile, someHome, someTerms } from "@/e2e/access-worlds/generate-keys";
import type { CertificateTerms } from "@/e2e/access-worlds/keyring";
import type { Attempt, TriedStep, World, WorldFile } from "@/e2e/access-worlds/world";
import { type Random, seededChoices } from "@/lib/sshd-config/testing/random";

/** Client addresses from which worlds are tried; each rule of a generated configuration tells some of them apart. */
export const clientAddresses = [
  "10.1.2.3",
  "10.1.7.7",
  "10.200.0.1",
  "192.0.2.7",
  "198.51.100.9",
  "127.0.0.1",
  "2001:db8::5",
  "2001:db8:1::9",
  "::1",
];

const typeOfKey: Readonly<Record<string, string>> = {
  e1: "ecdsa-sha2-nistp256",
  r1: "ssh-rsa",
  r2: "ssh-rsa",
  sk1: "sk-ssh-ed25519@openssh.com",
  sk2: "sk-ecdsa-sha2-nistp256@openssh.com",
};

/** The door to which a client comes. */
export function doorFor(from: string, port: number): Pick<Attempt, "to" | "port"> {
  return from.includes(":") ? { to: "::1", port: 22 } : { to: "10.9.9.9", port };
}

const attemptsOfEach = 2;

/** Worlds, the same for the same seed; `at` days apart a few differ by what has expired. */
export function* generateWorlds(seed: number, count: number): Generator<World> {
  for (let i = 0; i < count; i++) yield someWorld(`${seed}-${i}`, seededChoices(seed * 1_000_003 + i));
}

function someWorld(id: string, r: Random): World {
  const { accounts, groups } = someInhabitants(r);
  const config = someConfig(r);
  const text = config.join("\n");
  const files: Record<string, WorldFile> = { ...someShells(), ...somePam(r) };
  for (const account of accounts)
    if (account.name !== "sshd" && account.name !== "toor") Object.assign(files, someHome(r, account));
  for (const account of accounts) {
    const { name, uid, gid, home } = account;
    if (text.includes("/etc/ssh/keys"))
      files[`/etc/ssh/keys/${name}`] = { text: keyFile(r), mode: r.pick([0o644, 0o644, 0o600]) };
    if (text.includes("/etc/ssh/principals"))
      files[`/etc/ssh/principals/${name}`] = { text: principalsFile(r), mode: r.pick([0o644, 0o644, 0o600]) };
    if (text.includes(".ssh/principals") && files[`${home}/.ssh`])
      files[`${home}/.ssh/principals`] = { text: principalsFile(r), uid, gid, mode: 0o600 };
    if (text.includes("/srv/%U")) files[`/srv/${uid}`] = { text: keyFile(r), uid, gid };
  }
  Object.assign(files, namedFiles(r, text));
  const certificates = someCertificates(r, files, text);
  const hosts = someTrust(r, text, files);
  const world = { id, config, accounts, groups, files, certificates, attempts: [] };
  return { ...world, attempts: Array.from({ length: attemptsOfEach }, () => someAttempt(r, world, hosts)) };
}

/** Stacks of PAM: what Debian has without the wait after a wrong password, and plainer ones. */
function somePam(r: Random): Record<string, WorldFile> {
  const unix = `pam_unix.so nodelay${r.chance(0.7) ? " nullok" : ""}`;
  const nologin = r.chance(0.85) ? "account required pam_nologin.so\n" : "";
  const session = "session required pam_permit.so\n";
  if (r.chance(0.5)) {
    const account = "account required pam_unix.so\n";
    return { "/etc/pam.d/sshd": { text: `auth required ${unix}\n${nologin}${account}${session}` } };
  }
  const auth = `auth [success=1 default=ignore] ${unix}\nauth requisite pam_deny.so\nauth required pam_permit.so\n`;
  const account =
    "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n";
  return {
    "/etc/pam.d/sshd": { text: `@include common-auth\n${nologin}@include common-account\n${session}` },
    "/etc/pam.d/common-auth": { text: auth },
    "/etc/pam.d/common-account": { text: account },
  };
}

/** Files that the configuration names, in a state of their own. */
function namedFiles(r: Random, config: string): Record<string, WorldFile> {
  const lines = (words: readonly string[], most: number) =>
    Array.from({ length: r.between(0, most) }, () => `${r.pick(words)}\n`).join("");
  const files: Record<string, WorldFile> = {
    "/srv/jail": { isDirectory: true },
    "/srv/open": { isDirectory: true, mode: 0o777 },
    "/srv/shared": { text: keyFile(r), mode: r.pick([0o644, 0o644, 0o666, 0o600]) },
  };
  if (config.includes("/etc/ssh/ca"))
    files["/etc/ssh/ca"] = { text: lines(["@@ca1@@", "@@ca1@@", "@@ca2@@", "# none", "junk"], 3) };
  if (config.includes("/etc/ssh/revoked"))
    files["/etc/ssh/revoked"] = {
      text: lines(["@@k1@@", "@@k2@@", "@@ca1@@", "@@r1@@", "# none"], 2) + (r.chance(0.05) ? "junk\n" : ""),
      mode: r.pick([0o644, 0o600]),
    };
  if (r.chance(0.06)) files["/etc/nologin"] = { text: r.pick(["", "Closed.\n"]) };
  return files;
}

/** Certificates, where anything could take one. */
function someCertificates(
  r: Random,
  files: World["files"],
  config: string,
): Record<string, CertificateTerms> {
  const isOfUse =
    config.includes("TrustedUserCAKeys") ||
    Object.values(files).some(({ text }) => text?.includes("cert-authority"));
  if (!isOfUse) return {};
  return Object.fromEntries(["c1", "c2", "c3"].map((name) => [name, someTerms(r)]));
}

/** Files by which client machines are trusted. @returns names that a client may claim */
function someTrust(r: Random, config: string, files: Record<string, WorldFile>): string[] {
  if (!config.includes("HostbasedAuthentication yes")) return [];
  const names = ["10.1.2.3", "192.0.2.7", "client.example.org"];
  const line = () => `${r.pick(["", "", "-"])}${r.pick(names)}${r.pick(["", " bob", " alice", " -alice"])}\n`;
  files["/etc/ssh/ssh_known_hosts"] = { text: names.map((name) => `${name} @@k4@@\n`).join("") };
  files[r.pick(["/etc/ssh/shosts.equiv", "/etc/hosts.equiv"])] = { text: line() + line() };
  if (files["/home/alice/.ssh"])
    files["/home/alice/.shosts"] = {
      text: line(),
      uid: 1000,
      gid: 1000,
      mode: r.pick([0o600, 0o644, 0o666]),
    };
  return names;
}

function someAttempt(r: Random, world: World, hosts: readonly string[]): Attempt {
  const names = world.accounts.filter(({ name }) => name !== "sshd" || r.chance(0.1)).map(({ name }) => name);
  const user = r.chance(0.04) ? r.pick(["zed", "", "alice:style", "sshd"]) : r.pick(names);
  const from = r.pick(clientAddresses);
  const steps = Array.from({ length: r.pick([1, 1, 2, 2, 3, 4]) }, () => someStep(r, world, user, hosts));
  return { user, from, ...doorFor(from, r.pick([22, 22, 22, 2222])), steps };
}

function someStep(r: Random, world: World, user: string, hosts: readonly string[]): TriedStep {
  const kind = r.between(0, 99);
  if (kind < 3) return { m: "none" };
  if (kind < 20) return { m: "password", typed: r.pick(typedPasswords) };
  if (kind < 34) return { m: "kbdint", typed: r.pick(typedPasswords) };
  if (kind < 44 && hosts.length > 0)
    return {
      m: "hostbased",
      key: "k4",
      clientHost: r.pick(hosts),
      clientUser: r.pick(["alice", "bob", user]),
    };
  const certificates = Object.keys(world.certificates);
  if (certificates.length > 0 && r.chance(0.5)) {
    const certificate = r.pick(certificates);
    const key = world.certificates[certificate]?.key ?? "k1";
    return keyStep(r, key, certificate);
  }
  const named = keysOf(world, user);
  return keyStep(r, named.length > 0 && r.chance(0.8) ? r.pick(named) : r.pick(clientKeys), undefined);
}

/** Keys that stand in files of the account. */
function keysOf({ accounts, files }: World, user: string): string[] {
  const home = accounts.find(({ name }) => name === user)?.home ?? "/nowhere";
  return Object.entries(files)
    .filter(
      ([path]) => path.startsWith(`${home}/`) || path === `/etc/ssh/keys/${user}` || path === "/srv/shared",
    )
    .flatMap(([, { text = "" }]) => [...text.matchAll(/@@([kers]\w+)@@/g)].map(([, name = ""]) => name));
}

function keyStep(r: Random, key: string, certificate: string | undefined): TriedStep {
  const type = typeOfKey[key] ?? "ssh-ed25519";
  const plain =
    type === "ssh-rsa" ? r.pick(["rsa-sha2-512", "rsa-sha2-256", "rsa-sha2-512", "ssh-rsa"]) : type;
  const isKey = type.startsWith("sk-");
  return {
    m: "publickey",
    key,
    ...(certificate !== undefined && { certificate }),
    algorithm: certificate === undefined ? plain : certificateAlgorithm(plain),
    ...(isKey && { flags: r.pick([1, 1, 5, 0, 4]) }),
    ...(r.chance(0.05) && { isQuery: true }),
    ...(r.chance(0.03) && { isBroken: true }),
  };
}

/** The name of an algorithm for certificates. */
const certificateAlgorithm = (plain: string) =>
  plain.includes("@") ? plain.replace("@", "-cert-v01@") : `${plain}-cert-v01@openssh.com`;
