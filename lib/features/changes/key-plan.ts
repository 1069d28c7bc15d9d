import { createHash } from "node:crypto";
import type { HostFacts } from "@/lib/access/facts";
import { compareStandings, type DraftJudgement, standingOf, type Unjudged } from "@/lib/access/judge-draft";
import { factsWithKeyFile, factsWithModes, modesText } from "@/lib/access/key-file-draft";
import type { KeyOwner } from "@/lib/access/who-can-log-in";
import { AgentError } from "@/lib/agent/errors";
import type { KeyFile } from "@/lib/agent/read-keys";
import { prisma } from "@/lib/db/client";
import { judgeReading } from "@/lib/features/changes/access-of-plan";
import { move } from "@/lib/features/changes/driving";
import { takesAwayUnseen } from "@/lib/features/changes/judge-again";
import {
  type EditedKeys,
  editKeys,
  isModeRepair,
  KeyEdits,
  modesSha256,
} from "@/lib/features/changes/key-edits";
import { exactlyBefore } from "@/lib/features/changes/put-back-edits";
import { newestTexts, rulesOfPlan } from "@/lib/features/changes/rules-of-plan";
import { writePlan } from "@/lib/features/changes/stored";
import type { ChangePlanView } from "@/lib/features/changes/views";
import { withManagedHost } from "@/lib/features/hosts/reach";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import type { Change } from "@/lib/generated/prisma/client";
import { findBuild } from "@/lib/sshd-config/build";
import { decodeText } from "@/lib/text";

/**
 * Plans a change of a key file: the file is read on the host at this moment, and its edits are done in it.
 *
 * Ends the change where the host says that this file is not to be written, or where nothing would be different.
 *
 * @throws SshError, AgentError, AppError when the host cannot be asked
 */
export async function planKeyFile(change: Change, at: Date): Promise<void> {
  const account = change.account ?? "";
  const files = await readKeys(change.hostId, account);
  const file = files.find(({ path }) => path === change.path);
  const refused = (text: string) => move(change, "refused", { kind: "refused", text });
  if (!file) {
    await refused(`sshd on this host does not look for keys of ${account} in ${change.path} any more.`);
    return;
  }
  if (file.reason !== "" || file.state === "refused") {
    await refused(`${change.path} is not written from here: ${file.reason}`);
    return;
  }
  const edits = KeyEdits.parse(change.keyEdits);
  const reading = await prisma().accessReading.findUnique({ where: { hostId: change.hostId } });
  const host = await prisma().host.findUniqueOrThrow({ where: { id: change.hostId } });
  if (isModeRepair(edits)) {
    await planModes(change, file, refused, at);
    return;
  }
  const { release } = findBuild(host.sshdVersion ?? "").build;
  const edited =
    (await exactlyAsBefore(change.hostId, edits, file)) ?? editKeys(file.content, edits, { release });
  if (edited.reason !== undefined) {
    await refused(edited.reason);
    return;
  }
  const written = {
    baseSha256: file.sha256,
    baseContent: shown(decodeText(file.content)),
    content: shown(edited.text),
    newSha256: createHash("sha256").update(edited.bytes).digest("hex"),
    keyBytes: new Uint8Array(edited.bytes),
  };
  const people = await listKeyOwners(prisma());
  const texts = await newestTexts(prisma(), change.hostId);
  const access = judgeReading(
    reading,
    (facts) => judgeKeyFile(facts, { account, file, after: edited.text, texts, people, at }),
    at,
    change.path,
  );
  const rules = await rulesOfPlan(prisma(), { ...change, ...written }, at);
  await settle(change, written, { access, rules }, at);
}

/** What the file was before the change that is undone, when it is still what that change has made of it. */
async function exactlyAsBefore(
  hostId: string,
  edits: KeyEdits,
  { path, sha256 }: KeyFile,
): Promise<EditedKeys | undefined> {
  const back = edits.find((edit) => edit.kind === "back");
  if (!back) return undefined;
  const undone = await prisma().change.findFirst({ where: { id: back.changeId, hostId, path } });
  return undone ? exactlyBefore(undone, sha256) : undefined;
}

type Written = Pick<Change, "baseSha256" | "baseContent" | "content" | "newSha256"> & {
  keyBytes?: Uint8Array<ArrayBuffer>;
};

async function settle(
  change: Change,
  written: Written,
  judged: Pick<ChangePlanView, "access" | "rules">,
  at: Date,
): Promise<void> {
  await move(
    change,
    "planned",
    { kind: "planned", text: "The file was read on the host, and the change was made from it." },
    {
      ...written,
      planError: null,
      plan: writePlan({
        test: { code: 0, lines: [] },
        effective: [],
        management: { getsIn: true, reasons: [], doubts: [] },
        touches: [],
        needsPerson: takesAwayUnseen(change, judged.access),
        needsExecutePermission: false,
        ...judged,
        twoFactor: null,
        readAt: at.toISOString(),
      }),
    },
  );
}

/** A plan that changes no line: the modes of the file and of the directories on its way become safe ones. */
async function planModes(
  change: Change,
  file: KeyFile,
  refused: (text: string) => Promise<boolean>,
  at: Date,
): Promise<void> {
  const { modes } = file;
  if (!modes || modes.now === modes.safe) {
    await refused(
      modes
        ? "The modes are safe already. Read the host again."
        : `The modes of ${file.path} are not changed from here: it is in no home directory.`,
    );
    return;
  }
  const [reading, people, texts] = await Promise.all([
    prisma().accessReading.findUnique({ where: { hostId: change.hostId } }),
    listKeyOwners(prisma()),
    newestTexts(prisma(), change.hostId),
  ]);
  const options = { texts, people, now: Math.floor(at.getTime() / 1000) };
  const written = {
    baseSha256: modesSha256(modes.now),
    baseContent: modesText(file.path, modes.now),
    content: modesText(file.path, modes.safe),
    newSha256: modesSha256(modes.safe),
  };
  const judge = (facts: HostFacts) => {
    const before = standingOf(factsWithModes(facts, written.baseContent), options);
    if (before.server.refused !== undefined)
      return { side: "before" as const, refused: before.server.refused };
    return compareStandings(before, standingOf(factsWithModes(facts, written.content), options));
  };
  const access = judgeReading(reading, judge, at, file.path);
  const rules = await rulesOfPlan(prisma(), { ...change, ...written }, at);
  await settle(change, written, { access, rules }, at);
}

/** @throws AgentError whose message says so when the agent is too old to know the verb */
export async function readKeys(hostId: string, account: string): Promise<KeyFile[]> {
  try {
    return await withManagedHost(hostId, (agent) => agent.readKeys(account));
  } catch (error) {
    if (error instanceof AgentError && error.code === "protocol")
      throw new AgentError(
        "protocol",
        "The agent on this host is too old to change key files, or the account's name is none that it takes. Update the agent on the host's page.",
      );
    throw error;
  }
}

interface KeyFileChange {
  readonly account: string;
  readonly file: KeyFile;
  readonly after: string;
  readonly texts: ReadonlyMap<string, string>;
  readonly people: readonly KeyOwner[];
  readonly at: Date;
}

/** Who gains and who loses, with the file as it was just read on the host, not as it was read with the facts. */
function judgeKeyFile(
  facts: HostFacts,
  { account, file, after, texts, people, at }: KeyFileChange,
): DraftJudgement | Unjudged {
  const options = { texts, people, now: Math.floor(at.getTime() / 1000) };
  const standing = (text: string | undefined) =>
    standingOf(factsWithKeyFile(facts, { account, path: file.path, text }), options);
  const before = standing(file.state === "absent" ? undefined : decodeText(file.content));
  if (before.server.refused !== undefined) return { side: "before", refused: before.server.refused };
  return compareStandings(before, standing(after));
}

/** Text for people and PostgreSQL: bytes that are none show as such; what is written to the host is `keyBytes`. */
function shown(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
