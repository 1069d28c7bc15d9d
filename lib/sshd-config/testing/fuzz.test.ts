import { expect, test } from "vitest";
import { builds } from "@/lib/sshd-config/build";
import { parse, print } from "@/lib/sshd-config/parser";
import { exercise, fuzzSeeds, fuzzText } from "@/lib/sshd-config/testing/fuzz";
import { seededChoices } from "@/lib/sshd-config/testing/random";

// `npm run fuzz:sshd-config` does the same with a million texts, guided by coverage.
const r = seededChoices(20_261_123);
const pool = fuzzSeeds(20_261_123, 300);

test("20,000 odd texts are parsed without loss", () => {
  for (let i = 0; i < 20_000; i++) {
    const text = fuzzText(pool, r);
    const build = builds[i % builds.length]!;
    if (print(parse(text, build)) !== text) expect.fail(`${build.id} loses bytes of ${JSON.stringify(text)}`);
  }
});

test("an editor may do all it does with any of them", () => {
  for (let i = 0; i < 600; i++) exercise(fuzzText(pool, r), builds[i % builds.length]!);
});

test("a file of 10,000 lines with every line end, NUL and byte order mark comes back as it was", () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `${pool[i % pool.length]!.split("\n", 1)[0]}`);
  for (const end of ["\n", "\r\n", "\r", "\0\n"]) {
    const text = `\ufeff${lines.join(end)}`;
    expect(print(parse(text)) === text).toBe(true);
  }
});
