import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import {
  type AppliedChange,
  agentText,
  ManagedHost,
  mainConfig,
  type Patch,
  pamFile,
  sha256,
} from "./managed-host";

/** Killed with 9, like by a power cut or the kernel's OOM killer: nothing of the agent's own runs after it. */
const kill = "kill -9 $$";

/** Puts a command in front of a piece of the agent's text, or behind it. */
const before = (found: string, command: string): Patch => [found, `    ${command}\n${found}`];
const behind = (found: string, command: string): Patch => [found, `${found}    ${command}\n`];

const rename = '        mv -f "$(fresh_file "$TX_ID" "$EACH_PATH")" "$EACH_PATH" || return 1\n';
const watcher =
  '    start_watcher || abandon internal "No watcher could be started on this host." "no watcher"\n';
const restore = "while next_file; do restore_file || restore_status=1; done\n";

/** "stage": an apply that dies before there is anything to undo, or to tell. */
type Verb = "stage" | "apply" | "cancel" | "confirm";
type Change = Pick<AppliedChange, "id" | "content">;

/** Each step of the transaction, in its order, and the verb in which it comes. */
const steps: readonly (readonly [name: string, verb: Verb, patch: Patch])[] = [
  [
    "the second file is prepared",
    "stage",
    before("    for TX_STATE in confirmed rolled-back prepared; do # the", kill),
  ],
  ["it is prepared", "apply", behind('the file immutable?"\n    fi\n', kill)],
  ["it is armed and nobody watches", "apply", before(watcher, kill)],
  ["it is armed and watched", "apply", behind(watcher, kill)],
  ["both new files are written", "apply", before("    are_before || abandon", kill)],
  ["the first file is renamed", "apply", behind(rename, `[ -n "$EACH_MARK" ] || ${kill}`)],
  ["both files are renamed", "apply", behind(rename, `[ -z "$EACH_MARK" ] || ${kill}`)],
  ["sshd is reloaded", "apply", before("    TX_NEW=$(generation)\n    TX_RELOADED", kill)],
  ["it is applied and not answered", "apply", behind("answer_applied() {\n", kill)],
  ["the undoing is written down", "cancel", before("    case $TX_TARGET in\n    keys) restore_keys", kill)],
  [
    "the first file is put back",
    "cancel",
    [restore, restore.replace("; done", () => `; [ -n "$EACH_MARK" ] || ${kill}; done`)],
  ],
  ["both files are put back", "cancel", before('    reload_restored "$2" || return 1\n', kill)],
  ["the old configuration is loaded", "cancel", behind('    reload_restored "$2" || return 1\n', kill)],
  ["the history is written", "cancel", behind("    record_history || return 1\n", kill)],
  ["it is swept but for its record", "cancel", before('    end_watcher "$sweep_id"\n', kill)],
  ["it is committed", "confirm", before('    log "change $TX_ID of $TX_PATH: confirmed"\n', kill)],
  ["it is committed and in the history", "confirm", behind("    record_history || return 1\n", kill)],
  ["it is committed and swept but for its record", "confirm", before('    end_watcher "$sweep_id"\n', kill)],
];

/** Between the two files, where neither is old nor new; with GATEHOUSE_FULL_MATRIX=1 every step. */
const isFull = process.env.GATEHOUSE_FULL_MATRIX === "1";
const between = steps.filter(([name]) =>
  /^(?:the first file|both files) (?:is|are) (?:renamed|put back)/.test(name),
);
const powerless = steps.filter(([name]) =>
  (isFull ? /renamed|reloaded|file is put back/ : /first file is/).test(name),
);

let lab: Lab;
let managed: ManagedHost;
let config: string;
let pam: string;

beforeAll(async () => {
  lab = await openLab();
  managed = await new ManagedHost(lab, await lab.start("bookworm")).installed();
  config = await managed.host.read(mainConfig);
  pam = await managed.host.read(pamFile);
  // New files, or the lab's overlay would give them other inodes with their first change.
  await managed.host.exec(`for f in ${mainConfig} ${pamFile}; do cp -p $f $f.new && mv $f.new $f; done`);
});
afterAll(async () => {
  managed?.forget();
  await lab?.close();
});

const withModule = () => pam.replace("@include common-auth", "auth required pam_google_authenticator.so");
const images = () => Promise.all([mainConfig, pamFile].map((file) => managed.imageOf(file)));

/** The agent that sudo runs; the guard beside it, which recovers, stays the whole one. */
async function putAgent(patches: readonly Patch[]): Promise<void> {
  await managed.host.write("/usr/local/libexec/gatehouse-agent", agentText(patches), "755");
}

/** Applies, and dies at the step; a change that died in its end is first applied by a whole agent. */
async function dieAt(verb: Verb, patch: Patch, how = "killed"): Promise<Change> {
  const base = { pam: withModule(), deadline: 600 } as const;
  const text = `${config}# ${sha256(`${how} ${verb} ${patch[1]}`)}\n`;
  if (verb === "stage" || verb === "apply") {
    await putAgent([patch]);
    const id = sha256(text).slice(0, 20);
    await expect(managed.apply(text, { ...base, id })).rejects.toThrow("No answer");
    return { id, content: "" };
  }
  await putAgent([]);
  const change = await managed.apply(text, base);
  expect(change.answer.message).toBe("");
  await putAgent([patch]);
  const ending = verb === "cancel" ? managed.ask("cancel", { id: change.id }) : managed.confirm(change);
  await expect(ending).rejects.toThrow("No answer");
  return change;
}

/** What must hold once the change has ended: both files old or both new, nothing left, people get in. */
async function expectEnd(change: Change, verb: Verb, old: readonly string[]): Promise<void> {
  await putAgent([]);
  // Applied and not answered: the change is whole and waits. Whoever asked asks again, or lets it go.
  // While the guard undoes it, sshd loads the old configuration, and listens to nobody for a moment.
  const letGo = async () => {
    const { headers } = await managed.ask("status", { id: change.id });
    if (headers.verdict === "pending") await managed.ask("cancel", { id: change.id });
  };
  await vi.waitFor(letGo, { timeout: 30_000 });
  const end = await managed.waitForEnd(60);
  if (verb !== "stage") expect(end).toBe(verb === "confirm" ? "confirmed" : "rolled-back");
  if (verb === "confirm") {
    expect(await managed.host.read(mainConfig)).toBe(change.content);
    expect(await managed.host.read(pamFile)).toBe(withModule());
  } else expect(await images()).toEqual(old);
  const left = await managed.host.exec(
    "find /etc/ssh /etc/pam.d -name '.gatehouse*'; find /var/lib/gatehouse/tx -mindepth 1",
  );
  expect(left.stdout).toBe("");
  const history = await managed.host.exec(
    `cat /var/lib/gatehouse/history 2>/dev/null | grep -c ' ${change.id} '`,
  );
  expect(history.stdout).toBe(verb === "stage" ? "0\n" : "1\n");
  expect((await managed.host.login("alice")).ok).toBe(true);
}

test.each(isFull ? steps : between)(
  "killed when %s (%s), both files are old or both are new",
  async (_, verb, patch) => {
    const old = await images();
    const change = await dieAt(verb, patch);
    await expectEnd(change, verb, old);
    if (verb !== "confirm") return;
    const back = await managed.apply(config, { pam });
    expect(back.answer.message).toBe("");
    expect(await managed.confirm(back)).toMatchObject({ message: "" });
  },
);

test.each(powerless)("and so after a power cut when %s (%s)", async (_, verb, patch) => {
  const old = await images();
  const change = await dieAt(verb, patch, "power cut");
  await managed.host.powerCut();
  await managed.host.boot();
  await expectEnd(change, verb, old);
});
