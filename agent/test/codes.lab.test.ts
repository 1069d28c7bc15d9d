import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { keyPath, type Tree } from "@/e2e/lab/tree";
import { printNewStateFile } from "@/lib/google-authenticator/new-state-file";
import { parseStateFile, summarizeStateFile } from "@/lib/google-authenticator/state-file";
import { hotpCode } from "@/lib/otp/hotp";
import { encodeTotpSecret, secretBytes, stepSeconds, totpCode } from "@/lib/otp/totp";
import { raceWithLogins } from "./codes-race";
import { agentText, ManagedHost, newId } from "./managed-host";

const rooted = "/var/lib/google-authenticator/alice";
const own = "/home/alice/.google_authenticator";
/** As PAM takes it; the shell that writes the line must not. */
const user = "{USER}";
const pam = {
  root: `auth required pam_google_authenticator.so user=root secret=/var/lib/google-authenticator/\\$${user}`,
  home: "auth required pam_google_authenticator.so",
};
const trees: readonly Tree[] = process.env.GATEHOUSE_FULL_MATRIX
  ? ["bullseye", "bookworm", "trixie"]
  : ["bookworm"];
/** Lines of a rewriting in front of which it is made to stand still; in CI the one at which a login could be lost. */
const dangerous = ["exchanges them", "        if swap; then\n"] as const;
const moments = process.env.GATEHOUSE_FULL_MATRIX
  ? ([
      ["looks once more", '        [ "$(sum "$name")" = "$old" ] || continue\n'],
      dangerous,
      ["looks at what it took away", '            if [ "$(sum "$fresh")" != "$old" ]; then\n'],
    ] as const)
  : [dangerous];
const agentPath = "/usr/local/libexec/gatehouse-agent";
const standStill = `if mkdir /run/codes-halted 2>/dev/null; then
    : >/run/codes-halt
    while [ -e /run/codes-halt ]; do sleep 0.1; done
fi
`;
const raceLogins = Number(process.env.GATEHOUSE_RACE_ROUNDS ?? 50);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

const newSecret = () => encodeTotpSecret(randomBytes(secretBytes));
const seconds = () => Math.floor(Date.now() / 1000);

/** A state file without the module's rate limit, which tests would run into. */
function fileWith(secret: string, counter?: number): string {
  const code =
    counter === undefined
      ? ({ kind: "totp", usedSteps: [1] } as const)
      : ({ kind: "hotp", counter } as const);
  const text = printNewStateFile({
    secret,
    code,
    scratchCodes: ["12345678", "87654321"],
    writtenBy: newId(),
  });
  return text.replace(/" RATE_LIMIT.*\n/, "");
}

/** Tries it until no step has ended while it was tried, in which a code becomes the one before. */
async function withinOneStep<T>(attempt: (now: number) => Promise<T>): Promise<T> {
  for (;;) {
    const now = seconds();
    const result = await attempt(now);
    if (Math.floor(seconds() / stepSeconds) === Math.floor(now / stepSeconds)) return result;
  }
}

describe.each(trees)("state files of codes on %s", (tree) => {
  let managed: ManagedHost;

  const ask = (verb: string, headers: Record<string, string | number> = {}, body = "") =>
    managed.ask(verb, { account: "alice", id: newId(), ...headers }, { body });
  const write = async (text: string) => {
    const answer = await ask("write-codes", { replace: 1 }, text);
    expect(answer.message).toBe("");
    return answer;
  };
  const enter = async (code: string) =>
    (await managed.host.login("alice", { key: keyPath(), password: code })).ok;
  const summary = async (file = rooted) => summarizeStateFile(parseStateFile(await managed.host.read(file)));
  const lookForCodesBy = async (line: keyof typeof pam) => {
    const { code, stderr } = await managed.host.exec(
      `sed -i '/pam_google_authenticator/d; s/^@include common-auth/#&/' /etc/pam.d/sshd && sed -i "1i ${pam[line]}" /etc/pam.d/sshd`,
    );
    expect(code, stderr).toBe(0);
  };

  beforeAll(async () => {
    const host = await lab.start(tree);
    managed = await new ManagedHost(lab, host).installed();
    // Tests fail to log in on purpose; sshd from 9.8 on would shut them out for it.
    const penalties = tree === "trixie" ? "PerSourcePenalties no\n" : "";
    const asking = tree === "bullseye" ? "ChallengeResponseAuthentication" : "KbdInteractiveAuthentication";
    await host.write(
      "/etc/ssh/sshd_config.d/10-codes.conf",
      `${penalties}${asking} yes\nMatch User alice\n\tAuthenticationMethods publickey,keyboard-interactive\nMatch all\n`,
    );
    await host.exec("kill -HUP $(cat /run/sshd.pid)");
    await host.waitForSsh();
  });
  afterAll(async () => {
    managed?.forget();
    await managed?.host.stop();
  });

  test("there is none at first, and the place for new ones is root's own", async () => {
    const answer = await managed.ask("read-codes");
    expect(answer.headers).toMatchObject({
      pattern: `/var/lib/google-authenticator/$${user}`,
      as: "root",
      inforce: "0",
      files: "0",
      present: "1",
      reason: "",
    });
    expect(Math.abs(Number(answer.headers.clock) - seconds())).toBeLessThan(5);
  });

  test("a right code logs in once; a wrong one and a used one do not", async () => {
    await lookForCodesBy("root");
    const secret = newSecret();
    const answer = await write(fileWith(secret));
    expect(answer.headers).toMatchObject({ path: rooted, already: "0" });
    const { stdout } = await managed.host.exec(`stat -c '%a %u' /var/lib/google-authenticator ${rooted}`);
    expect(stdout).toBe("700 0\n400 0\n");
    expect(await enter("000000")).toBe(false);
    const code = totpCode(secret, seconds());
    expect(await enter(code)).toBe(true);
    expect(await enter(code)).toBe(false);
    // The module has forgotten the one of long ago.
    expect((await summary()).usedSteps).toHaveLength(1);
  });

  test("a clock half a minute off is borne, one and a half minutes are not", async () => {
    const enterOffBy = (offset: number) =>
      withinOneStep(async (now) => {
        const secret = newSecret();
        await write(fileWith(secret));
        return enter(totpCode(secret, now + offset));
      });
    expect(await enterOffBy(-30)).toBe(true);
    expect(await enterOffBy(30)).toBe(true);
    expect(await enterOffBy(-90)).toBe(false);
    expect(await enterOffBy(90)).toBe(false);
  });

  test("a scratch code works once; new ones replace the old and keep what the module noted", async () => {
    const secret = newSecret();
    await write(fileWith(secret));
    expect(await enter("12345678")).toBe(true);
    expect(await enter("12345678")).toBe(false);
    const code = totpCode(secret, seconds());
    expect(await enter(code)).toBe(true);
    const before = await summary();
    expect(before.scratchCodes).toBe(1);
    const id = newId();
    expect((await ask("edit-codes", { id }, "11112222\n33334444\n")).headers).toMatchObject({ already: "0" });
    expect((await ask("edit-codes", { id }, "11112222\n33334444\n")).headers).toMatchObject({ already: "1" });
    expect(await summary()).toEqual({ ...before, scratchCodes: 2, writtenBy: id });
    expect(await enter("87654321")).toBe(false);
    expect(await enter("11112222")).toBe(true);
    expect(await enter(code)).toBe(false);
  });

  test("HOTP: skipped codes are borne, a token far ahead is not, and is let in again by its counter", async () => {
    const secret = newSecret();
    await write(fileWith(secret, 1));
    expect(await enter(hotpCode(secret, 1))).toBe(true);
    expect(await enter(hotpCode(secret, 1))).toBe(false);
    // The module counts a refused try, too.
    expect((await summary()).counter).toBe(3);
    expect(await enter(hotpCode(secret, 6))).toBe(true);
    expect((await summary()).counter).toBe(7);
    expect(await enter(hotpCode(secret, 60))).toBe(false);
    const { counter: was } = await summary();
    expect((await ask("edit-codes", { counter: 62, was: Number(was) - 1 })).error).toBe("conflict");
    expect((await ask("edit-codes", { counter: 62, was: Number(was) })).message).toBe("");
    expect(await enter(hotpCode(secret, 61))).toBe(false);
    expect(await enter(hotpCode(secret, 63))).toBe(true);
  });

  test("the fourth try within half a minute is refused, right as it is", async () => {
    const secret = newSecret();
    const code = { kind: "totp", usedSteps: [1] } as const;
    const text = printNewStateFile({ secret, code, scratchCodes: ["12345678"], writtenBy: newId() });
    expect(text).toContain('" RATE_LIMIT 3 30\n');
    // A longer while than half a minute: four logins must fit into it on a busy machine, too.
    await write(text.replace("RATE_LIMIT 3 30", "RATE_LIMIT 3 3000"));
    for (const wrong of ["000000", "000001", "000002"]) expect(await enter(wrong)).toBe(false);
    expect((await summary()).attemptedAt).toHaveLength(3);
    expect(await enter(totpCode(secret, seconds()))).toBe(false);
  });

  test("the same secret is not written twice, so that a used code stays used", async () => {
    const secret = newSecret();
    const written = fileWith(secret);
    await write(written);
    const code = totpCode(secret, seconds());
    expect(await enter(code)).toBe(true);
    expect((await write(written)).headers.already).toBe("1");
    expect(await enter(code)).toBe(false);
    // As another writing it takes the old one's place, and what was used up there stays used up.
    expect((await write(fileWith(secret))).headers.already).toBe("0");
    expect(await enter(code)).toBe(false);
    expect((await ask("write-codes", { replace: 0 }, fileWith(newSecret()))).error).toBe("conflict");
  });

  test("what is told of them holds no secret and no scratch code", async () => {
    const secret = newSecret();
    await write(fileWith(secret));
    const { headers, body } = await managed.ask("read-codes");
    expect(headers).toMatchObject({ inforce: "1", as: "root", files: "1", nullok: "0" });
    const [row = "", ...lines] = body.toString().split("\n");
    expect(row.split("\t").slice(0, 6)).toEqual(["alice", row.split("\t")[1], rooted, "file", "400", "0"]);
    expect(summarizeStateFile(parseStateFile(lines.join("\n")))).toMatchObject({
      secret: "hidden",
      kind: "totp",
      scratchCodes: 2,
    });
    expect(body.toString()).not.toMatch(new RegExp(`${secret}|12345678|87654321`));
  });

  test.each(moments)(
    "a login in the midst of a rewriting, before it %s, is never forgotten",
    async (_, line) => {
      await lookForCodesBy("root");
      const secret = newSecret();
      await write(fileWith(secret, 1));
      const whole = await managed.host.read(agentPath);
      await managed.host.write(agentPath, agentText([[line, `${standStill}${line}`]]), "755");
      const id = newId();
      const rewriting = managed.ask(
        "edit-codes",
        { account: "alice", id },
        { body: "11112222\n", timeoutSeconds: 120 },
      );
      await vi.waitFor(
        async () => expect((await managed.host.exec("ls /run/codes-halt")).code).toBe(0),
        20_000,
      );
      expect(await enter(hotpCode(secret, 1))).toBe(true);
      await managed.host.exec("rm /run/codes-halt");
      expect(await rewriting).toMatchObject({ message: "", headers: { already: "0" } });
      await managed.host.exec("rmdir /run/codes-halted");
      await managed.host.write(agentPath, whole, "755");
      expect(await summary()).toMatchObject({ counter: 2, writtenBy: id, scratchCodes: 1 });
      expect(await enter(hotpCode(secret, 1)), "the code that was used").toBe(false);
    },
  );

  test(`${raceLogins} logins race with rewrites: never empty, never invalid, nothing forgotten`, async () => {
    await lookForCodesBy("root");
    const secret = newSecret();
    await write(fileWith(secret, 1));
    const race = await raceWithLogins(managed, { secret, file: rooted, logins: raceLogins, enter });
    if (process.env.GATEHOUSE_RACE_ROUNDS) console.log(JSON.stringify(race));
    expect(race).toMatchObject({ violations: [], torn: 0 });
    expect(race.accepted + race.refused).toBe(raceLogins);
    expect(race.accepted).toBeGreaterThan(raceLogins / 2);
    expect(race.edits).toBeGreaterThan(raceLogins / 20);
    expect((await managed.host.exec("ls -A /var/lib/google-authenticator")).stdout).toBe("alice\n");
  }, 3_600_000);

  test("removed, it is gone, and so is every way in by code", async () => {
    expect((await ask("remove-codes")).headers).toMatchObject({ already: "0", path: rooted });
    expect((await ask("remove-codes")).headers).toMatchObject({ already: "1" });
    expect((await managed.ask("read-codes")).headers.files).toBe("0");
  });

  test("where PAM looks in home directories, the account itself writes there, and a right code logs in", async () => {
    await lookForCodesBy("home");
    const secret = newSecret();
    expect((await write(fileWith(secret))).headers).toMatchObject({ path: own });
    const { stdout } = await managed.host.exec(`stat -c '%a %U' ${own}`);
    expect(stdout).toBe("400 alice\n");
    expect(await enter(totpCode(secret, seconds()))).toBe(true);
    expect((await ask("edit-codes", {}, "11112222\n")).message).toBe("");
    expect((await summary(own)).usedSteps).toHaveLength(1);
    expect(await enter("11112222")).toBe(true);
  });

  test("a file that is too open, and a home that is not writable, are mended", async () => {
    const secret = newSecret();
    await write(fileWith(secret));
    await managed.host.exec(`chmod 644 ${own}; chmod 500 /home/alice`);
    expect(await enter(totpCode(secret, seconds()))).toBe(false);
    const row = (await managed.ask("read-codes")).body.toString().split("\n")[0]?.split("\t") ?? [];
    expect([row[4], row[7]]).toEqual(["644", "0"]);
    expect((await ask("mend-codes")).message).toBe("");
    expect(await enter(totpCode(secret, seconds() + 30))).toBe(true);
  });

  test.each([
    ["of zero length", `: >${own}`],
    ["of root's", `printf 'X\\n' >${own}; chown root: ${own}; chmod 600 ${own}`],
    ["that is a link", `ln -s /etc/shadow ${own}`],
  ])("a file %s is found, and replaced by one that works", async (_, script) => {
    const shadow = await managed.imageOf("/etc/shadow");
    await managed.host.exec(
      `rm -f ${own}; ${script}; chown -h alice: ${own} 2>/dev/null; ${script.includes("root") ? `chown root: ${own}` : ":"}`,
    );
    const row = (await managed.ask("read-codes")).body.toString().split("\n")[0]?.split("\t") ?? [];
    expect(row[0]).toBe("alice");
    expect(row[3] === "odd" || row[6] === "0").toBe(true);
    const secret = newSecret();
    await write(fileWith(secret));
    expect(await enter(totpCode(secret, seconds()))).toBe(true);
    expect(await managed.imageOf("/etc/shadow")).toBe(shadow);
  });

  test("what is no state file, and an account that is not there, are refused", async () => {
    expect((await ask("write-codes", { replace: 1 }, "ABC\n")).error).toBe("refused");
    expect((await ask("write-codes", { replace: 2 }, fileWith(newSecret()))).error).toBe("protocol");
    expect((await ask("edit-codes", {}, "1234567\n")).error).toBe("protocol");
    expect((await ask("edit-codes", {})).error).toBe("protocol");
    expect(
      (await ask("write-codes", { account: "nobody-here", replace: 1 }, fileWith(newSecret()))).error,
    ).toBe("refused");
    expect(
      (await ask("write-codes", { account: "gatehouse", replace: 1 }, fileWith(newSecret()))).error,
    ).toBe("refused");
  });
});
