import { createHash } from "node:crypto";
import { addMarker } from "@/lib/change/marker";
import { now } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { randomHostRef } from "@/lib/features/changes/commands";
import { writePlan } from "@/lib/features/changes/stored";
import type { ChangePlanView } from "@/lib/features/changes/views";
import { agentFile, answerWith } from "@/lib/testing/arrange";
import { addFleet } from "@/lib/testing/fleet";
import { addPerson } from "@/lib/testing/people";

/** Somebody who opens pages: what his browser sends, and which pages are his. */
export interface WebPerson {
  readonly cookie: string;
  /** Paths by the name of the page. */
  readonly pages: Readonly<Record<"hosts" | "host" | "configuration" | "change", string>>;
}

const main = "/etc/ssh/sshd_config";
/** As long as a configuration of people is: each change shows it before and after. */
const text = Array.from({ length: 120 }, (_, line) =>
  line % 3 === 0 ? `# A note of the people who run this host, number ${line}\n` : `AcceptEnv LC_${line}\n`,
).join("");

const plan: ChangePlanView = {
  test: { code: 0, lines: [] },
  effective: [{ for: "everyone", keyword: "clientaliveinterval", before: ["0"], after: ["60"] }],
  management: { getsIn: true, reasons: [], doubts: [] },
  touches: [{ keyword: "ClientAliveInterval", risk: "session" }],
  needsPerson: false,
  needsExecutePermission: false,
  access: null,
  rules: null,
  twoFactor: null,
  readAt: "2026-01-01T00:00:00.000Z",
};

/**
 * Fills an empty database with a fleet, and with people who are signed in; each has a host and a change of his own.
 *
 * @param accounts of each host, with keys and ways in
 */
export async function addWebPeople(
  db: Db,
  { hosts, accounts, people }: { hosts: number; accounts: number; people: number },
): Promise<WebPerson[]> {
  const { hostIds } = await addFleet(db, { hosts, accounts });
  const found: WebPerson[] = [];
  for (let n = 0; n < people; n++) {
    const person = await addPerson(db, "operator");
    const hostId = hostIds[Math.floor((n * hosts) / people)] ?? "";
    await answerWith(db, hostId, [agentFile(main, text)]);
    found.push({
      cookie: [...person.browser.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      pages: {
        hosts: "/hosts",
        host: `/hosts/${hostId}`,
        configuration: `/hosts/${hostId}/config`,
        change: `/changes/${await addChange(db, hostId, person.id)}`,
      },
    });
  }
  return found;
}

async function addChange(db: Db, hostId: string, authorId: string): Promise<string> {
  const hostRef = randomHostRef();
  const content = `ClientAliveInterval 60\n${text}`;
  const at = now();
  const { id } = await db.change.create({
    data: {
      hostRef,
      hostId,
      path: main,
      fileSha256Id: sha256(main),
      baseSha256: sha256(text),
      baseContent: text,
      content,
      newSha256: sha256(addMarker(content, hostRef)),
      state: "confirmed",
      outcome: "Kept: a fresh login under the new file proved that Gatehouse gets in.",
      authorId,
      message: "Drop connections that are dead",
      keepBy: "login",
      deadlineSeconds: 60,
      plan: writePlan(plan),
      sentAt: at,
      appliedAt: at,
      endedAt: at,
      steps: {
        create: ["planned", "applying", "applied", "confirmed"].map((kind) => ({
          at,
          kind,
          text: `The change is ${kind}.`,
        })),
      },
    },
  });
  return id;
}

function sha256(of: string): string {
  return createHash("sha256").update(of).digest("hex");
}
