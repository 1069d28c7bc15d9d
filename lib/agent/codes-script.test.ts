import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { printNewStateFile } from "@/lib/google-authenticator/new-state-file";

/** What the agent runs with the account's rights (agent.sh, CODES_SCRIPT): here with ours, in a directory of ours. */
const script = /^CODES_SCRIPT='\n(.*?)^esac'$/ms
  .exec(readFileSync(path.resolve(import.meta.dirname, "../../agent/agent.sh"), "utf8"))?.[1]
  ?.concat("esac\n");
const shells = [["sh"], ["/usr/bin/busybox", "sh"]].filter(
  ([shell = ""]) => shell === "sh" || existsSync(shell),
);

const secret = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const scratchCodes = ["11111111", "22222222", "33333333", "44444444", "55555555"];
const totp = printNewStateFile({
  ...{ secret, scratchCodes, writtenBy: "new" },
  code: { kind: "totp", usedSteps: [100, 101] },
});
const hotp = printNewStateFile({
  ...{ secret, scratchCodes, writtenBy: "new" },
  code: { kind: "hotp", counter: 7 },
});

describe.each(shells)("a state file of codes, by %s", (...shell) => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "gatehouse-codes-script-"));
    file = path.join(folder, "alice");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(text: string, replace: "0" | "1", id = "new"): string {
    const [program = "sh", ...rest] = shell;
    const args = ["sh", "write", folder, "", "alice", id, "", "", replace, "", ""];
    return spawnSync(program, [...rest, "-c", script ?? "", ...args], {
      input: text,
      encoding: "utf8",
    }).stdout.trim();
  }
  function stands(text: string): void {
    writeFileSync(file, text);
    chmodSync(file, 0o600);
  }
  const now = () => readFileSync(file, "utf8");

  test("is written once: again it stays, with what the module noted since", () => {
    expect(write(totp, "0")).toBe("done");
    expect(now()).toBe(totp);
    const used = totp.replace("100 101", "100 101 102").replace("11111111\n", "");
    stands(used);
    expect(write(totp, "0")).toBe("already");
    expect(write(totp, "1")).toBe("already");
    expect(now()).toBe(used);
    expect(statSync(file).mode & 0o777).toBe(0o400);
  });

  test.each([
    ["the secret alone", `${secret}\n`],
    ["no kind", totp.replace('" TOTP_AUTH\n', "")],
  ])("with %s lets nobody in: written anew it is whole", (_, broken) => {
    stands(broken);
    expect(write(totp, "0")).toBe("conflict");
    expect(now()).toBe(broken);
    expect(write(totp, "1")).toBe("done");
    expect(now().replace(/(100 101).*/, "$1")).toBe(totp);
  });

  test("of another's writing gets our scratch codes; what was used there stays used", () => {
    stands(`${secret}\n" RATE_LIMIT 3 30\n" DISALLOW_REUSE 205 206\n" TOTP_AUTH\n99999999\n`);
    expect(write(totp, "1")).toBe("done");
    expect(now()).toBe(totp.replace("100 101", "100 101 205 206"));
  });

  test.each([
    ["9", "9"],
    ["3", "7"],
  ])("with a counter of %s goes on at %s: no code that was used counts again", (there, then) => {
    stands(`${secret}\n" HOTP_COUNTER ${there}\n`);
    expect(write(hotp, "1")).toBe("done");
    expect(now()).toBe(hotp.replace("HOTP_COUNTER 7", `HOTP_COUNTER ${then}`));
  });

  test("of another secret is replaced only when that is said", () => {
    const other = `ZZZZ${totp.slice(4)}`;
    stands(other);
    expect(write(totp, "0")).toBe("conflict");
    expect(now()).toBe(other);
    expect(write(totp, "1")).toBe("done");
    expect(now()).toBe(totp);
  });
});
