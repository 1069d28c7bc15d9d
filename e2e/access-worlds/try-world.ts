import { login, type Wallet } from "@/e2e/access-worlds/client";
import { collectFacts } from "@/e2e/access-worlds/collect";
import { claimsOf, foretell, isForeseen } from "@/e2e/access-worlds/foretell";
import { settle } from "@/e2e/access-worlds/host";
import { issueCertificate, type Keyring } from "@/e2e/access-worlds/keyring";
import type { RoomSshd } from "@/e2e/access-worlds/sshd";
import type { Attempt, World } from "@/e2e/access-worlds/world";
import type { AttemptResult } from "@/lib/access/attempt";
import type { HostFacts } from "@/lib/access/facts";
import { startServer } from "@/lib/access/server";
import { whoCanLogIn } from "@/lib/access/who-can-log-in";
import type { Build } from "@/lib/sshd-config/build";

/** A room with its sshd. */
export interface Room {
  readonly root: string;
  readonly build: Build;
  readonly ring: Keyring;
  readonly sshd: RoomSshd;
}

/** A login of which model and sshd say different things. */
export interface Difference {
  readonly attempt: Attempt;
  /** What was foretold, and what happened. */
  readonly model: AttemptResult | "one of the paths" | "none of the paths";
  readonly real: AttemptResult;
}

/** What came of one world. */
export interface Trial {
  readonly differences: readonly Difference[];
  readonly tried: number;
  readonly letIn: number;
  /** Attempts that were made because a path claims that they succeed. */
  readonly claimed: number;
  readonly isRefused: boolean;
}

/** Logins of one world that are tried at once. */
const atOnce = 4;
const mostClaims = 2;

/**
 * Makes the world real, foretells what every login comes to, and tries them.
 *
 * @param read instead of the facts that are taken from the disk
 */
export async function tryWorld(
  room: Room,
  world: World,
  read: () => Promise<HostFacts | undefined> = async () => undefined,
): Promise<Trial> {
  const { root, build, ring } = room;
  await settle(root, world, ring);
  const certificates = new Map(
    Object.entries(world.certificates).map(([name, terms]) => [name, issueCertificate(ring, terms)] as const),
  );
  const wallet: Wallet = { ring, certificates };
  const facts = (await read()) ?? collectFacts(root, world, build);
  const server = startServer(facts, { build });
  const isRefused = server.refused !== undefined;
  const paths = whoCanLogIn(facts, { now: Date.now() / 1000, server });
  const all = isRefused ? [] : claimsOf(paths, server, wallet);
  // Others of them in each world: those of one are much alike.
  const claims = spread(all, mostClaims);
  const judge = async (
    attempt: Attempt,
    isClaim: boolean,
  ): Promise<{ real: AttemptResult; found: Difference[] }> => {
    const model = foretell(server, attempt, wallet);
    const ended = await login(attempt, attempt.user, attempt.steps, wallet);
    // An sshd that refuses its configuration says nothing to anybody.
    const real = isRefused && ended === "closed" ? "no-server" : ended;
    const found: Difference[] = isSame(model, real) ? [] : [{ attempt, model, real }];
    if (isClaim && real !== "success" && found.length === 0)
      found.push({ attempt, model: "one of the paths", real });
    if (!isClaim && real === "success" && isForeseen(server, paths, attempt, wallet) === false)
      found.push({ attempt, model: "none of the paths", real });
    return { real, found };
  };
  const queue = [
    ...world.attempts.map((attempt) => [attempt, false] as const),
    ...claims.map((attempt) => [attempt, true] as const),
  ];
  const results: { real: AttemptResult; found: Difference[] }[] = [];
  const next = queue.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [attempt, isClaim] of next) results.push(await judge(attempt, isClaim));
    }),
  );
  return {
    differences: results.flatMap(({ found }) => found),
    tried: results.length,
    letIn: results.filter(({ real }) => real === "success").length,
    claimed: claims.length,
    isRefused,
  };
}

/**
 * Where sshd cuts a login that it let in, two of its processes race: the one that says "success" to the client, and the
 * one that ends them both. Nobody has a session either way.
 */
function isSame(model: AttemptResult, real: AttemptResult): boolean {
  return model === real || (model === "closed-after-success" && real === "closed");
}

/** So many of them, evenly. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]).filter(
    (one): one is T => one !== undefined,
  );
}
