import { createHash } from "node:crypto";
import { AgentError } from "@/lib/agent/errors";
import { fileIdOf } from "@/lib/agent/file-id";
import { addMarker } from "@/lib/change/marker";
import { prisma } from "@/lib/db/client";
import { packFacts } from "@/lib/features/access/stored-facts";
import { judgeReading } from "@/lib/features/changes/access-of-plan";
import { move } from "@/lib/features/changes/driving";
import { askHost, loginOf } from "@/lib/features/changes/host-answers";
import { makePlan } from "@/lib/features/changes/plan";
import { rulesOfPlan } from "@/lib/features/changes/rules-of-plan";
import { writePlan } from "@/lib/features/changes/stored";
import { gateTwoFactor } from "@/lib/features/changes/two-factor-gate";
import type { TwoFactorTexts } from "@/lib/features/changes/two-factor-judgement";
import { readForTwoFactor } from "@/lib/features/changes/two-factor-reading";
import { TwoFactorRequest } from "@/lib/features/changes/two-factor-schema";
import type { TwoFactorPlanView } from "@/lib/features/changes/views";
import type { Change } from "@/lib/generated/prisma/client";

/**
 * Plans a change of the second factor: the host is read anew, whole, and both files are made from what was read.
 *
 * Ends the change where it cannot be made on this host at all; who would be shut out is told by the plan.
 *
 * @throws SshError, AgentError, AppError when the host cannot be asked
 */
export async function planTwoFactorChange(change: Change): Promise<void> {
  const reading = await readForTwoFactor(change.hostId);
  const { at } = reading;
  const judged = await gateTwoFactor(change.hostId, TwoFactorRequest.parse(change.twoFactor), reading);
  if ("refused" in judged) {
    await move(change, "refused", { kind: "refused", text: judged.refused });
    return;
  }
  const written = writtenOf(change, judged.texts);
  const drafted = { ...change, ...written };
  const { asked, check } = await askHost(drafted);
  const stored = {
    facts: packFacts(reading.facts),
    readAt: at,
    failedAt: null,
    isConsistent: reading.facts.isConsistent,
  };
  const plan = makePlan({
    base: drafted.baseContent,
    content: drafted.content,
    asked,
    check,
    login: await loginOf(change),
    access: judgeReading(stored, () => judged.difference, at, written.path),
    rules: await rulesOfPlan(prisma(), drafted, at),
    at,
  });
  await move(
    change,
    "planned",
    { kind: "planned", text: "The host was read, and both files were made from what it has." },
    {
      ...written,
      // Whoever can log in is asked for something else: our own login proves nothing about that.
      plan: writePlan({ ...plan, needsPerson: true, twoFactor: shown(judged.view) }),
      twoFactor: judged.request,
      planError: null,
    },
  );
}

/**
 * Why a planned change may not begin any more, by what the host is like at this moment; undefined when it may.
 *
 * Somebody may have got an account, lost a secret or edited a file since the plan was made.
 *
 * @throws SshError, AgentError, AppError when the host cannot be asked
 */
export async function whyNotNow(change: Change): Promise<string | undefined> {
  const reading = await readForTwoFactor(change.hostId);
  const judged = await gateTwoFactor(change.hostId, TwoFactorRequest.parse(change.twoFactor), reading);
  if ("refused" in judged) return judged.refused;
  const [first] = judged.view.problems;
  if (first) return `${first.text} That was not so when the change was planned.`;
  const { baseSha256, pamBaseSha256, content, pamContent } = judged.texts;
  const isSame =
    baseSha256 === change.baseSha256 &&
    pamBaseSha256 === change.pamBaseSha256 &&
    content === change.content &&
    pamContent === change.pamContent;
  if (isSame) return undefined;
  return baseSha256 === change.baseSha256 && pamBaseSha256 === change.pamBaseSha256
    ? "Who is excepted is not as it was when the plan was made. Plan it again."
    : "One of the two files was edited on the host since the plan was made. Plan it again.";
}

function writtenOf(
  { hostRef }: Pick<Change, "hostRef">,
  texts: TwoFactorTexts,
): Pick<
  Change,
  | "path"
  | "fileSha256Id"
  | "baseSha256"
  | "baseContent"
  | "content"
  | "newSha256"
  | "pamBaseSha256"
  | "pamBaseContent"
  | "pamContent"
> {
  const marked = addMarker(texts.content, hostRef);
  if (Buffer.byteLength(marked) > mostBytes)
    throw new AgentError(
      "too-large",
      `${texts.path} would hold more than 128 KiB with the lines for a second factor.`,
    );
  return {
    path: texts.path,
    fileSha256Id: fileIdOf(texts.path),
    baseSha256: texts.baseSha256,
    baseContent: texts.base,
    content: texts.content,
    newSha256: createHash("sha256").update(marked, "utf8").digest("hex"),
    pamBaseSha256: texts.pamBaseSha256,
    pamBaseContent: texts.pamBase,
    pamContent: texts.pamContent,
  };
}

/** More than a person reads; the count is of all. */
const mostRows = 200;
const shown = (view: TwoFactorPlanView): TwoFactorPlanView => ({
  ...view,
  accounts: { ...view.accounts, rows: view.accounts.rows.slice(0, mostRows) },
});

/** What the agent takes (FILE_MAX_BYTES of agent.sh). */
const mostBytes = 131_072;
