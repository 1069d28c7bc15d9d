import { type AttemptResult, type Step, tryLogin } from "@/lib/access/attempt";
import type { CommandCall, CommandResult, RunCommand } from "@/lib/access/command";
import type { AccountFacts, FileFacts, HostFacts, PasswordState } from "@/lib/access/facts";
import { identityOf, openFiles } from "@/lib/access/host-files";
import { startServer } from "@/lib/access/server";
import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import type { Build } from "@/lib/sshd-config/build";
import { normalize } from "@/lib/sshd-config/include";

/** A file of a case: its text, or how else it came to be. `copy` names a file of the world. */
export type CaseFile =
  | string
  | {
      text?: string;
      copy?: string;
      dir?: boolean;
      /** Only the mode and the owner of what is there change. */
      chmod?: string;
      symlink?: string;
      absent?: boolean;
      mode?: string;
      uid?: number;
      gid?: number;
    };

/** What a client in a browser adds to its signature. */
interface BrowserForm {
  origin?: string;
  /** The origin that the browser itself wrote down, when it differs from the one the client claims. */
  cdorigin?: string;
  template?: string;
  /** Extensions, hexadecimal. */
  ext?: string;
  /** Further oddities, each of which spoils the challenge. */
  hash?: boolean;
  pad?: boolean;
}

/** One thing that a client tries; key and certificate are files of the world. */
export type CaseStep =
  | { m: "none" }
  | { m: "password"; pw: string }
  | { m: "kbdint"; answers: string[] }
  | {
      m: "publickey";
      key: string;
      cert?: string;
      alg?: string;
      flags?: number;
      webauthn?: BrowserForm;
      query?: boolean;
      badsig?: boolean;
      /** The application the signature is over, when it is not the key's. */
      signapp?: string;
      counter?: number;
    }
  | { m: "hostbased"; key: string; chost: string; cuser: string };

/** A world and logins that were tried in it against a real sshd. */
export interface LoginCase {
  id: string;
  config: string;
  files: { [path: string]: CaseFile };
  attempts: { user: string; src?: string; dst?: string; port?: number; steps: CaseStep[] }[];
}

/** What the model says to one case. */
export interface LoginAnswer {
  id: string;
  attempts: { result: AttemptResult }[];
}

/** The host of the cases: accounts, and files by the names that cases use ("k1.pub", "c_alice.cert"), as bytes. */
export interface LoginWorld {
  accounts: readonly AccountFacts[];
  groups: HostFacts["groups"];
  files: ReadonlyMap<string, Uint8Array>;
}

const commonPassword = "correct-horse";

/** Passwords of accounts that have another state than a hash of the common password. */
const passwordStates: Readonly<Record<string, PasswordState>> = {
  sshd: "star",
  nobody: "star",
  starpw: "star",
  locked: "locked",
  lockpw: "locked",
  emptypw: "empty",
};

/** Reads passwd(5) and group(5) of the world. */
export function readLoginWorld(
  passwd: string,
  group: string,
  files: ReadonlyMap<string, Uint8Array>,
): LoginWorld {
  const groups = rows(group).map(([name = "", , gid = "", members = ""]) => ({
    name,
    gid: Number(gid),
    members: members.split(",").filter((m) => m !== ""),
  }));
  const accounts = rows(passwd).map(
    ([name = "", , uid, gid, fullName = "", home = "", shell = ""]): AccountFacts => {
      const primary = groups.filter((g) => g.gid === Number(gid));
      const more = groups.filter((g) => g.gid !== Number(gid) && g.members.includes(name));
      return {
        name,
        uid: Number(uid),
        gid: Number(gid),
        fullName,
        home,
        shell,
        groups: [...primary, ...more].map((g) => g.name),
        password: passwordStates[name] ?? "usable",
        ...(name === "expired" && { expiresOnDay: 1000 }),
        ...(name === "pwexpired" && { passwordChangedOnDay: 1000, passwordMaxDays: 30 }),
      };
    },
  );
  return { accounts, groups, files };
}

const rows = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));

/** What the model says to one case, at the moment `now` (seconds since 1970). */
export function answerLogin(question: LoginCase, build: Build, world: LoginWorld, now: number): LoginAnswer {
  const facts = factsOf(question, build, world);
  const server = startServer(facts, { build });
  const options = { run: runner(facts) };
  const attempts = question.attempts.map((attempt) => {
    const address = attempt.src ?? "127.0.0.1";
    const connection = {
      user: attempt.user,
      address,
      localAddress: attempt.dst ?? (address.includes(":") ? "::1" : "127.0.0.1"),
      localPort: attempt.port ?? 22,
      now,
    };
    const steps = attempt.steps.map((step) => toStep(step, world));
    return { result: tryLogin(server, connection, steps, options) };
  });
  return { id: question.id, attempts };
}

const directory = (mode = 0o755, uid = 0, gid = 0): FileFacts => ({ kind: "directory", mode, uid, gid });
const pam = `auth required pam_unix.so
account required pam_nologin.so
account required pam_unix.so
session required pam_permit.so
`;

/** The facts that a collector would have brought home from the host of a case. */
export function factsOf(question: LoginCase, build: Build, world: LoginWorld): HostFacts {
  const files: Record<string, FileFacts> = { "/": directory() };
  const put = (path: string, file: FileFacts) => {
    for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1)) {
      const above = path.slice(0, at);
      files[above] ??= directoryFor(above, world);
    }
    files[path] = file;
  };
  for (const path of ["/etc/ssh", "/srv", "/opt/shells", "/opt/bin", "/home", "/var", "/tmp"])
    put(path, directory());
  for (const account of world.accounts) {
    if (account.home === "/nonexistent") continue;
    put(account.home, directory(account.uid === 0 ? 0o700 : 0o755, account.uid, account.gid));
  }
  const text = (content: string, mode = 0o644): FileFacts => ({
    kind: "file",
    uid: 0,
    gid: 0,
    mode,
    text: content,
  });
  put("/opt/shells/ok", text("", 0o755));
  put("/opt/shells/noexec", text(""));
  put("/bin/sh", text("", 0o755));
  put("/usr/sbin/nologin", text("", 0o755));
  put("/opt/shells/missing", { kind: "missing" });
  put("/etc/hosts", text("127.0.0.1 localhost\n::1 localhost\n127.0.0.9 trusted.example.org\n"));
  put("/etc/pam.d/sshd", text(pam));
  put("/etc/ssh/sshd_config", text(question.config));
  // Directories first: a file in one must not bring it about with other modes.
  const entries = Object.entries(question.files);
  const isMade = ([, file]: [string, CaseFile]) => typeof file !== "string" && file.dir === true;
  for (const [path, file] of [...entries.filter(isMade), ...entries.filter((e) => !isMade(e))])
    put(normalize(path), caseFile(normalize(path), file, files, world));
  return {
    format: 1,
    collectedAt: "1970-01-01T00:00:00Z",
    isConsistent: true,
    cuts: [],
    sshd: {
      version: build.id,
      system: "",
      configPath: "/etc/ssh/sshd_config",
      listeners: [],
      hasPam: true,
      zoneMinutes: 0,
    },
    accounts: world.accounts,
    groups: world.groups,
    files,
    otp: [],
    sudo: [],
    logins: [],
  };
}

/** The account whose home the path is in; root has its own. */
function ownerOf(path: string, world: LoginWorld): AccountFacts | undefined {
  return world.accounts.find((a) => a.home !== "/" && path.startsWith(`${a.home}/`));
}

function directoryFor(path: string, world: LoginWorld): FileFacts {
  const owner = ownerOf(path, world);
  if (!owner) return directory();
  return directory(path.endsWith("/.ssh") ? 0o700 : 0o755, owner.uid, owner.gid);
}

function caseFile(
  path: string,
  file: CaseFile,
  files: Record<string, FileFacts>,
  world: LoginWorld,
): FileFacts {
  const owner = ownerOf(path, world);
  const described = typeof file === "string" ? { text: file } : file;
  const there = files[path];
  const { uid = owner?.uid ?? 0, gid = owner?.gid ?? 0 } = described;
  if (described.chmod !== undefined) {
    const mode = Number.parseInt(described.chmod, 8);
    const before = there ?? directory();
    return { ...before, mode, uid: described.uid ?? before.uid ?? 0, gid: described.gid ?? before.gid ?? 0 };
  }
  if (described.absent) return { kind: "missing" };
  if (described.symlink !== undefined)
    return { kind: "symlink", uid, gid, mode: 0o777, target: normalizeLink(path, described.symlink) };
  const mode = Number.parseInt(described.mode ?? (described.dir ? "755" : "644"), 8);
  if (described.dir) return { kind: "directory", uid, gid, mode };
  if (described.copy !== undefined) {
    const bytes = world.files.get(described.copy);
    return { kind: "file", uid, gid, mode, base64: bytes ? toBase64(bytes) : "" };
  }
  return { kind: "file", uid, gid, mode, text: fillNames(described.text ?? "", world) };
}

const normalizeLink = (path: string, target: string) =>
  target.startsWith("/") ? target : normalize(`${path.slice(0, path.lastIndexOf("/"))}/${target}`);

const toBase64 = (bytes: Uint8Array) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));

/** `@@NAME@@` stands for a file of the world without its final newline. */
function fillNames(text: string, world: LoginWorld): string {
  return text.replace(/@@([^@]+)@@/g, (whole, name: string) => {
    const bytes = world.files.get(name);
    return bytes ? new TextDecoder().decode(bytes).replace(/\n$/, "") : whole;
  });
}

/** The one program of the cases: it prints its arguments, a line each, after `--args`, else the files they name. */
export function runner(facts: HostFacts): RunCommand {
  const files = openFiles(facts);
  return ({ args, runAs }: CommandCall): CommandResult => {
    if (args[0] === "--args")
      return {
        output: args
          .slice(1)
          .map((a) => `${a}\n`)
          .join(""),
        exitCode: 0,
      };
    const path = args[0] ?? "";
    const text = files.canRead(path, identityOf(facts, runAs)) ? files.text(path) : undefined;
    return text === undefined ? { output: "", exitCode: 1 } : { output: text, exitCode: 0 };
  };
}

function blobIn(world: LoginWorld, name: string): Uint8Array {
  const text = new TextDecoder().decode(world.files.get(name) ?? new Uint8Array());
  return decodeBase64(text.trim().split(/\s+/)[1] ?? "") ?? new Uint8Array();
}

/** A step of a case as the model takes it. */
export function toStep(step: CaseStep, world: LoginWorld): Step {
  switch (step.m) {
    case "none":
      return { method: "none" };
    case "password":
      return { method: "password", typed: typedPassword(step.pw) };
    case "kbdint":
      return { method: "keyboard-interactive", typed: typedPassword(step.answers[0] ?? "") };
    case "hostbased": {
      const blob = blobIn(world, `${step.key}.pub`);
      return {
        method: "hostbased",
        algorithm: usualAlgorithm(parsePublicKey(blob).key?.type ?? ""),
        blob,
        clientHost: step.chost,
        clientUser: step.cuser,
        isSignatureValid: true,
      };
    }
    case "publickey":
      return keyStep(step, world);
  }
}

const typedPassword = (text: string) => (text === "" ? "empty" : text === commonPassword ? "right" : "wrong");

/** With which algorithm the client of the cases signs when a case names none. */
const usualAlgorithm = (type: string) => (type === "ssh-rsa" ? "rsa-sha2-256" : type);

const browserAlgorithm = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

function keyStep(step: Extract<CaseStep, { m: "publickey" }>, world: LoginWorld): Step {
  const blob = blobIn(world, step.cert === undefined ? `${step.key}.pub` : certificateFile(step.cert));
  const own = parsePublicKey(blobIn(world, `${step.key}.pub`)).key;
  const type = parsePublicKey(blob).key?.type ?? "";
  const usual = step.webauthn ? browserAlgorithm : usualAlgorithm(type);
  const signature = {
    algorithm: step.webauthn ? browserAlgorithm : (own?.type ?? ""),
    isValid:
      step.badsig !== true &&
      (step.signapp === undefined || step.signapp === own?.application) &&
      (step.webauthn === undefined || isBrowserFormValid(step.webauthn, step.flags ?? touched)),
    flags: step.flags ?? touched,
  };
  return {
    method: "publickey",
    algorithm: step.alg ?? usual,
    blob,
    signature: step.query ? undefined : signature,
  };
}

const touched = 1;
const certificateFile = (name: string) => (name.endsWith(".cert") ? name : `${name}.cert`);

/** @see OpenSSH ssh-ecdsa-sk.c:webauthn_check_prepare_hash */
function isBrowserFormValid(form: BrowserForm, flags: number): boolean {
  const origin = form.origin ?? "https://gatehouse.example";
  const extensions = form.ext ?? "";
  if (origin.includes('"') || form.hash || form.pad) return false;
  if ((flags & 0x40) !== 0 || ((flags & 0x80) === 0) !== (extensions === "")) return false;
  const template =
    form.template ?? '{"type":"webauthn.get","challenge":"%C","origin":"%O","crossOrigin":false}';
  const written = template.replace("%C", "CHALLENGE").replace("%O", form.cdorigin ?? origin);
  return written.startsWith(`{"type":"webauthn.get","challenge":"CHALLENGE","origin":"${origin}"`);
}
