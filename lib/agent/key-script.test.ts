import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** What the agent runs with the account's rights (agent.sh, KEYS_SCRIPT): here with ours, in a directory of ours. */
const script = /^KEYS_SCRIPT='\n(.*?)^esac'$/ms
  .exec(readFileSync(path.resolve(import.meta.dirname, "../../agent/agent.sh"), "utf8"))?.[1]
  ?.concat("esac\n");

const [old, ours, theirs] = ["old line\n", "old line\nour line\n", "somebody's line\n"];
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const shells = [["sh"], ["/usr/bin/busybox", "sh"]].filter(
  ([shell = ""]) => shell === "sh" || existsSync(shell),
);

describe.each(shells)("a key file, by %s", (...shell) => {
  let home: string;
  let file: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "gatehouse-key-script-"));
    mkdirSync(path.join(home, ".ssh"), { mode: 0o700 });
    file = path.join(home, ".ssh/authorized_keys");
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const beside = (what: string) => path.join(home, `.ssh/.gatehouse-id.${what}`);

  /** @param meanwhile shell text that somebody runs in front of a line of the script */
  function run(operation: string, before: string | null, meanwhile?: { at: string; does: string }): string {
    const [program = "sh", ...rest] = shell;
    const digest = before === null ? "absent" : sha256(before);
    const input = operation === "restore" ? (before ?? "") : ours;
    const ids = `${process.getuid?.()}:${process.getgid?.()}`;
    const [mode, owner] = operation === "write" ? ["0600", "0700"] : ["600", ids];
    const from = script?.indexOf(`\n${operation})\n`) ?? 0;
    const at = meanwhile ? (script?.indexOf(meanwhile.at, from) ?? -1) : 0;
    expect(at).toBeGreaterThanOrEqual(0);
    const text = `${script?.slice(0, at)}${meanwhile ? `${meanwhile.does}\n` : ""}${script?.slice(at)}`;
    const { stdout, stderr } = spawnSync(
      program,
      [
        ...rest,
        "-c",
        text,
        "sh",
        operation,
        "id",
        home,
        ".ssh",
        "authorized_keys",
        digest,
        sha256(ours),
        mode,
        owner,
      ],
      { input, encoding: "utf8" },
    );
    expect(stderr).toBe("");
    return stdout.trim();
  }

  const saves = 'printf "somebody\'s line\\n" >x; mv x authorized_keys';

  test("is written and undone, with nothing left beside it", () => {
    writeFileSync(file, old);
    const { ino } = statSync(file);
    expect(run("write", old)).toBe("done");
    expect(readFileSync(file, "utf8")).toBe(ours);
    expect(run("restore", old)).toBe("done");
    expect([readFileSync(file, "utf8"), statSync(file).ino]).toEqual([old, ino]);
    expect(run("clean", old)).toBe("done");
    expect(readdirSync(path.dirname(file))).toEqual(["authorized_keys"]);
  });

  test.each([
    ["before we look", 'rm -f "$fresh" "$kept"'],
    ["while we write", 'ln "$name" "$kept"'],
  ])("that somebody replaces %s is refused, and undoing leaves it", (_, at) => {
    writeFileSync(file, old);
    expect(run("write", old, { at, does: saves })).toBe("conflict");
    expect(run("restore", old)).toMatch(/^left /);
    expect(readFileSync(file, "utf8")).toBe(theirs);
    expect(readdirSync(path.dirname(file))).toEqual(["authorized_keys"]);
  });

  test("that somebody saves in place as it is replaced stays the live one", () => {
    writeFileSync(file, old);
    const does = `printf "somebody's line\\n" >"$name"`;
    expect(run("write", old, { at: 'mv -f "$fresh" "$name"', does })).toBe("conflict");
    expect(readFileSync(file, "utf8")).toBe(theirs);
    expect(run("clean", old)).toBe("done");
    expect(readdirSync(path.dirname(file))).toEqual(["authorized_keys"]);
  });

  test("that somebody makes where there was none is refused, and undoing leaves it", () => {
    const does = `printf "somebody's line\\n" >"$name"`;
    expect(run("write", null, { at: 'ln "$fresh" "$name"', does })).toBe("conflict");
    expect(run("restore", null)).toMatch(/^left /);
    expect(readFileSync(file, "utf8")).toBe(theirs);
  });

  test("that we made is gone when it is undone", () => {
    expect(run("write", null)).toBe("done");
    expect(run("restore", null)).toBe("done");
    expect(readdirSync(path.dirname(file))).toEqual([]);
  });

  test("of a write that died before the rename is left as it is", () => {
    writeFileSync(file, theirs);
    linkSync(file, beside("before"));
    expect(run("restore", old)).toMatch(/^left /);
    expect(run("clean", old)).toBe("done");
    expect(readFileSync(file, "utf8")).toBe(theirs);
    expect(statSync(file).nlink).toBe(1);
  });

  test("edited meanwhile, by name and through the old inode, is undone and both edits are kept", () => {
    writeFileSync(file, old);
    expect(run("write", old)).toBe("done");
    writeFileSync(beside("before"), "saved by an editor\n");
    writeFileSync(path.join(home, "x"), theirs);
    renameSync(path.join(home, "x"), file);
    expect(run("restore", old)).toBe("done edited late");
    expect(readFileSync(file, "utf8")).toBe(old);
    expect(readFileSync(beside("edited"), "utf8")).toBe(theirs);
    expect(readFileSync(beside("late"), "utf8")).toBe("saved by an editor\n");
    expect(readdirSync(path.dirname(file)).filter((name) => name.startsWith("authorized"))).toHaveLength(1);
  });

  test("kept, with an edit through the old inode: that edit stays beside it", () => {
    writeFileSync(file, old);
    expect(run("write", old)).toBe("done");
    writeFileSync(beside("before"), "saved by an editor\n");
    expect(run("clean", old)).toBe("done late");
    expect(readFileSync(file, "utf8")).toBe(ours);
    expect(readFileSync(beside("late"), "utf8")).toBe("saved by an editor\n");
  });

  test("removed meanwhile comes back, and that is said", () => {
    writeFileSync(file, old);
    expect(run("write", old)).toBe("done");
    rmSync(file);
    expect(run("restore", old)).toBe("done revived");
    expect(readFileSync(file, "utf8")).toBe(old);
  });

  test("removed before we wrote stays removed", () => {
    expect(run("restore", old)).toMatch(/^left /);
    expect(existsSync(file)).toBe(false);
  });
});
