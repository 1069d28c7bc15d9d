import type { HostFacts } from "@/lib/access/facts";
import { AgentError } from "@/lib/agent/errors";
import type { HostCodes } from "@/lib/agent/read-codes";
import type { FactsReading, RecentLogins } from "@/lib/agent/read-facts";
import type { PamFile } from "@/lib/agent/read-pam";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { recordFacts } from "@/lib/features/access/collect";
import { deriveAccess } from "@/lib/features/access/derive";
import { readTree } from "@/lib/features/config/read-tree";
import { type Reading, recordReading } from "@/lib/features/config/record-reading";
import { type CodesReading, readFrom, recordCodes } from "@/lib/features/host-codes/read";
import { withManagedHost } from "@/lib/features/hosts/reach";

/** Everything on a host by which a second factor lets in or shuts out, read over one connection. */
export interface TwoFactorReading {
  readonly at: Date;
  readonly facts: HostFacts;
  readonly config: Reading;
  readonly pam: PamFile;
  readonly codes: HostCodes;
  readonly logins: RecentLogins;
}

/**
 * Asks the host for all of it, and writes down what other pages show: a plan is never made from an old reading.
 *
 * @throws SshError, AgentError, AppError when the host cannot be asked
 */
export async function readForTwoFactor(hostId: string): Promise<TwoFactorReading> {
  const known = await prisma().configFile.findMany({ where: { hostId }, select: { path: true } });
  const paths = new Set(known.map(({ path }) => path));
  const at = now();
  const read = await ask(hostId, paths);
  const { facts } = read.facts;
  if (!facts) throw new AgentError("malformed", "The host's agent told no facts although none were known.");
  const derived = deriveAccess(facts, read.facts.logins, at, read.facts.loginsSince);
  await prisma().$transaction(
    async (db) => {
      await recordReading(db, hostId, read.config);
      await recordFacts(db, hostId, read.facts, at, derived);
      await recordCodes(db, hostId, { reading: read.codes, at });
    },
    { timeout: 30_000 },
  );
  return { at, facts, config: read.config, pam: read.pam, codes: read.codes.codes, logins: read.logins };
}

interface Read {
  facts: FactsReading;
  config: Reading;
  pam: PamFile;
  codes: CodesReading;
  logins: RecentLogins;
}

async function ask(hostId: string, paths: ReadonlySet<string>): Promise<Read> {
  try {
    return await withManagedHost(hostId, async (agent) => ({
      // First what an old agent does not know.
      logins: await agent.recentLogins(),
      pam: await agent.readPam(),
      config: await readTree(agent, paths),
      codes: await readFrom(agent),
      facts: await agent.facts(),
    }));
  } catch (error) {
    if (error instanceof AgentError && error.code === "protocol")
      throw new AgentError(
        "protocol",
        "The agent on this host is too old for a second factor. Update the agent on the host's page.",
      );
    throw error;
  }
}
