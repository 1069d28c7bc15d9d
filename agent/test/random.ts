/** A small generator of random numbers, so that a run can be repeated from its seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` numbers from 1 to `length`, one in each of `count` stretches of equal length, anywhere in its stretch. */
export function spread(count: number, length: number, random: () => number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Math.min(length, 1 + Math.floor(((index + random()) * length) / count)),
  );
}

/** The value at `index`, round and round. @throws RangeError when there is none */
export function pick<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new RangeError("Nothing to pick from.");
  return value;
}

/** The same values in another order. */
export function shuffle<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
