/**
 * Tries generated worlds on the real sshd of the room that this runs in (room.sh), and tells how it went on standard
 * output, a JSON object a line: a difference each, then a summary. Started by rooms.ts.
 *
 *   in-room.ts BUILD_AS_JSON SEED COUNT MOST_TO_MINIMIZE AGENT_EACH
 */
import { agentFacts } from "@/e2e/access-worlds/agent-facts";
import { generateWorlds } from "@/e2e/access-worlds/generate";
import { makeKeyring } from "@/e2e/access-worlds/keyring";
import { minimize } from "@/e2e/access-worlds/minimize";
import type { FoundDifference, Summary } from "@/e2e/access-worlds/rooms";
import { openSshd } from "@/e2e/access-worlds/sshd";
import { type Room, tryWorld } from "@/e2e/access-worlds/try-world";
import type { Build } from "@/lib/sshd-config/build";

const [buildText = "", seed, count, mostToMinimize, agentEach] = process.argv.slice(2);
const build = JSON.parse(buildText) as Build;
const root = "/mnt/root";
const room: Room = { root, build, ring: makeKeyring(), sshd: await openSshd(root) };
const tell = (what: FoundDifference | Summary) => process.stdout.write(`${JSON.stringify(what)}\n`);
const sum = { worlds: 0, tried: 0, letIn: 0, claimed: 0, refused: 0, byAgent: 0, different: 0 };
let left = Number(mostToMinimize);

for (const world of generateWorlds(Number(seed), Number(count))) {
  const isByAgent = Number(agentEach) > 0 && sum.worlds % Number(agentEach) === 0;
  const trial = await tryWorld(room, world, isByAgent ? () => agentFacts(root) : undefined);
  sum.worlds++;
  sum.tried += trial.tried;
  sum.letIn += trial.letIn;
  sum.claimed += trial.claimed;
  if (trial.isRefused) sum.refused++;
  if (isByAgent) sum.byAgent++;
  for (const difference of trial.differences) {
    sum.different++;
    room.sshd.takeLog();
    const isStill = async (smaller: typeof world) => {
      const { differences } = await tryWorld(room, smaller, isByAgent ? () => agentFacts(root) : undefined);
      return differences.some(({ model, real }) => model === difference.model && real === difference.real);
    };
    const small = left-- > 0 ? await minimize(world, difference.attempt, isStill) : world;
    tell({
      kind: "difference",
      id: world.id,
      isByAgent,
      ...difference,
      world: small,
      log: room.sshd.takeLog().slice(-2000),
    });
  }
}
await room.sshd.close();
tell({ kind: "summary", ...sum });
