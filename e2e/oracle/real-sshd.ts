import { chmod, cp, link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runOrThrow } from "@/e2e/lab/finished-process";
import { makeHostKeys } from "@/e2e/oracle/host-keys";
import { toByteString } from "@/lib/sshd-config/bytes";
import { type Answer, type Case, specificationOf, type TestWorld } from "@/lib/sshd-config/testing/corpus";
import { loadWorld } from "@/lib/testing/sshd-corpus";

/** A directory with a distribution's files, sshd among them. */
export type RootTree = string;

/** Where a case may put files: the tree sshd's relative patterns begin at, and the only one that is emptied. */
const home = "/etc/ssh/";
const defaultKeys = ["ssh_host_rsa_key", "ssh_host_ecdsa_key", "ssh_host_ed25519_key"];
const worldDirectory = path.resolve(import.meta.dirname, "../../lib/sshd-config/testing/world");
const worldFiles = ["passwd", "group", "hosts", "services"];
const databases = "passwd group shadow hosts services networks protocols".split(" ");

/** Asks the sshd of a root tree what it makes of configurations. Bytes stand in texts one by one (latin1). */
export interface RealSshd {
  /** What the host looks like to sshd; the model has to be given the same. */
  readonly world: TestWorld;
  /** In the order of the cases. A case that -t refuses is not dumped. */
  ask(tree: RootTree, cases: readonly Case[]): Promise<Answer[]>;
  close(): Promise<void>;
}

/** Makes host keys for the questions to come. Needs root and Linux. */
export async function openRealSshd(): Promise<RealSshd> {
  const directory = await mkdtemp(path.join(tmpdir(), "gatehouse-oracle-"));
  const keys = path.join(directory, "keys");
  await mkdir(keys);
  const publicKeys = await makeHostKeys(keys);
  let batches = 0;
  return {
    world: { world: loadWorld(worldDirectory).world, publicKeys },
    async ask(tree, cases) {
      const work = path.join(directory, `batch-${++batches}`);
      try {
        return await askBatch(tree, cases, work, keys);
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

async function askBatch(
  tree: RootTree,
  cases: readonly Case[],
  work: string,
  keys: string,
): Promise<Answer[]> {
  const world = path.join(work, "world");
  await mkdir(world, { recursive: true });
  for (const name of worldFiles) await cp(path.join(worldDirectory, name), path.join(world, name));
  await writeFile(path.join(world, "nsswitch.conf"), databases.map((name) => `${name}: files\n`).join(""));
  await writeFile(path.join(world, "protocols"), "tcp\t6\tTCP\nudp\t17\tUDP\n");
  for (const [i, { files }] of cases.entries()) await writeCase(files, path.join(work, String(i)), keys);
  const marker = `end-of-answer-${path.basename(work)}`;
  await writeFile(path.join(work, "batch.sh"), script(cases, marker), "latin1");
  const room = path.join(import.meta.dirname, "room.sh");
  await runOrThrow("unshare", ["--mount", "--propagation", "private", "sh", room, tree, work]);
  const [out, err] = await Promise.all(
    ["out", "err"].map(async (name) => splitAnswers(await readFile(path.join(work, name), "latin1"), marker)),
  );
  let at = 0;
  const take = () => {
    const [stdout, stderr] = [out?.[at], err?.[at]];
    at++;
    if (!stdout || !stderr) throw new Error(`The batch in ${tree} ended early: ${at - 1} answers`);
    return { code: stdout.code, stdout: stdout.text, stderr: stderr.text };
  };
  return cases.map(({ id, queries }) => {
    const { code, stdout, stderr } = take();
    if (stdout !== "") throw new Error(`sshd -t wrote to standard output: ${stdout.slice(0, 200)}`);
    return { id, t: { code, stderr }, T: code === 0 ? queries.map((query) => ({ query, ...take() })) : [] };
  });
}

/** Writes what stands below /etc/ssh to `directory`, with the default host keys where the case has no others. */
async function writeCase(files: Case["files"], directory: string, keys: string): Promise<void> {
  await mkdir(directory);
  for (const [name, file] of Object.entries(files)) {
    if (!name.startsWith(home)) throw new Error(`A case may have files below ${home} only, not ${name}`);
    const target = path.join(directory, name.slice(home.length));
    await mkdir(path.dirname(target), { recursive: true });
    if (typeof file === "string") await writeBytes(target, file);
    else if (file.dir) await mkdir(target, { recursive: true });
    else if (file.symlink !== undefined) await symlink(file.symlink, target);
    else if (file.copy !== undefined) await cp(path.join(keys, file.copy), target);
    else if (file.b64 !== undefined) await writeFile(target, Buffer.from(file.b64, "base64"));
    else if (!file.absent) await writeBytes(target, file.text ?? "");
    if (typeof file !== "string" && file.mode !== undefined)
      await chmod(target, Number.parseInt(file.mode, 8));
  }
  for (const key of defaultKeys.flatMap((name) => [name, `${name}.pub`])) {
    if (!(`${home}${key}` in files)) await link(path.join(keys, key), path.join(directory, key));
  }
}

function writeBytes(file: string, text: string): Promise<void> {
  return writeFile(file, toByteString(text), "latin1");
}

/** One shell for all cases: starting sshd is what takes the time. */
function script(cases: readonly Case[], marker: string): string {
  const lines = [
    // What the shell itself has to say (of a crash, for instance) is no answer of sshd.
    "cd / && exec >/oracle/out 2>/oracle/shell 3>/oracle/err",
    `ask() { (exec /usr/sbin/sshd "$@" 2>&3 3>&-); code=$?; echo "${marker} $code"; echo "${marker} $code" >&3; return $code; }`,
  ];
  for (const [i, { main, args, queries }] of cases.entries()) {
    const common = [...(main ? ["-f", main] : []), ...(args ?? [])];
    const command = (mode: string, more: readonly string[] = []) =>
      `ask ${[mode, ...common, ...more].map(quote).join(" ")}`;
    const dumps = queries.map((query) => {
      const specification = specificationOf(query);
      return command("-T", specification === undefined ? [] : ["-C", specification]);
    });
    lines.push(`ln -sfn /oracle/${i} /etc/ssh`, `if ${command("-t")}; then`, ...dumps, ":; fi");
  }
  return `${lines.join("\n")}\n`;
}

function quote(text: string): string {
  return `'${toByteString(text).replaceAll("'", "'\\''")}'`;
}

/** Text, marker, exit code and a line end, over and over. */
function splitAnswers(text: string, marker: string): { code: number; text: string }[] {
  const pieces = text.split(`${marker} `);
  return pieces.slice(1).map((piece, i) => {
    const before = pieces[i]!;
    const answer = i === 0 ? before : before.slice(before.indexOf("\n") + 1);
    return { code: signed(Number.parseInt(piece, 10)), text: answer };
  });
}

/** A shell counts signals from 128 up; the corpus counts them from 0 down. */
function signed(code: number): number {
  return code > 128 && code < 160 ? 128 - code : code;
}
