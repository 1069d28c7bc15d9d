import { setImmediate } from "node:timers/promises";
import { type WhatIf, whatIf } from "@/lib/access/what-if";
import type { KeyOwner, LoginPath } from "@/lib/access/who-can-log-in";
import type { Db } from "@/lib/db/client";
import { nameCondition, owners } from "@/lib/features/access/fleet-sql";
import { isStale } from "@/lib/features/access/freshness";
import { byAccount, pathView } from "@/lib/features/access/path-view";
import { WhatIfInput } from "@/lib/features/access/schema";
import { storedLogins, unpackFacts } from "@/lib/features/access/stored-facts";
import type { WhatIfHost, WhatIfView } from "@/lib/features/access/views";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { Prisma } from "@/lib/generated/prisma/client";
import { log } from "@/lib/log";
import { parseAddress } from "@/lib/sshd-config/address";
import { query } from "@/lib/usecase";

/** Hosts that one question is answered for: each costs the model some milliseconds to some tens. */
const mostHosts = 50;
/** Shut accounts that are told, a host. */
const mostShut = 20;
const mostWays = 100;

/** Which hosts and accounts are open to somebody at an address at a moment, by what was last read. */
export const askWhatIf = query({
  name: "access.what-if",
  permission: "access:read",
  input: WhatIfInput,
  async run(input, { db, now }): Promise<WhatIfView> {
    const people = await db.$queryRaw<{ id: string; name: string }[]>`${owners}`;
    if (input.from === "") return { people, answer: null };
    const at = input.at === "" ? now : new Date(`${input.at}:00.000Z`);
    const known = await listKeyOwners(db);
    const person = known.find((owner) => owner.id === input.person);
    const base = { at: at.toISOString(), personName: person?.name ?? null };
    const problem = problemOf(input, person, at);
    if (problem) return { people, answer: { ...base, problem, hosts: [], asked: 0, candidates: 0 } };
    const found = await findHosts(db, input, person);
    const hosts: WhatIfHost[] = [];
    for (const { id } of found.slice(0, mostHosts)) {
      const question: WhatIf = {
        address: input.from,
        at: Math.floor(at.getTime() / 1000),
        people: known,
        ...(input.account !== "" && { account: input.account }),
        ...(person && { person }),
      };
      const host = await answerFor(db, id, question, now);
      if (host) hosts.push(host);
      // Other people's pages are made by the same thread.
      await setImmediate();
    }
    hosts.sort((a, b) => waysOf(b) - waysOf(a));
    return {
      people,
      answer: { ...base, problem: null, hosts, asked: hosts.length, candidates: found.length },
    };
  },
});

const waysOf = ({ open, keyless }: WhatIfHost) => open.length * 1000 + keyless.length;

function problemOf(input: WhatIfInput, person: KeyOwner | undefined, at: Date): string | null {
  if (!parseAddress(input.from.replace(/^\[(.*)\]$/, "$1")))
    return `${input.from} is no IPv4 or IPv6 address. Write one like 192.0.2.7 or 2001:db8::1.`;
  // JavaScript makes the 3rd of March of the 31st of February.
  if (input.at !== "" && !at.toISOString().startsWith(input.at)) return "There is no such day.";
  if (input.person !== "" && !person)
    return "No key of this person is known here. A key counts when its owner has proved to hold it.";
  return null;
}

/** Hosts that the question is about: named ones, or all on which the person's keys or the account open anything. */
function findHosts(db: Db, input: WhatIfInput, person: KeyOwner | undefined): Promise<{ id: string }[]> {
  const parts = [Prisma.sql`h.state <> 'archived'`];
  if (input.host !== "") parts.push(nameCondition(Prisma.sql`h.name`, input.host));
  // Of hosts that are named one wants to know as well why they stay shut.
  if (input.host === "" || input.host.includes("*")) {
    parts.push(Prisma.sql`r."readAt" IS NOT NULL`);
    if (person)
      parts.push(Prisma.sql`EXISTS (SELECT 1 FROM "AccessPath" p WHERE p."hostId" = h.id
        AND p."goneAt" IS NULL AND p.fingerprints && ${[...person.fingerprints]}::text[])`);
    if (input.account !== "")
      parts.push(Prisma.sql`EXISTS (SELECT 1 FROM "AccessPath" p WHERE p."hostId" = h.id
        AND p."goneAt" IS NULL AND p.account = ${input.account})`);
  }
  return db.$queryRaw<{ id: string }[]>`
    SELECT h.id FROM "Host" h LEFT JOIN "AccessReading" r ON r."hostId" = h.id
    WHERE ${Prisma.join(parts, " AND ")} ORDER BY lower(h.name), h.id LIMIT 10000`;
}

async function answerFor(
  db: Db,
  hostId: string,
  question: WhatIf,
  now: Date,
): Promise<WhatIfHost | undefined> {
  const host = await db.host.findUnique({ where: { id: hostId }, select: { name: true, access: true } });
  if (!host) return undefined;
  const reading = host.access;
  const base = {
    hostId,
    hostName: host.name,
    readAt: reading?.readAt?.toISOString() ?? null,
    isStale: reading ? isStale(reading, now) : true,
    obstacle: null,
    open: [],
    keyless: [],
    shut: [],
    shutCount: 0,
  };
  if (!reading?.facts)
    return { ...base, obstacle: "Who can log in on this host was not read yet. Read it on its page Access." };
  try {
    const answer = whatIf(unpackFacts(reading.facts), question);
    const logins = byAccount(storedLogins(reading.logins));
    const viewsOf = (paths: readonly LoginPath[]) =>
      paths.slice(0, mostWays).map((path) => pathView(path, logins.get(path.account) ?? []));
    if (answer.kind !== "answer")
      return {
        ...base,
        obstacle:
          answer.kind === "no-server"
            ? `sshd refuses its own configuration: ${answer.text} Nobody can log in anew.`
            : answer.text,
      };
    return {
      ...base,
      open: viewsOf(answer.open),
      keyless: viewsOf(answer.keyless),
      shut: answer.shut.slice(0, mostShut).map(({ account, why }) => ({
        account,
        why: why.map(({ text, source }) => ({ text, source: source ?? null })),
      })),
      shutCount: answer.shut.length,
    };
  } catch (error) {
    log.error("A question about access could not be answered", { hostId, error });
    return {
      ...base,
      obstacle: "What was read on this host cannot be judged. Read it again on its page Access.",
    };
  }
}
