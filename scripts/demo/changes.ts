import { isEnded } from "@/lib/change/machine";
import { applyChange, keepChange, planChange } from "@/lib/features/changes/commands";
import { getChange } from "@/lib/features/changes/queries";
import type { ChangeView } from "@/lib/features/changes/views";
import { getHostConfig } from "@/lib/features/config/queries";
import type { ConfigFileView } from "@/lib/features/config/views";
import { act, read } from "@/lib/usecase";
import { demoOrigin, type Owner } from "@/scripts/demo/owner";
import type { Until } from "@/scripts/demo/until";

/** One edit of a host's main file. */
export interface Edit {
  readonly hostId: string;
  readonly hostName: string;
  readonly message: string;
  /** The line of Debian's own file that gives way, and what stands there then. */
  readonly line: string;
  readonly becomes: string;
}

const mainFile = "/etc/ssh/sshd_config";
/** The shortest there is: how long nobody gets in when a change locks everybody out. */
const deadlineSeconds = 30;

/** The host's main file, as soon as Gatehouse has read it. */
export function waitForFile(hostId: string, owner: Owner, until: Until): Promise<ConfigFileView> {
  return until("its configuration is read", async () => {
    const { files } = await read(getHostConfig, { hostId }, owner.actor, demoOrigin);
    return files.find(({ path }) => path === mainFile);
  });
}

/** Makes a change, and keeps it once a fresh login has proved it. */
export async function makeKeptChange(edit: Edit, owner: Owner, until: Until): Promise<void> {
  const planned = await plan(edit, owner, until);
  const changeId = planned.id;
  await act(applyChange, { changeId, keepBy: "person" }, owner.actor, demoOrigin);
  await reach(changeId, "awaiting_person", owner, until);
  await act(keepChange, { changeId }, owner.actor, demoOrigin);
  const { newSha256 } = await reach(changeId, "confirmed", owner, until);
  // The next change must begin with the file as it is now, which Gatehouse reads once more.
  await until("the kept file is read", async () => {
    const { sha256 } = await waitForFile(edit.hostId, owner, until);
    return sha256 === newSha256 || undefined;
  });
}

/**
 * Applies a change that locks everybody out, although Gatehouse warned. Resolves when it is on the host, which undoes it
 * by itself half a minute later.
 *
 * @returns the change's id, for `waitUntilUndone`
 */
export async function makeLockOut(edit: Edit, owner: Owner, until: Until): Promise<string> {
  const { id: changeId } = await plan(edit, owner, until);
  const override = { hostName: edit.hostName };
  await act(applyChange, { changeId, keepBy: "person", deadlineSeconds, override }, owner.actor, demoOrigin);
  await until(`${edit.hostName} has taken the change`, async () => {
    const { appliedAt } = await see(changeId, owner);
    return appliedAt ?? undefined;
  });
  return changeId;
}

/** Waits until the host has undone the change. */
export async function waitUntilUndone(changeId: string, owner: Owner, until: Until): Promise<void> {
  await reach(changeId, "rolled_back", owner, until);
}

async function plan(edit: Edit, owner: Owner, until: Until): Promise<ChangeView> {
  const { id: fileId, sha256: baseSha256, content } = await waitForFile(edit.hostId, owner, until);
  const edited = content.replace(`\n${edit.line}\n`, `\n${edit.becomes}\n`);
  const input = { fileId, baseSha256, content: edited, message: edit.message };
  const { changeId } = await act(planChange, input, owner.actor, demoOrigin);
  return reach(changeId, "planned", owner, until);
}

/** Waits for one state. @throws Error when the change ends in another */
function reach(
  changeId: string,
  state: ChangeView["state"],
  owner: Owner,
  until: Until,
): Promise<ChangeView> {
  return until(`the change is ${state}`, async () => {
    const change = await see(changeId, owner);
    if (change.state === state) return change;
    if (isEnded(change.state)) throw new Error(`the demo's change ended ${change.state}: ${change.outcome}`);
    return undefined;
  });
}

function see(changeId: string, { actor }: Owner): Promise<ChangeView> {
  return read(getChange, { changeId }, actor, demoOrigin);
}
