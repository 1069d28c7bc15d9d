import type {
  AccountFacts,
  FileFacts,
  FileKind,
  GroupFacts,
  OtpFacts,
  PasswordState,
  SudoFacts,
} from "@/lib/access/facts";
import { absolute, daysOf, malformed, numberOf, rowsOf, sizeOf } from "@/lib/agent/facts-rows";
import { readSudoRules } from "@/lib/agent/sudo-rules";

const mostAccounts = 5000;
const kinds: Readonly<Record<string, FileKind>> = { f: "file", d: "directory", l: "symlink", o: "other" };
const passwordStates: readonly PasswordState[] = ["usable", "locked", "star", "empty", "unknown"];

/**
 * The rows of one answer, put together. Each method throws AgentError "malformed" for what the wire does not allow.
 */
export class FactsTable {
  readonly cuts: string[] = [];
  readonly groups: GroupFacts[] = [];
  dump: string | undefined;
  #accounts: Omit<AccountFacts, "groups">[] = [];
  #withGroups: AccountFacts[] | undefined;
  #files = new Map<string, FileFacts>();
  #links = new Map<string, string>();
  #otp: { account: string; module: string; path: string; shape: string }[] = [];
  #sudoers: string | undefined;
  #offset = 0;

  constructor(
    private readonly contents: Buffer,
    private readonly hostname: string,
  ) {}

  read(table: Buffer): void {
    for (const [kind, ...fields] of rowsOf(table)) this.#row(kind, fields);
    if (this.#offset !== this.contents.length) throw malformed("bytes that belong to no file");
  }

  #row(kind: string | undefined, fields: string[]): void {
    const [first = "", second = "", third = "", ...rest] = fields;
    switch (kind) {
      case "account":
        this.#account(fields);
        return;
      case "group":
        this.groups.push({ name: first, gid: numberOf(second), members: third.split(",").filter(Boolean) });
        return;
      case "at": {
        const [uid, gid, size] = rest;
        const found = kinds[second];
        this.#files.set(
          absolute(first),
          second === ""
            ? { kind: "missing" }
            : found
              ? {
                  kind: found,
                  uid: numberOf(uid),
                  gid: numberOf(gid),
                  mode: numberOf(third) & 0o7777,
                  ...(found === "file" && { size: sizeOf(size) }),
                }
              : { kind: "unreadable" },
        );
        return;
      }
      case "link":
        if (second !== "") this.#links.set(absolute(first), absolute(second));
        return;
      case "text":
        this.#text(absolute(first), this.#take(numberOf(second)), third === "1");
        return;
      case "otp":
        this.#otp.push({ module: first, account: second, path: absolute(third), shape: rest[0] ?? "" });
        return;
      case "sudo": {
        const text = this.#take(numberOf(second)).toString("utf8");
        if (first === "json") this.#sudoers = text;
        return;
      }
      case "dump": {
        const text = this.#take(numberOf(first)).toString("utf8");
        if (text !== "") this.dump = text;
        return;
      }
      default:
        throw malformed("a row of no known kind");
    }
  }

  #account([name, uid, gid, fullName = "", home = "", shell = "", password, ...days]: string[]): void {
    if (this.#accounts.length >= mostAccounts) throw malformed(`more than ${mostAccounts} accounts`);
    const state = passwordStates.find((known) => known === password);
    if (!name || !state) throw malformed("an account without name or password state");
    const [changed, max, inactive, expires] = days.map(daysOf);
    this.#accounts.push({
      name,
      uid: numberOf(uid),
      gid: numberOf(gid),
      fullName,
      home,
      shell,
      password: state,
      ...(expires !== undefined && { expiresOnDay: expires }),
      ...(changed !== undefined && { passwordChangedOnDay: changed }),
      ...(max !== undefined && { passwordMaxDays: max }),
      ...(inactive !== undefined && { passwordInactiveDays: inactive }),
    });
  }

  #take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.contents.length) throw malformed("contents that were cut off");
    const bytes = this.contents.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  #text(path: string, bytes: Buffer, isCut: boolean): void {
    const file = this.#files.get(path);
    if (file?.kind !== "file") throw malformed("the content of something that is no file");
    const text = bytes.toString("utf8");
    const isText = !text.includes("\0") && Buffer.from(text, "utf8").equals(bytes);
    this.#files.set(path, {
      ...file,
      ...(isText ? { text } : { base64: bytes.toString("base64") }),
      ...(isCut && { isCut }),
    });
  }

  accountsWithGroups(): AccountFacts[] {
    if (this.#withGroups) return this.#withGroups;
    const nameOf = new Map<number, string>();
    const memberOf = new Map<string, string[]>();
    for (const { name, gid, members } of this.groups) {
      if (!nameOf.has(gid)) nameOf.set(gid, name);
      for (const member of members) {
        const groups = memberOf.get(member);
        if (groups) groups.push(name);
        else memberOf.set(member, [name]);
      }
    }
    this.#withGroups = this.#accounts.map((account) => {
      const primary = nameOf.get(account.gid);
      const others = memberOf.get(account.name) ?? [];
      return { ...account, groups: [...new Set(primary === undefined ? others : [primary, ...others])] };
    });
    return this.#withGroups;
  }

  /** Where a path leads, by the links that the host told of. */
  #realPath(path: string): string {
    let real = path;
    for (let turn = 0; turn < 40; turn++) {
      const steps = real.split("/");
      let at = 1;
      let target: string | undefined;
      for (; at < steps.length && target === undefined; at++)
        target = this.#links.get(steps.slice(0, at + 1).join("/"));
      if (target === undefined) return real;
      const rest = steps.slice(at).join("/");
      const next = rest === "" ? target : `${target === "/" ? "" : target}/${rest}`;
      if (next === real) return real;
      real = next;
    }
    return real;
  }

  /** A path that goes through a link has the facts, and the content, of where it leads; the link itself its target. */
  filesWithText(): Record<string, FileFacts> {
    const files: Record<string, FileFacts> = {};
    for (const [path, file] of this.#files) {
      const target = file.kind === "symlink" ? this.#links.get(path) : undefined;
      if (target !== undefined) files[path] = { ...file, target };
      else if (file.kind === "file" && file.text === undefined && this.#links.size > 0)
        files[path] = { ...file, ...contentOf(this.#files.get(this.#realPath(path))) };
      else files[path] = file;
    }
    return files;
  }

  otpStates(): OtpFacts[] {
    return this.#otp.map(({ account, module, path, shape }) => {
      const file = this.#files.get(this.#realPath(path));
      const isPresent = shape !== "absent";
      return {
        account,
        module,
        path,
        isPresent,
        isValid: shape === "valid",
        ...(shape === "unreadable" && { isUnread: true }),
        ...(isPresent && file?.uid !== undefined && { uid: file.uid }),
        ...(isPresent && file?.mode !== undefined && { mode: file.mode }),
      };
    });
  }

  sudoRights(): SudoFacts[] {
    if (this.#sudoers === undefined) return [];
    const world = { hostname: this.hostname, accounts: this.accountsWithGroups(), groups: this.groups };
    const rights = readSudoRules(this.#sudoers, world);
    if (rights) return rights;
    this.cuts.push("The rules of sudo could not be understood: who may become root is not known.");
    return [];
  }
}

/** The content of a file and nothing else of it. */
function contentOf(file: FileFacts | undefined): Partial<FileFacts> {
  return {
    ...(file?.text !== undefined && { text: file.text }),
    ...(file?.base64 !== undefined && { base64: file.base64 }),
    ...(file?.isCut && { isCut: true }),
  };
}
