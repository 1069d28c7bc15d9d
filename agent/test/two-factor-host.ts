import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Lab } from "@/e2e/lab/lab";
import type { Tree } from "@/e2e/lab/tree";
import { encodeTotpSecret, secretBytes, totpCode } from "@/lib/otp/totp";
import { type Build, type BuildId, buildById } from "@/lib/sshd-config/build";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { startSecurityKeyAgent } from "@/lib/testing/security-key-agent";
import { type PamStep, setPamStep } from "@/lib/two-factor/pam-step";
import { findTwoFactorProblems, type TwoFactorAccount } from "@/lib/two-factor/problems";
import { addTwoFactor, type TwoFactorRecipe } from "@/lib/two-factor/sshd-step";
import { type AppliedChange, ManagedHost, mainConfig, pamFile, shortDeadlines } from "./managed-host";

export interface Kind {
  readonly tree: Tree;
  readonly build: BuildId;
}

const secret = encodeTotpSecret(new Uint8Array(secretBytes).fill(7));
/** What google-authenticator writes; without DISALLOW_REUSE, since tests log in twice within half a minute. */
const stateFile = `${secret}\n" WINDOW_SIZE 17\n" TOTP_AUTH\n69000714\n`;
const now = () => Math.floor(Date.now() / 1000);

export const rightCode = () => totpCode(secret, now());

/** Six digits that are right at no moment within the window, nor for a while after it. */
export function wrongCode(): string {
  const near = new Set(Array.from({ length: 61 }, (_, step) => totpCode(secret, now() + (step - 30) * 30)));
  for (let code = 0; ; code++) if (!near.has(`${code}`.padStart(6, "0"))) return `${code}`.padStart(6, "0");
}

const accounts: Record<string, TwoFactorAccount> = Object.fromEntries(
  (
    [
      ["gatehouse", 999, [], "none", false],
      ["alice", 1001, [], "good", false],
      ["bob", 1002, [], "none", false],
      ["sam", 1003, ["tokens"], "none", true],
      ["deploy", 1004, ["robots"], "none", false],
      ["root", 0, [], "good", false],
    ] as const
  ).map(([name, uid, groups, state, hasSecurityKey]) => [
    name,
    { name, uid, groups: [name, ...groups], secret: state, hasSecurityKey },
  ]),
);

/** Who is on the host: what Gatehouse would know of him. */
export const accountOf = (name: string): TwoFactorAccount => accounts[name] ?? never();

/** Two texts, and what is foretold of them. */
export interface Draft {
  readonly text: string;
  readonly pam: string;
  /** "shut-out: bob" for these accounts. */
  foretell(...who: (string | TwoFactorAccount)[]): string[];
}

export interface DraftOptions {
  readonly edit?: (text: string) => string;
  readonly editPam?: (text: string) => string;
  readonly hasModule?: boolean;
}

/** A host on which one person has an app for codes, one a security key, one nothing, and a robot a key. */
export class TwoFactorHost {
  readonly folder = mkdtempSync(path.join(tmpdir(), "gatehouse-sk-"));
  readonly token = SoftSecurityKey.generate("ed25519", "ssh:");
  /** Applied by a test and not decided. */
  open: AppliedChange | undefined;

  private constructor(
    readonly managed: ManagedHost,
    private readonly keyPath: string,
    readonly build: Build,
    readonly config: string,
    readonly pam: string,
  ) {}

  static async start(lab: Lab, { tree, build: id }: Kind): Promise<TwoFactorHost> {
    const host = await lab.start(tree);
    // Failed logins are what is tried here: the punishment for them is not.
    if (tree === "trixie") await host.write("/etc/ssh/sshd_config.d/50-lab.conf", "PerSourcePenalties no\n");
    const { code, stderr } = await host.exec(`
      for group in tokens robots; do groupadd $group; done
      for person in sam:tokens deploy:robots; do
        name=\${person%:*}
        useradd -m -s /bin/bash -G "\${person#*:}" $name
        install -d -m 700 -o $name -g $name /home/$name/.ssh
        cp /home/alice/.ssh/authorized_keys /home/$name/.ssh/ && chown $name:$name /home/$name/.ssh/authorized_keys
      done
      install -d -m 700 /root/.ssh && cp /home/alice/.ssh/authorized_keys /root/.ssh/ && chown root:root /root/.ssh/authorized_keys`);
    if (code !== 0) throw new Error(stderr);
    await host.write("/home/alice/.google_authenticator", stateFile, "400");
    await host.write("/root/.google_authenticator", stateFile, "400");
    await host.exec("chown alice:alice /home/alice/.google_authenticator");
    const managed = await new ManagedHost(lab, host).installed([shortDeadlines]);
    await host.exec("service ssh restart");
    const [config, pam] = await Promise.all([host.read(mainConfig), host.read(pamFile)]);
    const started = new TwoFactorHost(managed, lab.keyPath, buildById(id) ?? never(), config, pam);
    await host.exec(`printf '%s\\n' '${started.token.line}' >>/home/sam/.ssh/authorized_keys`);
    writeFileSync(path.join(started.folder, "token.pub"), `${started.token.line}\n`);
    return started;
  }

  async stop(): Promise<void> {
    this.managed.forget();
    await this.managed.host.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the product would write, edited as somebody might by hand. */
  draft(step: PamStep, recipe: TwoFactorRecipe, options: DraftOptions = {}): Draft {
    const { edit = (text) => text, editPam = (text) => text, hasModule = true } = options;
    const text = edit(addTwoFactor(this.config, recipe, this.build).text ?? never());
    const pam = editPam(setPamStep(this.pam, step, { kind: "home" }).text ?? never());
    const foretell: Draft["foretell"] = (...who) =>
      findTwoFactorProblems({
        ...{ files: [{ path: mainConfig, text }], pam, build: this.build, hasModule },
        accounts: who.map((one) => (typeof one === "string" ? accountOf(one) : one)),
      }).map(({ code, account }) => (account === undefined ? code : `${code}: ${account}`));
    return { text, pam, foretell };
  }

  /** @throws unless the agent applied both */
  async apply(texts: Pick<Draft, "text" | "pam">): Promise<AppliedChange> {
    const change = await this.managed.apply(texts.text, { pam: texts.pam, deadline: 120 });
    if (change.answer.error) throw new Error(change.answer.message);
    this.open = change;
    return change;
  }

  /** Undoes what a test has left applied. */
  async cancel(): Promise<void> {
    if (this.open) await this.managed.ask("cancel", { id: this.open.id });
    this.open = undefined;
  }

  async withCode(user: string, code: string): Promise<boolean> {
    return (await this.managed.host.login(user, { key: this.keyPath, password: code })).ok;
  }

  async byKey(user: string): Promise<boolean> {
    return (await this.managed.host.login(user)).ok;
  }

  /** sam by the security key. @param flags 1: touched, 4: by PIN */
  async byToken(flags: number): Promise<boolean> {
    const agent = await startSecurityKeyAgent(this.token, flags);
    try {
      const key = path.join(this.folder, "token");
      return (await this.managed.host.login("sam", { key, agent: agent.socket })).ok;
    } finally {
      await agent.close();
    }
  }
}

function never(): never {
  throw new Error("The test's own texts could not be made.");
}
