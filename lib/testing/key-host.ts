import { createHash } from "node:crypto";
import type { FileFacts } from "@/lib/access/facts";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { parseAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { now } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { recordFacts } from "@/lib/features/access/collect";
import { deriveAccess } from "@/lib/features/access/derive";
import { editKeys, KeyEdits } from "@/lib/features/changes/key-edits";
import { moveTo } from "@/lib/features/changes/progress";
import { writePlan } from "@/lib/features/changes/stored";
import { driveHost } from "@/lib/features/key-fleet/drive";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { lineSha256 } from "@/lib/ssh/keys";
import { addActor, addHost } from "@/lib/testing/arrange";
import { publicKeyOf } from "@/lib/testing/fleet";

/** The key that a word stands for. */
export function keyOf(seed: string) {
  const key = parsePublicKey(publicKeyOf(seed));
  if (!key) throw new Error(`no key is made of ${seed}`);
  return key;
}

export const printOf = (seed: string) => fingerprint(keyOf(seed).blob);
export const lineOf = (seed: string) => `${publicKeyOf(seed)}\n`;

/** A key of a person who is there already. */
export function addKey(db: Db, personId: string, seed: string, isProved = true, name = `Key ${seed}`) {
  const { blob, type } = keyOf(seed);
  return db.personKey.create({
    data: {
      personId,
      fingerprint: printOf(seed),
      type,
      blob: new Uint8Array(blob),
      bits: 256,
      name,
      origin: "pasted",
      provedAt: isProved ? new Date() : null,
    },
  });
}

/** A member with a key. */
export async function addKeyHolder(db: Db, name: string, seed: string, isProved = true) {
  const person = await addActor(db, "member", name);
  return { person, key: await addKey(db, person.personId, seed, isProved, `Key of ${name}`) };
}

export const firstFile = "/home/alice/.ssh/authorized_keys";
/** Another file of alice's. */
export const secondFile = "/home/alice/.ssh/authorized_keys2";
const fileOf = ({ path, account }: { path: string; account: string | null }) =>
  path === secondFile ? "second" : (account ?? "");

/** A host as a test keeps it: what stands in the files of its accounts; "second" is another file of alice's. */
export class KeyHost {
  private constructor(
    private readonly db: Db,
    readonly id: string,
    readonly keys: Record<string, string>,
  ) {}

  static async add(db: Db, keys: Record<string, string>): Promise<KeyHost> {
    const host = new KeyHost(db, await addHost(db), keys);
    await host.read();
    return host;
  }

  /** As the worker does it. */
  async read({ isConsistent = true } = {}): Promise<void> {
    const { second, ...first } = this.keys;
    const accounts: TestAccount[] = Object.entries(first).map(([name, keys]) => ({ name, keys }));
    const files: Record<string, FileFacts> =
      second === undefined
        ? {}
        : { [secondFile]: { kind: "file", uid: 1000, gid: 1000, mode: 0o600, text: second } };
    const facts = hostWith({
      config: "PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
      accounts,
      files,
    });
    const at = now();
    const derived = deriveAccess(facts, [], at);
    await this.db.$transaction((tx) =>
      recordFacts(
        tx,
        this.id,
        { hash: "a".repeat(64), facts, logins: [], loginsSince: undefined, isConsistent },
        at,
        derived,
      ),
    );
  }

  /** Plans what waits to be planned, as the worker would with the file on the host. */
  async plan(shutOut: string[] = []): Promise<void> {
    const changes = await this.db.change.findMany({ where: { hostId: this.id, state: "planning" } });
    for (const change of changes) {
      const bytes = Buffer.from(this.keys[fileOf(change)] ?? "");
      const edited = editKeys(bytes, KeyEdits.parse(change.keyEdits), { release: 902 });
      if (edited.reason !== undefined) {
        const text = edited.reason;
        await this.db.$transaction((tx) => moveTo(tx, change, "refused", { kind: "refused", text }));
        continue;
      }
      const nothing = { total: 0, rows: [] };
      const plan = writePlan({
        test: { code: 0, lines: [] },
        effective: [],
        management: { getsIn: true, reasons: [], doubts: [] },
        touches: [],
        needsPerson: false,
        needsExecutePermission: false,
        access: {
          obstacle: null,
          readAt: null,
          isStale: false,
          isCertain: true,
          gains: nothing,
          loses: nothing,
          weakened: nothing,
          strengthened: nothing,
          moved: nothing,
          shutOut: { total: shutOut.length, accounts: shutOut },
          doubtful: { total: 0, accounts: [] },
        },
        rules: [],
        twoFactor: null,
        readAt: now().toISOString(),
      });
      const keyBytes = new Uint8Array(edited.bytes);
      const newSha256 = createHash("sha256").update(keyBytes).digest("hex");
      await this.db.$transaction((tx) =>
        moveTo(tx, change, "planned", { kind: "planned", text: "" }, { plan, keyBytes, newSha256 }),
      );
    }
  }

  /** Ends what is being applied. */
  async end(state: "confirmed" | "rolled_back" | "refused", text = ""): Promise<void> {
    const change = await this.db.change.findFirstOrThrow({ where: { hostId: this.id, state: "applying" } });
    if (state === "confirmed")
      this.keys[fileOf(change)] = Buffer.from(change.keyBytes ?? new Uint8Array()).toString();
    if (state === "confirmed") {
      await this.db.$transaction((tx) => moveTo(tx, change, "proving", { kind: "proving", text: "" }));
      const proving = { ...change, state: "proving" };
      await this.db.$transaction((tx) => moveTo(tx, proving, "confirmed", { kind: "confirmed", text: "" }));
    } else await this.db.$transaction((tx) => moveTo(tx, change, state, { kind: state, text }));
  }

  /** What a person marks who takes this key out of a file; by its name in `keys`. */
  seen(seed: string, file = "alice") {
    const { lines } = parseAuthorizedKeys(this.keys[file] ?? "");
    const line = lines.find((one) => one.kind === "key" && fingerprint(one.key.blob) === printOf(seed));
    if (line?.kind !== "key") throw new Error(`${seed} does not stand in ${file}`);
    return { fingerprint: printOf(seed), seen: { line: line.number, sha256: lineSha256(line) } };
  }

  /** As the worker does it after every end and every reading. */
  drive = () => driveHost(this.id);

  /** Asks the host, plans, and looks at what there is to do, as the worker does when a batch was made. */
  async readAndPlan(shutOut: string[] = []): Promise<void> {
    await this.read();
    await this.drive();
    await this.plan(shutOut);
    await this.drive();
  }
}
