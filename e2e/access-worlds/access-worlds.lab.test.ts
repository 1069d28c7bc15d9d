import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { tryInRoom } from "@/e2e/access-worlds/rooms";

/**
 * Another one in each run, but for the CI's: it is asked whether this commit broke something, and must not refuse it for
 * what nobody knew before.
 */
const seed = Number(process.env.WORLDS_SEED || (process.env.CI ? 20_261_123 : randomInt(2 ** 31)));
const worlds = 300;
/** It takes a minute; on a machine that is busy with other tests, several. */
const patience = 500_000;

test.concurrent.each(["bookworm", "trixie"])(
  "logins end as foretold in generated worlds, on the sshd of %s",
  { timeout: patience },
  async (suite) => {
    const campaign = { seed, worlds, mostToMinimize: 3, agentEach: 30 };
    const { differences, summary } = await tryInRoom(suite, campaign);
    console.log(`access-worlds: WORLDS_SEED=${seed} ${suite} ${JSON.stringify(summary)}`);
    expect(differences).toEqual([]);
    expect(summary).toMatchObject({ worlds, byAgent: worlds / campaign.agentEach, different: 0 });
    // Worlds in which nobody gets in would agree for nothing.
    expect(summary.letIn).toBeGreaterThan(worlds / 2);
  },
);
