import type { RecentLogins } from "@/lib/agent/read-facts";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { askTruth } from "@/lib/features/changes/ask-truth";
import { type Drive, type Next, note, reasonOf, secondsUntil } from "@/lib/features/changes/driving";
import { addStep } from "@/lib/features/changes/progress";
import { readPlan } from "@/lib/features/changes/stored";
import type { WitnessView } from "@/lib/features/changes/views";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { Change } from "@/lib/generated/prisma/client";
import { findSeenLogin } from "@/lib/two-factor/seen-login";

/** Somebody types his code and looks at this page; more often would fill the host's log with our own logins. */
const lookEverySeconds = 4;
/** After two minutes nobody stands and waits any more: a driver that looks more seldom ends in between. */
const lookSeldomSeconds = 15;
const soonSeconds = 120;

/** Whether a person's login is still to be seen by the host before this change can be kept. */
export function waitsForLogin(change: Change): boolean {
  return (
    change.kind === "two-factor" &&
    change.witness === null &&
    readPlan(change.plan)?.twoFactor?.proof.kind === "login"
  );
}

/** Asks the host whether somebody has come in through key and code since the change, and writes down who. */
export async function lookForLogin(change: Change, drive: Drive): Promise<Next> {
  const left = secondsUntil(change.rollbackAt);
  if (left <= -1) return askTruth(change, drive);
  const isSoon = -secondsUntil(change.provedAt) < soonSeconds;
  const wait = { waitSeconds: Math.min(isSoon ? lookEverySeconds : lookSeldomSeconds, left + 2) };
  const proof = readPlan(change.plan)?.twoFactor?.proof;
  if (proof?.kind !== "login" || !change.appliedAt) return wait;
  // Before the host is asked: what it answers is then older than we think, never younger.
  const withinSeconds = (now().getTime() - change.appliedAt.getTime()) / 1000;
  let recent: RecentLogins;
  try {
    recent = await withManagedHost(change.hostId, (agent) => agent.recentLogins());
  } catch (error) {
    await note(change, { kind: "failed", text: `The host could not say who came in: ${reasonOf(error)}` });
    return wait;
  }
  const seen = findSeenLogin(recent.logins, {
    accounts: proof.accounts,
    hostSeconds: recent.clockSeconds,
    withinSeconds,
  });
  if (!seen) return wait;
  // Text of a host: what is no address is none.
  const address = /^[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,15})?$/.test(seen.address ?? "")
    ? (seen.address ?? null)
    : null;
  const witness: WitnessView = { account: seen.account, at: seen.at, method: seen.method ?? "", address };
  await prisma().$transaction(async (db) => {
    const { count } = await db.change.updateMany({
      where: { id: change.id, state: "awaiting_person" },
      data: { witness: { ...witness } },
    });
    if (count > 0)
      await addStep(db, change, {
        kind: "witnessed",
        text: `The host saw ${seen.account} log in through key and code${address ? ` from ${address}` : ""}. The change can be kept now.`,
      });
  });
  return { waitSeconds: 0 };
}
