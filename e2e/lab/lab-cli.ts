import { spawn } from "node:child_process";
import { once } from "node:events";
import { attachLab, endLab, type Lab, type LabHost, openLab, openLabNames } from "./lab";
import { type Init, TREES, type Tree } from "./tree";

const USAGE = `Real sshd hosts on this machine (as root). See docs/lab.md.

  npm run lab -- start TREE[:socket]...     start hosts and keep them until Ctrl-C
  npm run lab -- run COMMAND [ARGUMENT]...  open a lab and run a command in its network, with its name in GATEHOUSE_LAB
  npm run lab -- list                       the hosts of all open labs
  npm run lab -- sh HOST [SCRIPT]           a root shell in a host, or a script
  npm run lab -- stop LAB...                end a lab, whoever opened it

Trees: ${TREES.join(", ")}
`;

async function main([verb, ...args]: string[]): Promise<number> {
  switch (verb) {
    case "start":
      return start(args);
    case "run":
      return run(args);
    case "list":
      return list();
    case "sh":
      return shell(args);
    case "stop":
      return stop(args);
    default:
      process.stderr.write(USAGE);
      return 64;
  }
}

async function start(wanted: string[]): Promise<number> {
  const hosts = (wanted.length > 0 ? wanted : ["bookworm"]).map(parseHost);
  const lab = await openLab();
  const interrupted = nextInterrupt();
  try {
    for (const { tree, init } of hosts) print(lab, await lab.start(tree, { init }));
    console.log(`\nLogins: admin, alice and bob with ${lab.keyPath}, or with their passwords NAME-pw.`);
    console.log(`From a shell in the lab's network: nsenter --target ${lab.namespacePid} --net`);
    console.log("Ctrl-C ends the lab.");
    await interrupted;
  } finally {
    await lab.close();
  }
  return 0;
}

async function run([command, ...args]: string[]): Promise<number> {
  if (!command) throw new Error("Nothing to run. Example: npm run lab -- run npx vitest run --project lab");
  const lab = await openLab();
  // Ctrl-C goes to the command too; the lab must outlive it.
  nextInterrupt();
  try {
    const env = { ...process.env, GATEHOUSE_LAB: lab.name };
    const [code] = await once(lab.spawnInside(command, args, { stdio: "inherit", env }), "exit");
    return code ?? 1;
  } finally {
    await lab.close();
  }
}

async function list(): Promise<number> {
  for (const name of openLabNames()) {
    const lab = await attachLab(name);
    console.log(`lab ${name}, nsenter --target ${lab.namespacePid} --net`);
    for (const host of lab.hosts()) print(lab, host);
  }
  return 0;
}

async function shell([name, script]: string[]): Promise<number> {
  const labs = await Promise.all(openLabNames().map(attachLab));
  const host = labs.flatMap((lab) => lab.hosts()).find((candidate) => candidate.name === name);
  if (!host) throw new Error(`No open lab has a host "${name}". See: npm run lab -- list`);
  const command = script === undefined ? ["bash", "--login"] : ["sh", "-c", script];
  const [code] = await once(spawn("nsenter", host.enter(command), { stdio: "inherit" }), "exit");
  return code ?? 1;
}

async function stop(names: string[]): Promise<number> {
  if (names.length === 0) throw new Error("Which lab? See: npm run lab -- list");
  for (const name of names) {
    await attachLab(name);
    await endLab(name);
    console.log(`The lab ${name} is gone.`);
  }
  return 0;
}

function parseHost(text: string): { tree: Tree; init?: Init } {
  const [name, init] = text.split(":");
  const tree = TREES.find((known) => known === name);
  if (!tree) throw new Error(`There is no tree "${name}". Trees: ${TREES.join(", ")}`);
  if (init !== undefined && init !== "socket")
    throw new Error(`After the tree comes nothing or ":socket": ${text}`);
  return { tree, init };
}

function print(lab: Lab, host: LabHost): void {
  const state = host.isRunning ? `${host.address}:${host.port}` : "powered off";
  console.log(
    `  ${host.name.padEnd(22)} ${state.padEnd(16)} ${host.tree}, init ${host.init}, lab ${lab.name}`,
  );
}

/** Resolves at Ctrl-C or SIGTERM, which no longer end this process by themselves. */
function nextInterrupt(): Promise<void> {
  return new Promise((resolve) => {
    // A timer, because waiting for a signal alone does not keep a process alive.
    const alive = setInterval(() => undefined, 60_000);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
