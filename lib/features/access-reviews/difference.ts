import {
  type AddressSet,
  everyAddress,
  setOfRuns,
  setOfScope,
  subtract,
} from "@/lib/access/assertions/address-set";
import type { DriftSide } from "@/lib/features/access-reviews/views";

/** What is different between a way as it was reviewed and as it is now. */
export interface WayDifference {
  /** One sentence each. */
  readonly differences: string[];
  /** Somebody gets in more easily than before: fewer factors, more addresses, fewer limits. */
  readonly isLooser: boolean;
}

/** Compares two forms of one way. */
export function differenceOf(before: DriftSide, after: DriftSide): WayDifference {
  const differences: string[] = [];
  let isLooser = false;
  const say = (text: string, looser = false) => {
    differences.push(text);
    isLooser ||= looser;
  };
  if (after.factors !== before.factors)
    say(`${factors(after.factors)} instead of ${before.factors}`, after.factors < before.factors);
  if (after.methods !== before.methods) say(`methods: ${after.methods} instead of ${before.methods}`);
  if (after.from.join() !== before.from.join()) {
    const isWider = subtract(addressesOf(after.from), addressesOf(before.from)).length > 0;
    say(
      `${isWider ? "from more addresses" : "from fewer addresses"}: ${after.from.join(", ")} instead of ${before.from.join(", ")}`,
      isWider,
    );
  }
  if (after.forcedCommand !== before.forcedCommand) {
    if (after.forcedCommand === null) say("no forced command any more", true);
    // Another command may do anything: it is not for us to call it harmless.
    else if (before.forcedCommand === null) say("a forced command is new");
    else say("another forced command", true);
  }
  const lost = before.limits.filter((limit) => !after.limits.includes(limit));
  const won = after.limits.filter((limit) => !before.limits.includes(limit));
  if (lost.length > 0) say(`no more: ${lost.join("; ")}`, true);
  if (won.length > 0) say(`new: ${won.join("; ")}`);
  return { differences, isLooser };
}

const factors = (count: number) => (count === 1 ? "1 factor" : `${count} factors`);

/** Addresses as lib/access names them: "any address", "any IPv4 address", "10.0.0.0/8", "10.0.0.1–10.0.0.9". */
function addressesOf(from: readonly string[]): AddressSet {
  return from.flatMap((text): AddressSet => {
    if (text === "any address") return everyAddress;
    const family = /^any IPv([46]) address$/.exec(text)?.[1];
    if (family) return everyAddress.filter((range) => String(range.family) === family);
    const [first, last] = text.split("–");
    if (first !== undefined && last !== undefined) return setOfRuns([{ first, last }]);
    try {
      return setOfScope({ kind: "inside", networks: [text] });
    } catch (error) {
      if (error instanceof RangeError) return everyAddress; // nothing that we read: it may be any
      throw error;
    }
  });
}
