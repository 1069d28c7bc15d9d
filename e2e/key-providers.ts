import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Lab } from "@/e2e/lab/lab";
import { GATEWAY } from "@/e2e/lab/namespace";
import { makeSelfSigned } from "@/lib/testing/self-signed";

/** As of one.one.one.one: the lab's network has it for itself, and nothing leaves that network. */
const publicAddress = "1.1.1.1";

/** Names that lead inside, as an attacker's name server would say, each by another kind of address. */
export const insideNames: Readonly<Record<string, readonly string[]>> = {
  "private.example.org": [GATEWAY],
  "metadata.example.org": ["169.254.169.254"],
  "mapped.example.org": [`::ffff:${GATEWAY}`],
  "both.example.org": [publicAddress, "127.0.0.1"],
};
const outsideNames = ["launchpad.net", "github.com", "gitlab.com", "keys.example.org"];

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Launchpad, GitHub, GitLab and a server of one's own, inside the lab's network, on the port and by the protocol of the
 * real ones. The product has no setting for that: its machine is arranged. The network has a public address, the machine's
 * /etc/hosts leads the names there, and Node is told of one more authority (NODE_EXTRA_CA_CERTS), as an admin would.
 */
export class KeyProviders {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #answers: Record<string, Answer> = {};
  /** "github.com/alice.keys", in order. */
  readonly asked: string[] = [];
  /** The address of ours that each connection came to, in order. */
  readonly reached: string[] = [];

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  static async start(lab: Lab): Promise<KeyProviders> {
    const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-providers-"));
    const { certificate, privateKey } = makeSelfSigned([...outsideNames, ...Object.keys(insideNames)]);
    writeFileSync(path.join(folder, "certificate.pem"), certificate);
    writeFileSync(path.join(folder, "key.pem"), privateKey, { mode: 0o600 });
    const lines = [
      ["127.0.0.1", "localhost"],
      ...outsideNames.map((name) => [publicAddress, name]),
      ...Object.entries(insideNames).flatMap(([name, addresses]) => addresses.map((one) => [one, name])),
    ];
    writeFileSync(path.join(folder, "hosts"), `${lines.map((line) => line.join(" ")).join("\n")}\n`);
    const network = `--net=/proc/${lab.namespacePid}/ns/net`;
    execFileSync("nsenter", [network, "ip", "address", "replace", `${publicAddress}/32`, "dev", "lo"]);
    const program = path.join(import.meta.dirname, "lab/key-provider.mjs");
    const child = lab.spawnInside(process.execPath, [program, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const providers = new KeyProviders(folder, child);
    providers.#save();
    await providers.#listen();
    return providers;
  }

  /** What a product needs to live on a machine whose Internet this is. */
  get machine(): { readonly launcher: readonly string[]; readonly env: Readonly<Record<string, string>> } {
    const arrange = 'mount --bind "$0" /etc/hosts && exec "$@"';
    return {
      launcher: ["unshare", "--mount", "--", "sh", "-c", arrange, path.join(this.#folder, "hosts")],
      env: { NODE_EXTRA_CA_CERTS: path.join(this.#folder, "certificate.pem") },
    };
  }

  /** What stands at "github.com/alice.keys" from now on. */
  serve(place: string, answer: Answer): void {
    this.#answers[place] = { status: 200, ...answer };
    this.#save();
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    if (this.#child.kill()) await exited;
    rmSync(this.#folder, { recursive: true });
  }

  #save(): void {
    writeFileSync(path.join(this.#folder, "answers.json"), JSON.stringify(this.#answers));
  }

  /** Takes down what is said, from now on. @throws when it cannot listen */
  async #listen(): Promise<void> {
    const { stdout } = this.#child;
    if (!stdout) throw new Error("The providers have no output.");
    await new Promise<void>((resolve, reject) => {
      this.#child.once("exit", (code) => reject(new Error(`The providers ended with ${code}.`)));
      createInterface(stdout).on("line", (line) => {
        const { listening, to, asked } = JSON.parse(line);
        if (to) this.reached.push(to);
        if (asked) this.asked.push(asked);
        if (listening) resolve();
      });
    });
  }
}
