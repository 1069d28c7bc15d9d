/**
 * How long it takes to bring one key into many accounts of many hosts: by this product (grant by tag, batch, worker, agent),
 * and by Ansible's authorized_key, on the same hosts in one run.
 *
 *   npm run bench:keys -- [--hosts 50] [--accounts 20] [--out FILE.json]
 *
 * Needs root: hosts are lab hosts (npm run lab). Ansible and its collection ansible.posix come with Debian's package
 * `ansible`, and its share is skipped where they are missing. Hosts get a copy of this machine's Python for Ansible, so the
 * machine must be the Debian of the hosts. Afterwards every file on every host is looked at: the key stands in it once, and
 * whether every other byte is as it was (a comment that ends in CR LF, and a line that is no key).
 *
 * The two do not do the same: here each file is planned first, with who gains and who loses; each change is proved by a fresh
 * login, undone by the host itself otherwise, and read again. Ansible writes the file.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { startCluster } from "@/lib/db/embedded/cluster.mjs";
import { applyMigrations } from "@/lib/db/migrations.mjs";
import { placeOnFleet } from "@/lib/testing/place-on-fleet";

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "50" },
    accounts: { type: "string", default: "20" },
    out: { type: "string" },
  },
});
const hostCount = Number(values.hosts);
const accounts = Array.from(
  { length: Number(values.accounts) },
  (_, i) => `svc${String(i + 1).padStart(2, "0")}`,
);
const module =
  "/usr/lib/python3/dist-packages/ansible_collections/ansible/posix/plugins/modules/authorized_key.py";
const fileOf = (account: string) => `/home/${account}/.ssh/authorized_keys`;
const foreign = "# kept by hand\r\nno key at all\n";

/** Makes the accounts, each with a file of its own. @returns the host, when Ansible can log in to it as root */
async function startHost(lab: Lab, index: number, python: Buffer | undefined): Promise<LabHost> {
  const host = await lab.start("bookworm", { name: `bench-${index + 1}` });
  const script = `set -e
for account in ${accounts.join(" ")}; do
    useradd -m -s /bin/bash "$account"
    install -d -m 700 -o "$account" -g "$account" "/home/$account/.ssh"
    { printf '# kept by hand\\r\\nno key at all\\n'; echo '${lab.publicKey}'; } >"/home/$account/.ssh/authorized_keys"
    chown "$account:" "/home/$account/.ssh/authorized_keys"
    chmod 600 "/home/$account/.ssh/authorized_keys"
done
install -d -m 700 /root/.ssh
echo '${lab.publicKey}' >>/root/.ssh/authorized_keys
chmod 600 /root/.ssh/authorized_keys`;
  const made = await host.exec(script, { timeoutSeconds: 300 });
  if (made.code !== 0) throw new Error(`${host.name}: ${made.stderr}`);
  if (python) {
    const copied = await host.exec("tar -C / -xf -", { input: python, timeoutSeconds: 300 });
    if (copied.code !== 0) throw new Error(`${host.name}: ${copied.stderr}`);
  }
  return host;
}

/** This machine's Python with what it needs, as a tar file. */
function packPython(): Buffer {
  const real = execFileSync("readlink", ["-f", "/usr/bin/python3"], { encoding: "utf8" }).trim();
  const library = path.join("/usr/lib", path.basename(real));
  const needed = execFileSync("sh", [
    "-c",
    `{ ldd "$1"; for one in "$2"/lib-dynload/*.so; do ldd "$one"; done; } | awk '$3 ~ "^/" { print $3 }' | sort -u`,
    "sh",
    real,
    library,
  ]);
  const libraries = needed.toString().trim().split("\n");
  return execFileSync(
    "tar",
    [
      "-C",
      "/",
      "--exclude=__pycache__",
      "--exclude=test",
      "-hcf",
      "-",
      ...[real, "/usr/bin/python3", library, ...libraries].map((one) => one.slice(1)),
    ],
    { maxBuffer: 2 ** 29, stdio: ["ignore", "pipe", "ignore"] },
  );
}

/**
 * Looks at every file: each key must stand in it once.
 *
 * @returns in how many of them anything else is not as it was, byte for byte
 */
async function checkFiles(hosts: readonly LabHost[], lab: Lab, blobs: readonly string[]): Promise<number> {
  let altered = 0;
  for (const host of hosts)
    for (const account of accounts) {
      const text = (await host.readBytes(fileOf(account))).toString("latin1");
      for (const blob of blobs)
        if (text.split(blob).length !== 2)
          throw new Error(
            `${host.name} ${fileOf(account)} holds the key ${text.split(blob).length - 1} times.`,
          );
      if (!text.startsWith(`${foreign}${lab.publicKey}\n`)) altered++;
    }
  return altered;
}

function placeByAnsible(folder: string, lab: Lab, hosts: readonly LabHost[], line: string): Promise<number> {
  const inventory = hosts.map(
    ({ name, address, port }) => `${name} ansible_host=${address} ansible_port=${port}`,
  );
  writeFileSync(
    path.join(folder, "inventory"),
    `[all]\n${inventory.join("\n")}\n[all:vars]\nansible_user=root\nansible_ssh_private_key_file=${lab.keyPath}\nansible_python_interpreter=/usr/bin/python3\nansible_ssh_common_args='-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'\n`,
  );
  const play = [
    {
      hosts: "all",
      gather_facts: false,
      tasks: [
        {
          name: "Place the key",
          "ansible.posix.authorized_key": { user: "{{ item }}", key: line.trim() },
          loop: accounts,
        },
      ],
    },
  ];
  writeFileSync(path.join(folder, "play.json"), JSON.stringify(play));
  const begun = performance.now();
  const child = lab.spawnInside(
    "ansible-playbook",
    ["-i", path.join(folder, "inventory"), "-f", String(hosts.length), path.join(folder, "play.json")],
    {
      env: {
        ...process.env,
        ANSIBLE_PIPELINING: "1",
        ANSIBLE_HOME: path.join(folder, "ansible-home"),
        LC_ALL: "C.UTF-8",
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => {
      if (code === 0) resolve((performance.now() - begun) / 1000);
      else reject(new Error(`ansible-playbook ended with ${code}:\n${output}`));
    });
  });
}

function newKey(folder: string, name: string): string {
  const file = path.join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
  return readFileSync(`${file}.pub`, "utf8").trim();
}

const blobOf = (line: string) => line.split(" ")[1] ?? "";
if (process.getuid?.() !== 0) {
  console.log("skipped: placing a key on hosts (lab hosts need root)");
  process.exit(0);
}
const hasAnsible =
  existsSync(module) && spawnSync("ansible-playbook", ["--version"], { stdio: "ignore" }).status === 0;
if (!hasAnsible) {
  console.log("skipped: ansible-playbook with ansible.posix.authorized_key (not there)");
  console.log("  On Debian: apt-get install ansible");
}
const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-bench-place-"));
const lab = await openLab();
const cluster = await startCluster(path.join(folder, "postgres"), { durable: true });
try {
  await applyMigrations(cluster.url, path.resolve("prisma/migrations"));
  process.env.DATABASE_URL = cluster.url;
  process.env.GATEHOUSE_WORKER_KEY_FILE = path.join(folder, "worker.key");
  writeFileSync(process.env.GATEHOUSE_WORKER_KEY_FILE, randomBytes(32), { mode: 0o600 });
  const python = hasAnsible ? packPython() : undefined;
  const hosts: LabHost[] = [];
  for (let index = 0; index < hostCount; index++) hosts.push(await startHost(lab, index, python));
  console.log(`${hosts.length} hosts with ${accounts.length} accounts each are up.`);
  const ours = newKey(folder, "gatehouse");
  const placed = await placeOnFleet(cluster.url, hosts, accounts, ours);
  const altered = { gatehouse: await checkFiles(hosts, lab, [blobOf(ours)]), ansible: 0 };
  if (altered.gatehouse > 0) throw new Error(`${altered.gatehouse} files are not as they were otherwise.`);
  const theirs = newKey(folder, "ansible");
  const ansible = hasAnsible ? await placeByAnsible(folder, lab, hosts, theirs) : undefined;
  if (ansible !== undefined) altered.ansible = await checkFiles(hosts, lab, [blobOf(ours), blobOf(theirs)]);
  const files = hosts.length * accounts.length;
  const result = {
    hosts: hosts.length,
    accounts: accounts.length,
    files,
    gatehouseSeconds: placed,
    ansibleSeconds: ansible ?? null,
    filesOtherwiseAltered: altered,
  };
  const each = (seconds: number) =>
    `${seconds.toFixed(1)} s (${((seconds * 1000) / files).toFixed(0)} ms a file)`;
  console.log(
    `Gatehouse: planned in ${each(placed.planning)}, applied, proved and read again in ${each(placed.applying)}`,
  );
  if (ansible !== undefined)
    console.log(
      `Ansible's authorized_key: written in ${each(ansible)}; ${altered.ansible} of ${files} files lost other bytes`,
    );
  if (values.out) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await lab.close();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
