import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { earliestExpirySecond } from "@/lib/authorized-keys/expiry-time";
import { type KeyOptions, noOptions, parseOptions } from "@/lib/authorized-keys/options";
import { readRecordedOptions } from "@/lib/authorized-keys/testing/recorded-options";

const recorded = readRecordedOptions(
  readFileSync(path.join(import.meta.dirname, "testing/options.jsonl"), "utf8"),
);

/** As it was recorded, in UTC: only what differs from a line without options. */
function differences({ expiries, ...options }: KeyOptions) {
  const entries = Object.entries(options).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(noOptions, name)),
  );
  const second = earliestExpirySecond(expiries, 0);
  if (second === undefined) return Object.fromEntries(entries);
  return Object.fromEntries([...entries, ["validBefore", Number.isFinite(second) ? second : "never"]]);
}

describe("options are read as OpenSSH's own code read them", () => {
  test.each([802, 902, 1006])("release %i", (release) => {
    const cases = recorded.filter((one) => one.release === release);
    expect(cases.filter(({ result }) => result).length).toBeGreaterThan(200);
    expect(cases.filter(({ result }) => !result).length).toBeGreaterThan(100);
    for (const { text, result } of cases) {
      const reading = parseOptions(text, { release });
      const ours = "options" in reading ? differences(reading.options) : null;
      expect({ text, result: ours }).toEqual({ text, result });
    }
  });
});
