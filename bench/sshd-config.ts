/**
 * How fast the model of sshd_config is, next to the programs that answer the same questions.
 *
 *   npm run bench:sshd-config -- [--out FILE.json]
 *
 * Prints a table; --out writes the figures as JSON. sshd and augtool are those of the PATH, and skipped where they are
 * missing. Times are milliseconds; p99 of one process that is warm, as a browser that is being typed into. "least" is
 * what a machine takes that has nothing else to do: median and p99 mean little where the load is high, and how a time
 * grows with the file is told by that. "processor" is the processor time of a run on the average, its share of garbage
 * collection on other threads included.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { everydayConfiguration } from "@/bench/everyday-configuration";
import { buildById } from "@/lib/sshd-config/build";
import { prepareEvaluation } from "@/lib/sshd-config/evaluate";
import { parse } from "@/lib/sshd-config/parser";
import { diagnose } from "@/lib/sshd-config/validate";

const { values } = parseArgs({ options: { out: { type: "string" } } });
/** The build of the sshd that is at hand on Debian 12, where this is measured. */
const build = buildById("deb12-9.2p1")!;
const main = "/etc/ssh/sshd_config";

interface Times {
  least: number;
  median: number;
  p99: number;
  /** Undefined for other programs. */
  processor?: number;
}

/** Milliseconds of processor time that this process has taken so far. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How long a work of our own is done before it is measured: until then V8 still compiles what is hot. */
const warmUpMilliseconds = 1500;

/** Runs `work` until it is warm, then `times` times. */
function measure(times: number, work: (i: number) => unknown, warmUp = warmUpMilliseconds): Times {
  const warmAt = performance.now() + warmUp;
  for (let i = 0; i < 3 || performance.now() < warmAt; i++) work(i);
  const before = processorTime();
  const taken = Array.from({ length: times }, (_, i) => {
    const from = performance.now();
    work(i);
    return performance.now() - from;
  });
  const processor = (processorTime() - before) / times;
  taken.sort((a, b) => a - b);
  return {
    least: taken[0]!,
    median: taken[times >> 1]!,
    p99: taken[Math.min(times - 1, Math.floor(times * 0.99))]!,
    processor,
  };
}

const packages: { readonly [command: string]: string } = { sshd: "openssh-server", augtool: "augeas-tools" };

/** The sshd of the PATH, as an absolute path: it refuses to run by its bare name. */
function findSshd(): string {
  const directories = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin", "/usr/local/sbin"];
  return directories.map((one) => path.join(one, "sshd")).find((one) => existsSync(one)) ?? "sshd";
}
const sshd = findSshd();

/** As `measure`, of a program; undefined with a word when it cannot be run or fails. */
function measureProgram(times: number, command: string, args: readonly string[]): Times | undefined {
  const first = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (first.error || first.status !== 0) {
    const why = first.error?.message ?? first.stderr.trim().split("\n")[0];
    console.log(`skipped: ${command} ${args[0]} (${why})`);
    if (first.error) console.log(`  On Debian: apt-get install ${packages[command] ?? command}`);
    return undefined;
  }
  const { least, median, p99 } = measure(times, () => spawnSync(command, args, { stdio: "ignore" }), 0);
  return { least, median, p99 };
}

const rows: {
  what: string;
  lines: number;
  least: number;
  median: number;
  p99: number;
  processor?: number;
  goal?: string;
  met?: boolean;
}[] = [];
function row(what: string, lines: number, times: Times | undefined, goal?: string, met?: boolean): void {
  if (times) rows.push({ what, lines, ...times, ...(goal !== undefined && { goal, met }) });
}

const directory = mkdtempSync(path.join(tmpdir(), "gatehouse-bench-"));
try {
  const hostKey = path.join(directory, "host_key");
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", hostKey]);
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const file = (lines: number) => {
    const name = path.join(directory, `sshd_config-${lines}`);
    writeFileSync(name, everydayConfiguration(lines));
    return name;
  };

  // From keystroke to squiggle, without the editor.
  for (const [lines, times, figure, goal] of [
    [1000, 1000, "p99", 4],
    [10_000, 100, "p99", 40],
  ] as const) {
    const files = [{ path: main, text: everydayConfiguration(lines) }];
    const lint = measure(times, () => diagnose(files, build));
    row("parse and lint", lines, lint, `${figure} <= ${goal} ms`, lint[figure] <= goal);
    row("spawn sshd -t", lines, measureProgram(20, sshd, ["-t", "-h", hostKey, "-f", file(lines)]));
    const lens = [
      "--noautoload",
      "--transform",
      `Sshd incl ${file(lines)}`,
      "print",
      `/files${file(lines)}/Port`,
    ];
    row("spawn augtool", lines, measureProgram(lines > 1000 ? 3 : 10, "augtool", lens));
  }

  // What holds for one connection, of many that differ.
  for (const lines of [100, 1000]) {
    const files = [{ path: main, text: everydayConfiguration(lines) }];
    const effective = prepareEvaluation(files, build);
    const view = measure(2000, (i) =>
      effective({ user: `user${i % 97}`, address: `10.0.${i % 200}.7`, host: "client.example.org" }),
    );
    const real = measureProgram(20, sshd, [
      "-T",
      "-C",
      "user=user7,host=client.example.org,addr=10.0.7.7,laddr=10.0.0.1,lport=22",
      "-h",
      hostKey,
      "-f",
      file(lines),
    ]);
    const factor = real ? real.median / view.median : undefined;
    const goal = factor === undefined ? undefined : `${Math.round(factor)} times faster, >= 1000`;
    row("effective view of a connection", lines, view, goal, factor !== undefined && factor >= 1000);
    row("spawn sshd -T -C", lines, real);
  }

  // A hundred times the lines, a hundred times the time: the exponent is 1. Of the least times, because what a neighbour
  // of this process takes from it is no growth; from end to end, because caches make steps between.
  const sizes = [1000, 10_000, 100_000];
  const growth = (name: string, work: (text: string) => unknown) => {
    const taken = sizes.map((lines) => {
      const text = everydayConfiguration(lines);
      const times = measure(Math.max(20, Math.floor(100_000 / lines)), () => work(text));
      row(name, lines, times);
      return times.least;
    });
    const [first, last] = [sizes[0]!, sizes.at(-1)!];
    const exponent = Math.log10(taken.at(-1)! / taken[0]!) / Math.log10(last / first);
    const what = `${name}: exponent of growth from ${first} to ${last} lines`;
    exponents.push({ what, exponent, met: exponent <= 1.15 });
  };
  const exponents: { what: string; exponent: number; met: boolean }[] = [];
  growth("parse", (text) => parse(text, build));
  growth("parse and lint, growing", (text) => diagnose([{ path: main, text }], build));

  const shown = (n: number) => n.toFixed(n < 1 ? 4 : 2);
  const machine = `${cpus()[0]?.model ?? "?"}, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}`;
  console.log(`Node ${process.version} on ${machine}`);
  console.table(
    rows.map(({ what, lines, least, median, p99, processor, goal, met }) => ({
      what,
      lines,
      least: shown(least),
      median: shown(median),
      p99: shown(p99),
      processor: processor === undefined ? "" : shown(processor),
      goal,
      met,
    })),
  );
  console.table(exponents.map((e) => ({ ...e, exponent: e.exponent.toFixed(3) })));
  if (values.out)
    writeFileSync(
      values.out,
      `${JSON.stringify({ node: process.version, machine, rows, exponents }, null, 2)}\n`,
    );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
