import type { Attempt, World, WorldFile } from "@/e2e/access-worlds/world";

/**
 * The smallest world, found by leaving things out one after the other, on which the attempt still differs.
 *
 * @param differs tries a world for real
 */
export async function minimize(
  world: World,
  attempt: Attempt,
  differs: (world: World) => Promise<boolean>,
): Promise<World> {
  let small: World = { ...world, attempts: [attempt] };
  if (!(await differs(small))) return world;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smaller(small)) {
      if (!(await differs(candidate))) continue;
      small = candidate;
      isSmaller = true;
      break;
    }
  }
  return small;
}

/** Every world with one thing less. */
function* smaller(world: World): Generator<World> {
  const without = <T>(all: readonly T[], index: number) => all.filter((_, i) => i !== index);
  for (const i of world.config.keys()) yield { ...world, config: without(world.config, i) };
  const [attempt] = world.attempts;
  if (attempt && attempt.steps.length > 1)
    for (const i of attempt.steps.keys())
      yield { ...world, attempts: [{ ...attempt, steps: without(attempt.steps, i) }] };
  for (const [i, { name }] of world.accounts.entries())
    if (name !== "root" && name !== "sshd") yield { ...world, accounts: without(world.accounts, i) };
  for (const [file, what] of Object.entries(world.files)) {
    const { [file]: _, ...others } = world.files;
    // With another stack of PAM nothing is as it was.
    if (file.startsWith("/etc/pam.d/")) continue;
    yield { ...world, files: others };
    const lines = what.text?.split("\n") ?? [];
    if (lines.length < 2) continue;
    for (const i of lines.keys()) {
      const shorter: WorldFile = { ...what, text: without(lines, i).join("\n") };
      yield { ...world, files: { ...world.files, [file]: shorter } };
    }
  }
}
