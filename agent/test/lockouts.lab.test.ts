import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { lockoutCorpus } from "./lockout-corpus";
import {
  isFor,
  type LockoutHost,
  openLockoutHost,
  type Release,
  tryLockout,
  trySound,
} from "./lockout-trial";
import { soundCorpus } from "./sound-corpus";

/** A part of the corpus for each commit; all of it on every release: `npm run test:lockouts`. */
const tried: readonly { release: Release; lockouts: readonly string[]; sound: readonly string[] }[] = [
  {
    release: 804,
    lockouts: ["AllowUsers with a slip of the finger", "MaxStartups 0"],
    sound: ["AllowUsers by address", "RevokedKeys by a list of serial numbers"],
  },
  {
    release: 902,
    lockouts: ["RevokedKeys with everybody's keys", "PerSourceMaxStartups 0"],
    sound: ["AllowGroups by a pattern", "RevokedKeys that revokes nobody"],
  },
  {
    release: 1000,
    lockouts: ["AuthorizedKeysFile that everybody may write to", "MACs that nobody speaks any more"],
    sound: ["a second factor, and the management account by key", "StrictModes yes"],
  },
];

test("the corpus holds at least 60 configurations that shut out and 40 that do not, each of its own name", () => {
  for (const [corpus, least] of [
    [lockoutCorpus, 60],
    [soundCorpus, 40],
  ] as const) {
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
    for (const { release } of tried)
      expect(corpus.filter((one) => isFor(one, release)).length).toBeGreaterThanOrEqual(least);
  }
});

function named<T extends { name: string }>(corpus: readonly T[], names: readonly string[]): T[] {
  const found = corpus.filter(({ name }) => names.includes(name));
  expect(found).toHaveLength(names.length);
  return found;
}

describe("on each release at once", () => {
  let lab: Lab;
  let hosts: LockoutHost[];
  beforeAll(async () => {
    lab = await openLab();
    hosts = await Promise.all(tried.map(({ release }) => openLockoutHost(lab, release)));
  });
  afterAll(async () => {
    for (const { managed } of hosts ?? []) managed.forget();
    await lab?.close();
  });

  const onEach = (act: (host: LockoutHost, of: (typeof tried)[number]) => Promise<void>) =>
    Promise.all(
      hosts.map((host) => {
        const of = tried.find(({ release }) => release === host.release);
        if (!of) throw new Error(`Nothing is to be tried on ${host.release}.`);
        return act(host, of);
      }),
    );

  test("what shuts everybody out is refused beforehand, and undone when that is overridden", () =>
    onEach(async (host, { lockouts }) => {
      for (const one of named(lockoutCorpus, lockouts))
        expect(await tryLockout(host, one)).toMatchObject({ name: one.name, violations: [] });
    }));

  test("what shuts out nobody is let pass and can be kept", () =>
    onEach(async (host, { sound }) => {
      for (const one of named(soundCorpus, sound))
        expect(await trySound(host, one)).toMatchObject({ name: one.name, alarms: [] });
    }));
});
