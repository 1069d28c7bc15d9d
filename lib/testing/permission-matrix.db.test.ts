import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { now } from "@/lib/clock";
import { AppError } from "@/lib/errors";
import { planChange } from "@/lib/features/changes/commands";
import { can, type Role, roles } from "@/lib/policy/permissions";
import { addActor, addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { publicKeyOf } from "@/lib/testing/fleet";
import { type Samples, sampleInput } from "@/lib/testing/sample-input";
import { findUseCases } from "@/lib/testing/use-cases";
import { type Actor, act, type Command, type Query, read } from "@/lib/usecase";

// Every use case × role × whose: his own, somebody else's, nobody's. Generated: a new use case is in it at once.

type UseCase = Command | Query;
const whose = ["own", "other", "missing"] as const;

// Each test is hundreds of acts: patience for a busy machine.
vi.setConfig({ testTimeout: 300_000 });

const db = await openDatabase();
const { guarded } = await findUseCases();

/** Names of what belongs to one person, and to nobody else. */
const personal = ["sessionId", "passkeyId", "keyId", "importId"] as const;
/** Names of what everybody who may read hosts shares. */
const shared = ["hostId", "fileId", "versionId", "changeId", "grantId"] as const;

let sharedIds: Record<string, string>;
let other: { actor: Actor; ids: Record<string, string> };

/** A person with one of everything that a person can have. */
async function makePerson(role: Role): Promise<{ actor: Actor; ids: Record<string, string> }> {
  const actor = await addActor(db, role, "Pat");
  const { personId } = actor;
  const seed = randomUUID();
  const [passkey, key, keyImport, session] = await Promise.all([
    db.passkey.create({
      data: {
        personId,
        credentialId: randomBytes(32),
        publicKey: randomBytes(32),
        counter: 0n,
        aaguid: randomUUID(),
        transports: ["internal"],
        backedUp: false,
        deviceType: "singleDevice",
        name: "Blue",
      },
    }),
    db.personKey.create({
      data: {
        personId,
        fingerprint: `SHA256:${seed}`,
        type: "ssh-ed25519",
        blob: Buffer.from(publicKeyOf(seed).split(" ")[1] ?? "", "base64"),
        bits: 256,
        name: "Laptop",
        origin: "pasted",
      },
    }),
    db.keyImport.create({
      data: { personId, provider: "github", name: seed.slice(0, 8), askedAt: now(), readAt: now() },
    }),
    db.session.create({
      data: {
        personId,
        tokenHash: randomBytes(32),
        method: "passkey",
        endsAt: new Date(now().getTime() + 3_600_000),
        address: "192.0.2.1",
        userAgent: "Test",
      },
    }),
  ]);
  const ids = {
    personId,
    passkeyId: passkey.id,
    keyId: key.id,
    importId: keyImport.id,
    sessionId: session.id,
  };
  return { actor: { ...actor, sessionId: randomUUID() }, ids };
}

beforeAll(async () => {
  other = await makePerson("member");
  const ada = await addActor(db, "admin", "Ada");
  const hostId = await addHost(db, "web-1");
  await answerWith(db, hostId, [agentFile("/etc/ssh/sshd_config", "UseDNS no\n")]);
  const file = await db.configFile.findFirstOrThrow({ include: { versions: true } });
  const version = file.versions[0];
  if (!version) throw new Error("no version was written");
  const plan = { fileId: file.id, baseSha256: version.sha256, content: "UseDNS yes\n" };
  const { changeId } = await act(planChange, plan, ada, origin);
  const grant = await db.accountGrant.create({
    data: { personId: other.actor.personId, account: "root", hostId, createdById: ada.personId },
  });
  sharedIds = { hostId, fileId: file.id, versionId: version.id, changeId, grantId: grant.id };
});

/** Fields whose form the schema alone does not tell. */
const forms: Samples = {
  challengeId: randomUUID(),
  scope: "all",
};

/** The input of one case; undefined where the schema cannot be satisfied by a made-up value. */
function inputOf(useCase: UseCase, ids: Record<string, string>): unknown {
  return sampleInput(useCase.input, { ...forms, ...ids });
}

async function attempt(
  useCase: UseCase,
  input: unknown,
  actor: Actor,
): Promise<{ code: string; message: string }> {
  try {
    if (useCase.kind === "query") await read(useCase, input, actor, origin);
    else await act(useCase, input, actor, origin);
    return { code: "done", message: "" };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message };
    throw new Error(`${useCase.name} as ${actor.role}: a bug, not a refusal`, { cause: error });
  }
}

/** Every table's newest writing transaction and its size: equal means that nothing was written but activity. */
async function trace(): Promise<string> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    select quote_ident(table_name) as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'
      and table_name not in ('Activity', '_prisma_migrations') order by 1`;
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, count(*) as rows, max(xmin::text::bigint) as newest from ${name}`,
  );
  const rows = await db.$queryRawUnsafe<{ name: string; rows: bigint; newest: bigint | null }[]>(
    parts.join(" union all "),
  );
  return rows.map(({ name, rows: count, newest }) => `${name} ${count} ${newest}`).join("\n");
}

const namesOf = (useCase: UseCase): string[] => {
  const input: unknown = sampleInput(useCase.input, forms);
  return typeof input === "object" && input !== null ? Object.keys(input) : [];
};
/** Every name of an id. */
const ids = new Set<string>([...personal, ...shared, "personId", "reviewId", "ruleId", "operationId"]);
const isPersonal = (useCase: UseCase) =>
  useCase.permission === "signed-in" && namesOf(useCase).some((name) => personal.some((id) => id === name));
const isAllowed = ({ permission }: UseCase, role: Role) =>
  permission === "signed-in" || can(role, permission);
const random = () => Object.fromEntries([...ids].map((name) => [name, randomUUID()]));
const tally = { test: "permission-matrix", useCases: guarded.length, cases: 0, refused: 0, masked: 0 };
/** May be done to what is not there: a draft that nobody has is discarded; of an unknown host nothing is known. */
const harmless = new Set([
  "config.discard-draft",
  ...guarded.filter(({ kind }) => kind === "query").map(({ name }) => name),
]);
/** What was wrong, in words: empty at the end. */
const wrong: string[] = [];

function judge(isRight: boolean, words: () => string): void {
  tally.cases += 1;
  if (!isRight) wrong.push(words());
}

const makeable = guarded.filter((useCase) => inputOf(useCase, {}) !== undefined);

test("an input can be made up for most use cases; the others are tried with an empty one", () => {
  expect(makeable.length / guarded.length).toBeGreaterThan(0.85);
});

describe.each(roles)("%s", (role) => {
  test("what the table does not give him is forbidden, whatever he names, and writes nothing", async () => {
    const person = await makePerson(role);
    const before = await trace();
    for (const useCase of guarded.filter((one) => !isAllowed(one, role)))
      for (const which of whose) {
        const ids = { own: person.ids, other: other.ids, missing: random() }[which];
        const input = inputOf(useCase, which === "missing" ? ids : { ...sharedIds, ...ids }) ?? {};
        const { code } = await attempt(useCase, input, person.actor);
        tally.refused += 1;
        judge(code === "forbidden", () => `${role}: ${useCase.name} of ${which}: ${code}`);
      }
    expect(wrong).toEqual([]);
    expect(await trace()).toBe(before);
  });

  test("nothing is done to what is not there", async () => {
    const person = await makePerson(role);
    for (const useCase of makeable.filter((one) => isAllowed(one, role))) {
      if (!namesOf(useCase).some((name) => ids.has(name))) continue;
      const { code } = await attempt(useCase, inputOf(useCase, random()), person.actor);
      const isRight = ["not_found", "forbidden", "invalid"].includes(code) || harmless.has(useCase.name);
      judge(isRight, () => `${role}: ${useCase.name} of what is missing: ${code}`);
    }
    expect(wrong).toEqual([]);
  });

  test("what is somebody else's alone looks as if it were not there, and stays as it is", async () => {
    const person = await makePerson(role);
    const before = await trace();
    for (const useCase of makeable.filter((one) => isPersonal(one))) {
      // Admins look after imports of others, and auditors see them: the feature's own rule, with tests of its own.
      if (namesOf(useCase).includes("importId") && role !== "member" && role !== "operator") continue;
      const theirs = await attempt(useCase, inputOf(useCase, other.ids), person.actor);
      const missing = await attempt(useCase, inputOf(useCase, random()), person.actor);
      tally.masked += 1;
      judge(
        theirs.code === missing.code && theirs.message === missing.message && theirs.code !== "done",
        () => `${role}: ${useCase.name} of another: ${theirs.code} ${theirs.message}`,
      );
    }
    expect(wrong).toEqual([]);
    expect(await trace()).toBe(before);
  });

  test("what is his own he reaches, and what all share as far as the table lets him", async () => {
    const visible = makeable.filter(
      (one) => isAllowed(one, role) && (isPersonal(one) || one.kind === "query"),
    );
    for (const useCase of visible) {
      const person = await makePerson(role);
      const missing = await attempt(useCase, inputOf(useCase, random()), person.actor);
      const own = await attempt(
        useCase,
        inputOf(useCase, { ...random(), ...sharedIds, ...person.ids }),
        person.actor,
      );
      const looksMissing = own.code === "not_found" && own.message === missing.message;
      judge(
        own.code !== "forbidden" && !(isPersonal(useCase) && looksMissing),
        () => `${role}: ${useCase.name} of his own: ${own.code} ${own.message}`,
      );
    }
    expect(wrong).toEqual([]);
  });
});

test("the count", () => {
  console.log(JSON.stringify({ ...tally, wrong: wrong.length }));
  expect(tally.cases).toBeGreaterThan(900);
});
