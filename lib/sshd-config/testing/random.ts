/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Choices that are the same for the same seed. */
export interface Random {
  pick<T>(from: readonly T[]): T;
  /** True in so many of all cases, from 0 to 1. */
  chance(share: number): boolean;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
}

export function seededChoices(seed: number): Random {
  const random = seededRandom(seed);
  const between = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  return {
    pick: <T>(from: readonly T[]): T => from[between(0, from.length - 1)]!,
    chance: (share) => random() < share,
    between,
  };
}
