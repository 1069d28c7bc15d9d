/**
 * How fast a large authorized_keys file is read, next to `ssh-keygen -lf`, in one run.
 *
 *   npm run bench:keys                   (this, and then bench/keys-place.ts)
 *   node bench/run-minified.mjs bench/keys-parse.ts [--lines 10000] [--rounds 7] [--out FILE.json]
 *
 * Lines are generated: Ed25519, ECDSA and RSA keys, half of them with options, some comments and blanks. Both sides read the file from their start to every key's fingerprint, by turns; both times are those of
 * the processor, since the machine may be busy. That both find the same fingerprints in the same order is checked first.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { parseAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { toPrivateKey } from "@/lib/openssh-keys/generated-key";
import { ed25519PublicKey, fingerprint, printPublicKey } from "@/lib/openssh-keys/public-key";

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "10000" },
    rounds: { type: "string", default: "7" },
    out: { type: "string" },
  },
});
const lineCount = Number(values.lines);
const rounds = Number(values.rounds);

/** Points must lie on their curve and RSA keys cost a second each: a few of them, again and again with other comments. */
const ecdsa = Array.from({ length: 64 }, () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
);
const rsa = Array.from({ length: 4 }, () =>
  generateKeyPairSync("rsa", { modulusLength: 3072 }).privateKey.export({ format: "jwk" }),
);
const options = [
  "",
  "",
  "restrict ",
  'from="10.0.0.0/8,192.0.2.7" ',
  'command="/usr/bin/rrsync -ro /srv",no-pty,no-port-forwarding ',
  "",
];

function lineOf(index: number): string {
  if (index % 100 === 50) return `# section ${index}`;
  if (index % 100 === 51) return "";
  const option = options[index % options.length] ?? "";
  const comment = `person${index}@example.org`;
  const kind = index % 10;
  if (kind < 7) {
    const bytes = createHash("sha256").update(`key ${index}`).digest();
    return `${option}${printPublicKey(ed25519PublicKey(bytes, comment))}`;
  }
  const jwk = kind < 9 ? ecdsa[index % ecdsa.length] : rsa[index % rsa.length];
  if (!jwk) throw new Error("no key was made");
  return `${option}${printPublicKey(toPrivateKey(jwk, comment).publicKey)}`;
}

function readAsWe(file: string): string[] {
  const { lines } = parseAuthorizedKeys(readFileSync(file));
  return lines.flatMap((line) => (line.kind === "key" ? [fingerprint(line.key.blob)] : []));
}

function readAsKeygen(file: string): string[] {
  const text = execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8", maxBuffer: 2 ** 28 });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" ")[1] ?? "");
}

function processorMilliseconds(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The processor time of a child, as bash's `times` tells it after the child has ended. */
function keygenMilliseconds(file: string): number {
  const script = 'TIMEFORMAT="%U %S"; time ssh-keygen -l -f "$1" >/dev/null';
  const { stderr } = spawnSync("bash", ["-c", script, "bash", file], { encoding: "utf8" });
  const [user = 0, system = 0] = stderr.trim().split(" ").map(Number);
  return (user + system) * 1000;
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-bench-keys-"));
try {
  const file = path.join(folder, "authorized_keys");
  const text = `${Array.from({ length: lineCount }, (_, index) => lineOf(index)).join("\n")}\n`;
  writeFileSync(file, text);
  const ours = readAsWe(file);
  const theirs = readAsKeygen(file);
  const differences = ours.filter((print, index) => print !== theirs[index]).length;
  if (ours.length !== theirs.length || differences > 0)
    throw new Error(`${ours.length} keys here, ${theirs.length} by ssh-keygen, ${differences} differ`);
  const here: number[] = [];
  const keygen: number[] = [];
  for (let round = 0; round < rounds; round++) {
    here.push(processorMilliseconds(() => readAsWe(file)));
    keygen.push(keygenMilliseconds(file));
  }
  const result = {
    lines: lineCount,
    keys: ours.length,
    bytes: text.length,
    rounds,
    gatehouseMilliseconds: { median: middle(here), least: Math.min(...here) },
    sshKeygenMilliseconds: { median: middle(keygen), least: Math.min(...keygen) },
  };
  console.log(JSON.stringify(result, null, 2));
  console.log(
    `${result.keys} keys in ${lineCount} lines: ${middle(here).toFixed(0)} ms here, ${middle(keygen).toFixed(0)} ms by ssh-keygen -lf (processor time, median of ${rounds}); all fingerprints agree.`,
  );
  if (values.out) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
