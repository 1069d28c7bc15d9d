import { beforeAll, expect, test } from "vitest";
import { hostWith } from "@/lib/access/testing/host";
import { packFacts } from "@/lib/features/access/stored-facts";
import { planRootFiles } from "@/lib/features/changes/root-files";
import { addActor, addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act } from "@/lib/usecase";

const db = await openDatabase();
const main = "/etc/ssh/sshd_config";
let operator: Actor;
beforeAll(async () => {
  operator = await addActor(db, "operator", "Otto");
});

/** A host that was read, with these files of its configuration, the main one first. */
async function hostReading(files: Readonly<Record<string, string>>): Promise<string> {
  const hostId = await addHost(db);
  await answerWith(
    db,
    hostId,
    Object.entries(files).map(([path, text]) => agentFile(path, text)),
  );
  const facts = hostWith({ config: files[main] ?? "", accounts: [{ name: "root" }, { name: "alice" }] });
  await db.accessReading.create({ data: { hostId, facts: packFacts(facts), readAt: new Date() } });
  return hostId;
}

const plan = (hostId: string, actor = operator) => act(planRootFiles, { hostId }, actor, origin);
async function changeOf(files: Readonly<Record<string, string>>) {
  const { changeId } = await plan(await hostReading(files));
  return db.change.findUniqueOrThrow({ where: { id: changeId } });
}

test("the directory comes in front of sshd's own files where no line says which", async () => {
  expect(await changeOf({ [main]: "UsePAM yes\nMatch User bob\n\tX11Forwarding no\n" })).toMatchObject({
    kind: "config",
    state: "planning",
    path: main,
    content:
      "UsePAM yes\nAuthorizedKeysFile /etc/ssh/authorized_keys.d/%u .ssh/authorized_keys .ssh/authorized_keys2\nMatch User bob\n\tX11Forwarding no\n",
  });
});

test("the line that counts gets it, and what it names stays behind it; a Match block is left alone", async () => {
  const block = "Match User bob\n\tAuthorizedKeysFile /srv/keys/bob\n";
  const { content } = await changeOf({
    [main]: `AuthorizedKeysFile %h/.keys # ours\nAuthorizedKeysFile none\n${block}`,
  });
  expect(content).toBe(
    `AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u %h/.keys # ours\nAuthorizedKeysFile none\n${block}`,
  );
});

test.each([
  ["it is so already", "AuthorizedKeysFile .ssh/k /etc/ssh/authorized_keys.d/%u\n", /already/],
  ["sshd looks for no files", "AuthorizedKeysFile none\n", /no key files at all/],
  ["sshd refuses the file", "Nonsense yes\n", /sshd refuses the configuration as it is now/],
])("nothing is planned where %s", async (_, text, reason) => {
  await expect(plan(await hostReading({ [main]: text }))).rejects.toThrow(reason);
});

test("an auditor plans nothing, and a host that was not read has no plan", async () => {
  const hostId = await hostReading({ [main]: "" });
  await expect(plan(hostId, await addActor(db, "auditor", "Audrey"))).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(plan(await addHost(db))).rejects.toMatchObject({ code: "unavailable" });
});
