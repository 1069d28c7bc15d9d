import { createHash, randomUUID } from "node:crypto";
import { hostWith } from "@/lib/access/testing/host";
import { now } from "@/lib/clock";
import { appendActivity } from "@/lib/db/activity";
import type { Db } from "@/lib/db/client";
import { recordFacts } from "@/lib/features/access/collect";
import { deriveAccess } from "@/lib/features/access/derive";
import { openReview } from "@/lib/features/access-reviews/commands";
import { randomHostRef } from "@/lib/features/changes/commands";
import { recordCodes } from "@/lib/features/host-codes/read";
import { recordHello, recordSilence } from "@/lib/features/hosts/record-hello";
import { makeInvitation } from "@/lib/features/people/invitation";
import { beginTotp, changePassword, confirmTotp } from "@/lib/features/people/me-commands";
import type { Prisma } from "@/lib/generated/prisma/client";
import { totpCode } from "@/lib/otp/totp";
import { generateManagementKey } from "@/lib/ssh/keys";
import { addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { publicKeyOf } from "@/lib/testing/fleet";
import { addPerson, stepUp } from "@/lib/testing/people";
import { act } from "@/lib/usecase";

/** A text that runs, escapes or turns around whatever shows it carelessly. `where` tells which field it came by. */
export function hostile(where: string): string {
  return `${where}<script>window.owned="${where}"</script><img src=x onerror="window.owned='${where}'">\u202Egnp.exe\u2066\u200b\u001b]0;owned\u0007"'\`$(id)`;
}

/** The same as far as a person can type it: what is not seen is refused at the doors (lib/text.ts). */
export function typed(where: string): string {
  return hostile(where).replace(new RegExp(unseenCharacters, "g"), "");
}

/** Characters of `hostile` that nothing on a page may hold as they are. */
export const unseenCharacters = /[\u202E\u2066\u200b\u001b\u0007]/;

export interface HostileWorld {
  readonly cookie: string;
  /** What stands in the address of a page, by the name of the parameter: one page each. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
  /** By their names: what no page may hold, in whatever form. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Fills an empty database with hosts, people and records whose every text is hostile, and with secrets. */
export async function makeHostileWorld(db: Db): Promise<HostileWorld> {
  const owner = await addPerson(db, "owner");
  const member = await addPerson(db, "member");
  const secrets = await plantSecrets(db, owner, member.id);
  await db.person.update({ where: { id: member.id }, data: { name: typed("person.name") } });
  const hosts = await addHosts(db);
  const [hostId = ""] = hosts;
  const changes = await addChanges(db, hostId, member.id);
  const batchId = await addBatch(db, hostId, member.id);
  const ruleId = await addRule(db, hostId, member.id);
  const policyId = await addKeyPolicy(db, hostId, member.id);
  await addPeoplesThings(db, hostId, member.id);
  await stepUp(owner);
  const session = await db.session.findFirstOrThrow({
    where: { personId: owner.id },
    orderBy: { createdAt: "desc" },
  });
  const actor = {
    personId: owner.id,
    name: "Olga",
    login: owner.login,
    role: "owner",
    sessionId: session.id,
    steppedUpAt: now(),
  } as const;
  const { reviewId } = await act(
    openReview,
    {
      name: "Third quarter",
      scope: { kind: "all" },
      reviewerIds: [owner.id],
      dueAt: new Date(now().getTime() + 86_400_000).toISOString(),
    },
    actor,
    origin,
  );
  return {
    cookie: [...owner.browser.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    ids: {
      hostId: hosts,
      changeId: changes,
      batchId: [batchId],
      ruleId: [ruleId],
      policyId: [policyId],
      reviewId: [reviewId],
      personId: [member.id, owner.id],
    },
    secrets,
  };
}

type Person = Awaited<ReturnType<typeof addPerson>>;

async function plantSecrets(db: Db, owner: Person, invitedId: string): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  const password = `plantedPassword${randomUUID()}`;
  secrets.set("password", password);
  await owner.browser.send(changePassword, { password });
  const totp = (await owner.browser.send(beginTotp)).body.secret.replaceAll(" ", "");
  secrets.set("TOTP secret", totp);
  const { body } = await owner.browser.send(confirmTotp, { code: totpCode(totp, now().getTime() / 1000) });
  for (const [index, code] of (body.recoveryCodes ?? []).entries())
    secrets.set(`recovery code ${index}`, code);
  const invitation = await makeInvitation(db, invitedId, now());
  secrets.set("invitation token", invitation.url.split("#")[1] ?? "");
  for (const [name, value] of owner.browser.cookies) secrets.set(`cookie ${name}`, value);
  for (const { id, passwordHash } of await db.person.findMany())
    if (passwordHash) secrets.set(`password hash of ${id}`, passwordHash);
  for (const { id, tokenHash } of await db.session.findMany())
    secrets.set(`session hash ${id}`, Buffer.from(tokenHash).toString("hex"));
  const key = generateManagementKey("planted");
  const line = key.privateKey.reveal().split("\n")[2] ?? "";
  secrets.set("management key", line);
  return secrets;
}

async function addHosts(db: Db): Promise<string[]> {
  const sick = await addHost(db, "sick-1");
  await recordSilence(sick, hostile("host.unreachableReason"));
  const changed = await addHost(db, "changed-1");
  const blob = Buffer.from(hostile("pin.blob"));
  const fingerprint = `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
  const pin = { type: hostile("pin.type"), blob, fingerprint, origin: "install report" };
  await db.host.update({
    where: { id: changed },
    data: { state: "key_changed", pins: { create: [pin, { ...pin, offeredAt: now() }] } },
  });
  const enrolling = await addHost(db, "new-1");
  await db.host.update({ where: { id: enrolling }, data: { state: "enrolling" } });
  const { id: personId } = await db.person.findFirstOrThrow();
  await db.enrolment.create({
    data: {
      hostId: enrolling,
      way: "login",
      state: "compare",
      createdById: personId,
      expiresAt: new Date(now().getTime() + 1e6),
      error: hostile("enrolment.error"),
      log: hostile("enrolment.log"),
      offeredKeys: [{ type: hostile("offered.type"), fingerprint, blob: "AAAA" }],
    },
  });
  const talking = await addTalkingHost(db, personId);
  await db.host.updateMany({ data: { tags: [] } });
  return [talking, sick, changed, enrolling];
}

/** One that answers everything, and lies. */
async function addTalkingHost(db: Db, actorId: string): Promise<string> {
  const id = await addHost(db, "web-1");
  await db.host.update({ where: { id }, data: { note: typed("host.note") } });
  const text = (name: string) => hostile(`hello.${name}`);
  await recordHello(id, {
    agentVersion: text("agentVersion"),
    agentSha256: "0".repeat(64),
    bootId: text("bootId"),
    uptimeSeconds: 5,
    clockSeconds: now().getTime() / 1000,
    osId: text("osId"),
    osVersion: text("osVersion"),
    osName: text("osName"),
    kernel: text("kernel"),
    architecture: text("architecture"),
    hostname: text("hostname"),
    init: "systemd",
    sshdUnit: "service",
    sshdVersion: `OpenSSH_9.2p1 ${text("sshdVersion")}`,
    sshdPackage: text("sshdPackage"),
    sshPackage: text("sshPackage"),
    listen: [text("listen")],
    hostKeys: [publicKeyOf("host", text("hostKey"))],
    transaction: { state: "idle", id: text("tx"), left: "" },
    originalKept: true,
  });
  const path = `/etc/ssh/sshd_config.d/${hostile("file").replaceAll("/", "")}.conf`;
  await answerWith(db, id, [
    agentFile(
      "/etc/ssh/sshd_config",
      `Include ${path}\n# ${hostile("config.text")}\nBanner ${hostile("banner")}\n`,
      {
        owner: hostile("file.owner"),
        group: hostile("file.group"),
      },
    ),
    agentFile(path, `# ${hostile("config.included")}\n`, { depth: 1, includedFrom: hostile("file.from") }),
  ]);
  await addFacts(db, id);
  await db.operation.create({
    data: {
      hostId: id,
      kind: "packages",
      input: { action: "upgrade", name: "openssh-server" },
      state: "failed",
      output: hostile("operation.output"),
      error: hostile("operation.error"),
      actorId,
      startedAt: now(),
      endedAt: now(),
    },
  });
  return id;
}

async function addFacts(db: Db, hostId: string): Promise<void> {
  const at = now();
  const name = hostile("account").replaceAll("/", "");
  const options = `command="${hostile("key.command").replaceAll('"', "")}",from="10.0.0.1"`;
  const keys = `${options} ${publicKeyOf("alice", hostile("key.comment"))}\n${publicKeyOf("bob", hostile("key.comment2"))}\n`;
  const facts = hostWith({
    config: "PermitRootLogin yes\nAllowUsers *\n",
    accounts: [
      { name: "root", keys },
      {
        name,
        keys,
        home: "/home/odd",
        fullName: hostile("account.fullName"),
        shell: hostile("account.shell"),
      },
    ],
    more: { cuts: [hostile("facts.cut")] },
  });
  const logins = [
    {
      account: name,
      at: at.toISOString(),
      method: hostile("login.method"),
      address: hostile("login.address"),
    },
  ];
  const derived = deriveAccess(facts, logins, at);
  const reading = { hash: "a".repeat(64), facts, logins, loginsSince: undefined, isConsistent: false };
  await db.$transaction((tx) => recordFacts(tx, hostId, reading, at, derived));
  const file = {
    account: name,
    uid: 1000,
    path: hostile("code.path"),
    state: "odd",
    mode: "644",
    owner: 0,
    bytes: 10,
    isWritable: false,
    reason: hostile("code.reason"),
    kind: "totp",
    hasSecret: true,
    counter: null,
    windowSize: 3,
    refusesReuse: true,
    hasRateLimit: true,
    scratchCodes: 1,
    writtenBy: hostile("code.writtenBy"),
  } as const;
  const codes = {
    pattern: hostile("codes.pattern"),
    readAs: "account",
    isInForce: true,
    isOptional: true,
    reason: hostile("codes.reason"),
    moduleVersion: hostile("codes.module"),
    hasModule: true,
    isCut: true,
    files: [file],
  } as const;
  await db.$transaction((tx) =>
    recordCodes(tx, hostId, {
      reading: { codes: { ...codes, files: [...codes.files] }, clockOffsetSeconds: 3 },
      at,
    }),
  );
}

async function addChanges(db: Db, hostId: string, authorId: string): Promise<string[]> {
  const list = (kind: string) => ({
    total: 1,
    rows: [
      {
        account: hostile(`${kind}.account`),
        person: hostile(`${kind}.person`),
        fingerprint: null,
        comment: hostile(`${kind}.comment`),
        methods: hostile(`${kind}.methods`),
        before: hostile(`${kind}.before`),
        after: hostile(`${kind}.after`),
        why: [{ text: hostile(`${kind}.why`), source: hostile(`${kind}.source`) }],
      },
    ],
  });
  const named = (kind: string) => ({ total: 1, accounts: [hostile(kind)] });
  const plan = {
    test: { code: 255, lines: [{ text: hostile("plan.test"), path: hostile("plan.path"), line: 1 }] },
    effective: [
      {
        for: "everyone",
        keyword: hostile("keyword"),
        before: [hostile("before")],
        after: [hostile("after")],
      },
    ],
    management: { getsIn: false, reasons: [hostile("plan.reason")], doubts: [hostile("plan.doubt")] },
    touches: [{ keyword: hostile("plan.touches"), risk: "execute" }],
    needsPerson: true,
    needsExecutePermission: true,
    access: {
      obstacle: hostile("plan.obstacle"),
      readAt: null,
      isStale: true,
      isCertain: false,
      gains: list("gains"),
      loses: list("loses"),
      weakened: list("weakened"),
      strengthened: list("strengthened"),
      moved: list("moved"),
      shutOut: named("plan.shutOut"),
      doubtful: named("plan.doubtful"),
    },
    rules: [],
    readAt: now().toISOString(),
  };
  const states = ["planning", "planned", "awaiting_person", "confirmed", "refused"];
  const ids: string[] = [];
  for (const state of states) {
    const ended = state === "confirmed" || state === "refused";
    const data: Prisma.ChangeUncheckedCreateInput = {
      hostRef: randomHostRef(),
      hostId,
      path: hostile("change.path"),
      fileSha256Id: "0".repeat(64),
      baseSha256: "1".repeat(64),
      baseContent: `# ${hostile("change.base")}\n`,
      content: `# ${hostile("change.content")}\n`,
      newSha256: "2".repeat(64),
      state,
      authorId,
      message: typed("change.message"),
      keepBy: "person",
      deadlineSeconds: 600,
      planError: hostile("change.planError"),
      ...(state !== "planning" && { plan }),
      ...(ended && { endedAt: now(), outcome: hostile("change.outcome") }),
      ...(state === "confirmed" && {
        appliedAt: now(),
        proof: {
          loginAt: now().toISOString(),
          generation: hostile("proof.generation"),
          liveSha256: hostile("proof.live"),
          address: hostile("proof.address"),
          hostKey: `SHA256:${"C".repeat(43)}`,
        },
      }),
      ...(state === "awaiting_person" && { rollbackAt: new Date(now().getTime() + 600_000) }),
      steps: { create: [{ kind: hostile("step.kind"), text: hostile("step.text") }] },
    };
    ids.push((await db.change.create({ data })).id);
  }
  return ids;
}

async function addBatch(db: Db, hostId: string, authorId: string): Promise<string> {
  const fingerprint = `SHA256:${"A".repeat(43)}`;
  const { id } = await db.keyBatch.create({
    data: {
      kind: "remove",
      title: typed("batch.title"),
      authorId,
      hosts: {
        create: {
          hostId,
          wishes: [{ kind: "remove", fingerprint }],
          state: "refused",
          reason: hostile("batch.reason"),
          readAfter: now(),
          shutOut: [hostile("batch.shutOut")],
          obstacle: hostile("batch.obstacle"),
        },
      },
    },
  });
  return id;
}

async function addRule(db: Db, hostId: string, authorId: string): Promise<string> {
  const { id } = await db.accessRule.create({
    data: {
      name: typed("rule.name"),
      reason: typed("rule.reason"),
      assertion: {},
      severity: "warn",
      authorId,
      updatedById: authorId,
      results: {
        create: {
          hostId,
          version: 1,
          state: "broken",
          offences: 1,
          view: {},
          since: now(),
          checkedAt: now(),
        },
      },
    },
  });
  return id;
}

/** What is demanded of keys, and who is let off it and off a second factor. */
async function addKeyPolicy(db: Db, hostId: string, authorId: string): Promise<string> {
  const account = hostile("except.account");
  const by = { createdById: authorId };
  await db.twoFactorException.create({
    data: {
      hostId,
      account,
      reason: typed("except.reason"),
      endsAt: new Date(now().getTime() + 86_400_000),
      ...by,
    },
  });
  const { id } = await db.keyPolicy.create({
    data: {
      hostId,
      demands: ["touch"],
      exceptAccounts: ["backup"],
      note: typed("policy.note"),
      ...by,
      updatedById: authorId,
    },
  });
  return id;
}

async function addPeoplesThings(db: Db, hostId: string, personId: string): Promise<void> {
  const blob = Buffer.from(publicKeyOf("member").split(" ")[1] ?? "", "base64");
  const fingerprint = `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
  const key = { fingerprint, type: "ssh-ed25519", blob, bits: 256 };
  await db.personKey.create({
    data: { personId, ...key, name: typed("key.name"), origin: "pasted", provedAt: now() },
  });
  await db.passkey.updateMany({ where: { personId }, data: { name: typed("passkey.name") } });
  await db.session.updateMany({
    where: { personId },
    data: { userAgent: hostile("session.userAgent"), address: hostile("session.address") },
  });
  await db.accountGrant.create({
    data: {
      personId,
      hostId,
      account: hostile("grant.account"),
      note: typed("grant.note"),
      createdById: personId,
    },
  });
  await db.keyImport.create({
    data: {
      personId,
      provider: "github",
      name: typed("import.name"),
      askedAt: now(),
      readAt: now(),
      failure: typed("import.failure"),
      refusedLines: [{ number: 1, text: hostile("import.line"), reason: typed("import.reason") }],
      keys: {
        create: {
          ...key,
          fingerprint: `SHA256:${"B".repeat(43)}`,
          comment: hostile("import.comment"),
          firstSeenAt: now(),
        },
      },
    },
  });
  await db.$transaction((tx) =>
    appendActivity(tx, {
      at: now(),
      actor: { id: personId, name: typed("activity.actor") },
      address: hostile("activity.address"),
      action: "host.add",
      outcome: "refused",
      target: { type: "host", id: hostId, name: hostile("activity.target") },
      detail: { [hostile("activity.key")]: hostile("activity.detail") },
    }),
  );
}
