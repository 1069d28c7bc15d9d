/**
 * How fast it is told who can log in, next to what asking the host's own sshd would take.
 *
 *   npm run bench:access -- [--hosts 1000] [--sshd /usr/sbin/sshd] [--out FILE.json]
 *
 * Hosts are generated, no two alike: 50 accounts, rules that tell at least four client addresses apart, one to three
 * keys an account, some of them with from=. sshd knows the configuration only: it says nothing about keys, accounts
 * and PAM, so its time is the least that asking would take. It is skipped where it is missing. Our times are those of
 * the processor, garbage collection on the same thread as on a machine of one core; sshd's are those of the wall.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { accessDifference } from "@/lib/access/difference";
import type { HostFacts } from "@/lib/access/facts";
import { startServer } from "@/lib/access/server";
import { partition, rulesOfServer } from "@/lib/access/sources";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { type KeyOwner, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { ed25519PublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "1000" },
    sshd: { type: "string", default: "/usr/sbin/sshd" },
    out: { type: "string" },
  },
});
const hosts = Number(values.hosts);
const accountsPerHost = 50;
const moment = Date.UTC(2026, 6, 1) / 1000;

/** Any 32 bytes are an Ed25519 key to whoever only reads it. */
function keyOf(seed: string): string {
  return printPublicKey(ed25519PublicKey(createHash("sha256").update(seed).digest(), `${seed}@example.org`));
}

function accountOf(host: number, index: number): TestAccount {
  const name = index === 0 ? "root" : `user${index}`;
  const from = index % 10 === 3 ? `from="10.${host % 250}.${index}.0/24,192.0.2.${index}" ` : "";
  const keys = Array.from(
    { length: 1 + (index % 3) },
    (_, k) => `${k === 0 ? from : ""}${keyOf(`${host}-${index}-${k}`)}`,
  );
  const groups = index % 5 === 4 ? [name, "admins"] : [name];
  return { name, keys: `${keys.join("\n")}\n`, groups, password: index % 4 === 0 ? "usable" : "locked" };
}

function configOf(host: number): string {
  return `# host ${host}
Port 22
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
MaxAuthTries 4
X11Forwarding no
AcceptEnv LANG LC_*
DenyUsers guest${host}
Subsystem sftp internal-sftp
Match Address 10.${host % 250}.0.0/16
    PasswordAuthentication yes
Match Group admins Address !10.${host % 250}.0.0/16,*
    AuthenticationMethods publickey,password
Match User user7
    ForceCommand /usr/local/bin/report
`;
}

function hostOf(host: number, accounts: number): HostFacts {
  const names = Array.from({ length: accounts }, (_, index) => accountOf(host, index));
  return hostWith({ config: configOf(host), accounts: names });
}

interface Row {
  what: string;
  value: string;
  goal?: string;
  met?: boolean;
}
const rows: Row[] = [];

const people: KeyOwner[] = [{ id: "1", name: "Ann", fingerprints: [] }];
let paths = 0;
let fewestRanges = Number.POSITIVE_INFINITY;
let seconds = 0;
/** Time of the processor, not of the wall: other programs on this machine do not count. */
const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const answered = (facts: HostFacts) => {
  const from = spent();
  const found = whoCanLogIn(facts, { now: moment, people });
  seconds += spent() - from;
  return found;
};
for (let host = 0; host < hosts; host++) {
  // Told from a fresh copy, as it comes out of the database.
  const facts = structuredClone(hostOf(host, accountsPerHost));
  paths += answered(facts).length;
  if (host < 3) fewestRanges = Math.min(fewestRanges, partition([rulesOfServer(startServer(facts))]).length);
}
const memory = process.resourceUsage().maxRSS / 1024;
rows.push({
  what: `${hosts} hosts × ${accountsPerHost} accounts × ${fewestRanges} runs of addresses, ${paths} paths`,
  value: `${seconds.toFixed(2)} s`,
  goal: "10 s",
  met: seconds <= (10 * hosts) / 1000,
});
rows.push({ what: "one host", value: `${((seconds * 1000) / hosts).toFixed(2)} ms`, goal: "10 ms" });
rows.push({
  what: "memory at most",
  value: `${memory.toFixed(0)} MiB`,
  goal: "1024 MiB",
  met: memory <= 1024,
});

const large = hostOf(1, 500);
const before = whoCanLogIn(large, { now: moment, people });
const typed = Array.from({ length: 20 }, (_, i) =>
  configOf(1).replace("MaxAuthTries 4", `MaxAuthTries 4\nAllowGroups admins user${i}*`),
);
const taken = typed
  .map((text) => {
    const from = spent();
    const draft = new Map([["/etc/ssh/sshd_config", text]]);
    accessDifference(before, whoCanLogIn(large, { now: moment, people, draft }));
    return (spent() - from) * 1000;
  })
  .sort((a, b) => a - b);
const median = taken[taken.length >> 1] ?? 0;
rows.push({
  what: "the difference while typing, 500 accounts (median, slowest)",
  value: `${median.toFixed(1)} ms, ${(taken.at(-1) ?? 0).toFixed(1)} ms`,
  goal: "50 ms",
  met: median <= 50,
});

const directory = mkdtempSync(path.join(tmpdir(), "gatehouse-bench-"));
try {
  const hostKey = path.join(directory, "host_key");
  const config = path.join(directory, "sshd_config");
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", hostKey]);
  writeFileSync(config, configOf(1));
  const ask = (i: number) =>
    spawnSync(
      values.sshd,
      [
        "-T",
        "-f",
        config,
        "-h",
        hostKey,
        "-C",
        `user=user${i},host=h,addr=10.1.0.${i},laddr=10.0.0.1,lport=22`,
      ],
      { encoding: "utf8" },
    );
  const first = ask(1);
  if (first.error || first.status !== 0)
    console.log(`skipped: sshd -T -C (${first.error?.message ?? first.stderr.trim().split("\n")[0]})`);
  else {
    const from = performance.now();
    const calls = 40;
    for (let i = 0; i < calls; i++) ask(i);
    const each = (performance.now() - from) / calls;
    const all = (each * hosts * accountsPerHost * 4) / 1000;
    rows.push({ what: "sshd -T -C, one call", value: `${each.toFixed(2)} ms` });
    rows.push({
      what: `the same for ${hosts} × ${accountsPerHost} × 4, extrapolated from ${calls} calls`,
      value: `${all.toFixed(0)} s`,
    });
  }
} finally {
  rmSync(directory, { recursive: true });
}

for (const { what, value, goal, met } of rows) {
  const verdict = goal === undefined ? "" : `  (goal ${goal}${met === false ? ", MISSED" : ""})`;
  console.log(`${value.padStart(20)}  ${what}${verdict}`);
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(rows, null, 2)}\n`);
if (rows.some((row) => row.met === false)) process.exitCode = 1;
