import { beforeAll, expect, test } from "vitest";
import { addMarker } from "@/lib/change/marker";
import { discardDraft, saveDraft } from "@/lib/features/config/commands";
import { getConfigHistory, getConfigVersion, getHostConfig } from "@/lib/features/config/queries";
import { addActor, addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const main = "/etc/ssh/sshd_config";
const dropIn = "/etc/ssh/sshd_config.d/50-cloud-init.conf";
const hostRef = "abcdefghij0123456789";
let alice: Actor;
let bob: Actor;

beforeAll(async () => {
  alice = await addActor(db, "operator", "Alice");
  bob = await addActor(db, "operator", "Bob");
});

const configOf = (hostId: string, actor = alice) => read(getHostConfig, { hostId }, actor, origin);
const versionsOf = async (hostId: string, path = main) => {
  const history = await read(getConfigHistory, { hostId }, alice, origin);
  return history.files.find((file) => file.path === path)?.versions.map((v) => [v.number, v.origin]) ?? [];
};
const driftOf = async (hostId: string) =>
  (await db.host.findUniqueOrThrow({ where: { id: hostId } })).driftedAt;

test("the first reading is the original; files come in reading order with the Include that reads them", async () => {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [
    agentFile(main, "Include /etc/ssh/sshd_config.d/*.conf\n"),
    agentFile(dropIn, "PasswordAuthentication no\n", { includedFrom: `${main}:1`, depth: 1 }),
  ]);
  const config = await configOf(hostId);
  expect(config.files.map((file) => [file.path, file.position, file.includedFrom])).toEqual([
    [main, 0, null],
    [dropIn, 1, `${main}:1`],
  ]);
  expect(await versionsOf(hostId)).toEqual([[1, "original"]]);
  expect(await driftOf(hostId)).toBeNull();
});

test("how sshd is started is known as soon as the host has told", async () => {
  const hostId = await addHost(db);
  expect(await configOf(hostId)).toMatchObject({ sshdUnit: null, sshdPackage: null });
  const facts = { sshdUnit: "socket", sshdPackage: "openssh-server 1:9.2p1-2+deb12u3" };
  await db.host.update({ where: { id: hostId }, data: { facts } });
  expect(await configOf(hostId)).toMatchObject(facts);
});

test("the protected copy of a host that was changed before we came is the original, and restorable", async () => {
  const hostId = await addHost(db);
  const original = "UseDNS no\n";
  await answerWith(
    db,
    hostId,
    [agentFile(main, "UseDNS yes\n", { originalSha256: agentFile(main, original).sha256 })],
    new Map([[main, Buffer.from(original)]]),
  );
  expect(await versionsOf(hostId)).toEqual([
    [2, "found"],
    [1, "original"],
  ]);
});

test("reading the same again adds nothing", async () => {
  const hostId = await addHost(db);
  for (let i = 0; i < 3; i++) await answerWith(db, hostId, [agentFile(main, "UseDNS no\n")]);
  expect(await versionsOf(hostId)).toEqual([[1, "original"]]);
});

test("parallel readings of one host record a new content once", async () => {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, "UseDNS no\n")]);
  await Promise.all(
    Array.from({ length: 8 }, () => answerWith(db, hostId, [agentFile(main, "UseDNS yes\n")])),
  );
  expect(await versionsOf(hostId)).toEqual([
    [2, "found"],
    [1, "original"],
  ]);
});

test("an edit made on the host is drift, until the file is again what we know", async () => {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, "UseDNS no\n")]);
  await answerWith(db, hostId, [agentFile(main, "UseDNS yes\n")]);
  const since = await driftOf(hostId);
  expect(since).not.toBeNull();
  await answerWith(db, hostId, [agentFile(main, "UseDNS yes\n")]);
  expect(await driftOf(hostId)).toEqual(since);
  await answerWith(db, hostId, [agentFile(main, "UseDNS no\n")]);
  expect(await driftOf(hostId)).toBeNull();
  expect(await versionsOf(hostId)).toEqual([
    [3, "found"],
    [2, "found"],
    [1, "original"],
  ]);
});

test("a file that the host no longer reads is kept and said to be gone; it comes back under its history", async () => {
  const hostId = await addHost(db);
  const both = [agentFile(main, "UseDNS no\n"), agentFile(dropIn, "Port 22\n")];
  await answerWith(db, hostId, both);
  await answerWith(db, hostId, both.slice(0, 1));
  const gone = (await configOf(hostId)).files.find((file) => file.path === dropIn);
  expect(gone).toMatchObject({ gone: true, content: "Port 22\n" });
  await expect(
    act(saveDraft, { fileId: gone?.id, baseSha256: gone?.sha256, content: "x" }, alice, origin),
  ).rejects.toMatchObject({ code: "conflict" });
  await answerWith(db, hostId, both);
  expect((await configOf(hostId)).files.find((file) => file.path === dropIn)).toMatchObject({ gone: false });
});

test("what a person sees holds no proof block, what is on record holds every byte", async () => {
  const hostId = await addHost(db);
  const marked = addMarker("UseDNS no", hostRef);
  await answerWith(db, hostId, [agentFile(main, marked)]);
  const file = (await configOf(hostId)).files[0];
  expect(file?.content).toBe("UseDNS no");
  const version = (await read(getConfigHistory, { hostId }, alice, origin)).files[0]?.versions[0];
  const detail = await read(getConfigVersion, { versionId: version?.id }, alice, origin);
  expect(detail.content).toBe("UseDNS no");
  expect((await db.configVersion.findUniqueOrThrow({ where: { id: detail.id } })).content).toBe(marked);
});

test("a file that is not text is shown, and cannot be drafted", async () => {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, Buffer.from("# Gr\xfc\xdfe\0\n", "latin1"))]);
  const file = (await configOf(hostId)).files[0];
  expect(file?.notEditable).toMatch(/UTF-8/);
  await expect(
    act(saveDraft, { fileId: file?.id, baseSha256: file?.sha256, content: "x" }, alice, origin),
  ).rejects.toMatchObject({ code: "invalid" });
});

test("drafts belong to a person, the last save wins, and a stale base is told", async () => {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, "UseDNS no\n")]);
  const file = (await configOf(hostId)).files[0];
  const draft = { fileId: file?.id, baseSha256: file?.sha256 };
  await act(saveDraft, { ...draft, content: "UseDNS y" }, alice, origin);
  await act(saveDraft, { ...draft, content: "UseDNS yes\n" }, alice, origin);
  await act(saveDraft, { ...draft, content: "Port 22\n" }, bob, origin);
  expect((await configOf(hostId)).files[0]).toMatchObject({
    draft: { content: "UseDNS yes\n", stale: false },
    otherDrafts: [{ personName: "Bob" }],
  });
  await answerWith(db, hostId, [agentFile(main, "Port 2222\n")]);
  expect((await configOf(hostId)).files[0]?.draft).toMatchObject({ content: "UseDNS yes\n", stale: true });
  await act(discardDraft, { fileId: file?.id }, alice, origin);
  expect((await configOf(hostId)).files[0]?.draft).toBeNull();
  expect((await configOf(hostId, bob)).files[0]?.draft?.content).toBe("Port 22\n");
});

test("a draft with a character that cannot be kept is refused, not altered", async () => {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, "UseDNS no\n")]);
  const file = (await configOf(hostId)).files[0];
  for (const content of ["UseDNS\0 no", "\ud800"])
    await expect(
      act(saveDraft, { fileId: file?.id, baseSha256: file?.sha256, content }, alice, origin),
    ).rejects.toMatchObject({ code: "invalid" });
});

test("a member may not read a host's configuration, an auditor may not draft", async () => {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, "UseDNS no\n")]);
  const member = await addActor(db, "member", "Mia");
  const auditor = await addActor(db, "auditor", "Otto");
  await expect(configOf(hostId, member)).rejects.toMatchObject({ code: "forbidden" });
  const config = await configOf(hostId, auditor);
  expect(config).toMatchObject({ canEdit: false, canApply: false });
  await expect(
    act(
      saveDraft,
      { fileId: config.files[0]?.id, baseSha256: config.files[0]?.sha256, content: "x" },
      auditor,
      origin,
    ),
  ).rejects.toMatchObject({ code: "forbidden" });
});
