import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addHost, archiveHost, editHost, importHosts, unarchiveHost } from "@/lib/features/hosts/commands";
import { removeHost, runPackages } from "@/lib/features/hosts/operate-commands";
import { getHost, listHosts } from "@/lib/features/hosts/queries";
import { recordSilence } from "@/lib/features/hosts/record-hello";
import { createGrant, revokeGrant } from "@/lib/features/placements/commands";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let admin: Actor;
let operator: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
  operator = await addActor(db, "operator", "Olga");
});
beforeEach(async () => {
  await db.host.deleteMany();
  await db.worker.deleteMany();
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
});

const newHost = (name: string) => ({ name, address: `${name}.example.org`, way: "command" as const });
const add = async (name: string, way: "command" | "login" = "command") =>
  act(addHost, { ...newHost(name), way }, admin, origin);
const refusal = (code: string) => expect.objectContaining({ name: "AppError", code });

describe("the tag of a grant", () => {
  const tagged = async (hostId: string) => (await db.host.findUniqueOrThrow({ where: { id: hostId } })).tags;

  test("is given to a host by whoever may grant, and by no operator, who would let himself in", async () => {
    const { hostId } = await add("tagged");
    const grant = { personId: operator.personId, tag: "sandbox", account: "root" };
    const { grantId } = await act(createGrant, grant, admin, origin);
    const edit = (tags: string[], actor = operator) => act(editHost, { hostId, tags }, actor, origin);
    await edit(["web"]);
    await expect(edit(["web", "sandbox"])).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining(
        "With the tag sandbox a grant would let Olga into root on tagged. Leave the tag out, and ask an owner or admin",
      ),
    });
    expect(await tagged(hostId)).toEqual(["web"]);
    await edit(["sandbox"], admin);
    // What the host has is not gained, and what is taken back lets nobody in.
    await edit(["sandbox", "web"]);
    await edit([]);
    await act(revokeGrant, { grantId }, admin, origin);
    await edit(["sandbox"]);
  });

  test("that is granted at the same moment is refused, or the grant sees it and is an admin's doing", async () => {
    const { hostId } = await add("raced");
    const person = await addActor(db, "member", "Mia");
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const granting = db.$transaction(async (tx) => {
      await tx.accountGrant.create({
        data: { personId: person.personId, tag: "raced", account: "root", createdById: admin.personId },
      });
      await held;
    });
    const tagging = act(editHost, { hostId, tags: ["raced"] }, operator, origin);
    await expect
      .poll(() => db.$queryRaw`select 1 from pg_locks where mode = 'ShareLock' and not granted`)
      .toHaveLength(1);
    release();
    await granting;
    await expect(tagging).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("adding", () => {
  test("makes the host, its enrolment and the job for its key together", async () => {
    const { hostId, enrolmentId } = await add("web");
    const view = await read(getHost, { hostId }, admin, origin);
    expect(view).toMatchObject({
      name: "web",
      port: 22,
      condition: "enrolling",
      enrolment: { id: enrolmentId, commandReady: false },
    });
    const jobs = await db.$queryRaw`SELECT payload FROM graphile_worker._private_jobs`;
    expect(jobs).toEqual([{ payload: { hostId } }]);
  });

  test("a taken name is refused with the field, also when two choose it at once", async () => {
    await add("web");
    await expect(add("web")).rejects.toMatchObject({
      code: "conflict",
      fields: { name: expect.any(String) },
    });
    const both = await Promise.allSettled([add("db"), add("db")]);
    expect(both.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(both.find((one) => one.status === "rejected")?.reason).toEqual(refusal("conflict"));
  });

  test.each([
    ["a name that begins with a dash", { name: "-o" }],
    ["a name with a line end", { name: "a\nb" }],
    ["an address with an option", { address: "-oProxyCommand=id" }],
    ["an address with a space", { address: "a b" }],
    ["a port that is none", { port: 70_000 }],
    ["a field that nobody knows", { state: "managed" }],
  ])("%s is refused", async (_, wrong) => {
    await expect(act(addHost, { ...newHost("web"), ...wrong }, admin, origin)).rejects.toEqual(
      refusal("invalid"),
    );
    expect(await db.host.count()).toBe(0);
  });

  test("of 3,000 by import, or of none of them", async () => {
    const hosts = Array.from({ length: 3000 }, (_, i) => ({
      name: `h${i}`,
      address: "192.0.2.1",
      port: 22,
      tags: ["x"],
    }));
    await act(importHosts, { hosts }, admin, origin);
    expect(await db.host.count()).toBe(3000);
    const jobs = await db.$queryRaw<{ hosts: bigint }[]>`
      SELECT count(DISTINCT payload->>'hostId') AS hosts FROM graphile_worker._private_jobs`;
    expect(jobs).toEqual([{ hosts: 3000n }]);
    const more = [{ ...hosts[0], name: "new" }, hosts[7]];
    await expect(act(importHosts, { hosts: more }, admin, origin)).rejects.toEqual(refusal("conflict"));
    expect(await db.host.count()).toBe(3000);
  });

  test("is not an operator's act, and his try is in the activity", async () => {
    await expect(act(addHost, newHost("web"), operator, origin)).rejects.toEqual(refusal("forbidden"));
    const row = await db.activity.findFirst({
      where: { action: "host.add", outcome: "refused" },
      orderBy: { seq: "desc" },
    });
    expect(row?.actorName).toBe("Olga");
  });
});

describe("acts on a host", () => {
  async function managed(name = "web") {
    const { hostId } = await add(name);
    await db.host.update({ where: { id: hostId }, data: { state: "managed", agentVersion: "1" } });
    await db.hostKeyPin.create({
      data: { hostId, type: "ssh-ed25519", blob: Buffer.from("x"), fingerprint: "SHA256:x", origin: "test" },
    });
    return hostId;
  }

  test("wait while a change is under way", async () => {
    const hostId = await managed();
    await db.change.create({
      data: {
        hostRef: "a".repeat(20),
        hostId,
        path: "/etc/ssh/sshd_config",
        fileSha256Id: "0".repeat(64),
        baseSha256: "0".repeat(64),
        baseContent: "",
        content: "",
        newSha256: "0".repeat(64),
        state: "proving",
        authorId: admin.personId,
        keepBy: "login",
        deadlineSeconds: 60,
      },
    });
    const packages = { hostId, action: "upgrade", name: "openssh-server" };
    await expect(act(runPackages, packages, operator, origin)).rejects.toEqual(refusal("conflict"));
    await expect(act(archiveHost, { hostId }, operator, origin)).rejects.toEqual(refusal("conflict"));
    await expect(act(removeHost, { hostId, name: "web" }, admin, origin)).rejects.toEqual(
      refusal("conflict"),
    );
    await expect(act(editHost, { hostId, port: 2222 }, operator, origin)).rejects.toEqual(
      refusal("conflict"),
    );
    const anyway = { hostId, name: "web", evenIfUnreachable: true };
    await expect(act(removeHost, anyway, admin, origin)).rejects.toEqual(refusal("conflict"));
    await act(editHost, { hostId, note: "busy" }, operator, origin);
    const row = (await read(listHosts, {}, admin, origin)).rows[0];
    expect(row?.pendingChange).toMatchObject({ state: "proving" });
  });

  test("are refused for one that is archived or whose key changed", async () => {
    const hostId = await managed();
    const packages = { hostId, action: "upgrade", name: "openssh-server" };
    await act(archiveHost, { hostId }, operator, origin);
    await expect(act(runPackages, packages, operator, origin)).rejects.toEqual(refusal("conflict"));
    await act(unarchiveHost, { hostId }, operator, origin);
    await act(runPackages, packages, operator, origin);
    await db.host.update({ where: { id: hostId }, data: { state: "key_changed" } });
    await expect(act(runPackages, packages, operator, origin)).rejects.toEqual(refusal("conflict"));
  });

  test("a host whose key changed comes out of the archive as such, not as a trusted one", async () => {
    const hostId = await managed();
    await db.hostKeyPin.create({
      data: {
        hostId,
        type: "ssh-ed25519",
        blob: Buffer.from("y"),
        fingerprint: "SHA256:y",
        origin: "offered",
        offeredAt: new Date(),
      },
    });
    await act(archiveHost, { hostId }, operator, origin);
    await act(unarchiveHost, { hostId }, operator, origin);
    expect((await read(getHost, { hostId }, admin, origin)).condition).toBe("key_changed");
  });

  test("silence is told once, with what a host cannot put into a database made harmless", async () => {
    const hostId = await managed();
    const before = await db.event.count();
    await recordSilence(hostId, "no\0route \ud800");
    await recordSilence(hostId, "no\0route \ud800");
    expect((await db.event.count()) - before).toBe(2);
    const [row] = (await read(listHosts, { state: "unreachable" }, admin, origin)).rows;
    expect(row).toMatchObject({
      id: hostId,
      condition: "unreachable",
      unreachableReason: "no\uFFFDroute \uFFFD",
    });
  });
});
