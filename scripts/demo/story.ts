import type { LabHost } from "@/e2e/lab/lab";
import { readConfig } from "@/lib/features/config/commands";
import { readAccounts, refreshHost } from "@/lib/features/hosts/operate-commands";
import { act } from "@/lib/usecase";
import { makeKeptChange, makeLockOut, waitForFile, waitUntilUndone } from "@/scripts/demo/changes";
import { type DemoHost, enrol, runAsRoot, see } from "@/scripts/demo/hosts";
import { demoOrigin, type Owner } from "@/scripts/demo/owner";
import type { Until } from "@/scripts/demo/until";

/** Somebody in a hurry, at the server's own console. */
const editByHand = `printf '\\n# for the migration, remove on Monday\\nPermitEmptyPasswords yes\\n' >>/etc/ssh/sshd_config`;

/** What goes on while the newcomer comes. */
export interface LiveScene {
  /** The change on web-1 that locks everybody out. */
  readonly changeId: string;
  /** Waits until web-1 has undone it. */
  readonly finish: () => Promise<void>;
}

/**
 * What has happened before the newcomer comes: three servers added, one with a kept change, one edited behind
 * Gatehouse's back, one that has gone silent. And, when it resolves, a change that has just locked everybody out.
 */
export async function tellStory(
  hosts: readonly { readonly host: LabHost; readonly demoHost: DemoHost }[],
  owner: Owner,
  until: Until,
): Promise<LiveScene> {
  const scenes = await Promise.all(
    hosts.map(async ({ host, demoHost }) => {
      const hostId = await enrol(host, demoHost.tags, owner, until);
      const scene = { host, hostId, owner, until };
      await waitForFile(hostId, owner, until);
      await chapters[demoHost.name](scene);
      return scene;
    }),
  );
  const web = scenes.find(({ host }) => host.name === "web-1");
  if (!web) throw new Error("the demo has no web-1");
  return lockOut(web);
}

interface Scene {
  readonly host: LabHost;
  readonly hostId: string;
  readonly owner: Owner;
  readonly until: Until;
}

const chapters: Record<DemoHost["name"], (scene: Scene) => Promise<void>> = {
  "web-1": changeWeb,
  "db-1": driftDatabase,
  "old-1": silenceOld,
};

async function changeWeb({ hostId, owner, until }: Scene): Promise<void> {
  await act(readAccounts, { hostId }, owner.actor, demoOrigin);
  const edit = {
    hostId,
    hostName: "web-1",
    message: "Fewer guesses per connection",
    line: "#MaxAuthTries 6",
    becomes: "# sshd's own default is 6.\nMaxAuthTries 4",
  };
  await makeKeptChange(edit, owner, until);
}

async function lockOut({ hostId, owner, until }: Scene): Promise<LiveScene> {
  const edit = {
    hostId,
    hostName: "web-1",
    message: "Only the deploy account may log in",
    line: "# Authentication:",
    becomes: "# Authentication:\n\nAllowUsers deploy",
  };
  const changeId = await makeLockOut(edit, owner, until);
  const finish = async () => {
    await waitUntilUndone(changeId, owner, until);
    // While nobody got in, a heartbeat may have found nobody either.
    await act(refreshHost, { hostId }, owner.actor, demoOrigin);
    await until(
      "web-1 answers again",
      async () => (await see(hostId, owner)).condition === "ready" || undefined,
    );
  };
  return { changeId, finish };
}

async function driftDatabase({ host, hostId, owner, until }: Scene): Promise<void> {
  await runAsRoot(host, editByHand);
  await act(readConfig, { hostId }, owner.actor, demoOrigin);
  await until("db-1's edit is noticed", async () => (await see(hostId, owner)).drifted || undefined);
}

async function silenceOld({ host, hostId, owner, until }: Scene): Promise<void> {
  await host.powerCut();
  await act(refreshHost, { hostId }, owner.actor, demoOrigin);
  await until(
    "old-1's silence is noticed",
    async () => (await see(hostId, owner)).condition === "unreachable" || undefined,
  );
}
