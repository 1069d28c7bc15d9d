import { type AssertedHost, checkAssertion } from "@/lib/access/assertions/check-assertion";
import { doubtsOf } from "@/lib/access/assertions/host-doubts";
import type { AssertionAnswer } from "@/lib/access/assertions/offence";
import { isLocalOnly } from "@/lib/access/destination";
import type { HostFacts } from "@/lib/access/facts";
import { type Server, startServer } from "@/lib/access/server";
import { type KeyOwner, type LoginPath, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { managementAccount } from "@/lib/change/marker";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import type { RuleInForce } from "@/lib/features/access-rules/stored-rules";
import { log } from "@/lib/log";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";

/** Who gets in on a host, as rules look at it. */
export interface JudgedHost {
  readonly paths: readonly LoginPath[];
  readonly host: AssertedHost;
}

interface HostWithKey {
  readonly managementPublicKey: string | null;
}

interface JudgeOptions {
  /** Decides about what expires. */
  readonly at: Date;
  readonly people: readonly KeyOwner[];
  /** Files of the configuration that are newer than the facts, by path. */
  readonly texts?: ReadonlyMap<string, string>;
}

/** Who gets in by facts, ready for any number of rules. Takes milliseconds to a second. */
export function judgeHost(
  facts: HostFacts,
  { managementPublicKey }: HostWithKey,
  { at, people, texts }: JudgeOptions,
): JudgedHost & { server: Server } {
  const now = Math.floor(at.getTime() / 1000);
  const server = startServer(facts, texts ? { draft: texts } : {});
  const print = managementPublicKey === null ? undefined : printOfKey(managementPublicKey);
  return {
    server,
    paths: whoCanLogIn(facts, { now, people, server }),
    host: {
      accounts: facts.accounts,
      doubts: doubtsOf(facts, server.refused),
      people,
      isLocalOnly: isLocalOnly(facts),
      ...(print !== undefined && { own: { account: managementAccount, fingerprint: print } }),
    },
  };
}

/** The same by a stored reading. What cannot be understood leaves every rule unclear. */
export function judgeReading(
  reading: { readonly facts: Uint8Array; readonly isConsistent: boolean },
  host: HostWithKey & { readonly name: string },
  options: JudgeOptions,
): JudgedHost {
  try {
    const facts = unpackFacts(reading.facts);
    return judgeHost({ ...facts, isConsistent: facts.isConsistent && reading.isConsistent }, host, options);
  } catch (error) {
    log.error("Rules could not be held against a reading", { host: host.name, error });
    const doubts = ["What was read on this host cannot be judged. Read it again on its Access page."];
    return { paths: [], host: { accounts: [], doubts, people: options.people } };
  }
}

/** What a rule comes to. One that is not understood, or whose judgement fails, is unclear. */
export function answerOfRule({ assertion, id }: RuleInForce, { paths, host }: JudgedHost): AssertionAnswer {
  if (assertion === null)
    return unclear("This rule was written for another version of Gatehouse. Write it anew.");
  // Without a reading that is understood, there is nothing to look for.
  if (host.accounts.length === 0 && host.doubts.length > 0)
    return { state: "unclear", offences: [], doubts: host.doubts };
  try {
    return checkAssertion(assertion, paths, host);
  } catch (error) {
    log.error("A rule could not be judged", { rule: id, error });
    return unclear("This rule cannot be judged. Write it anew.");
  }
}

const unclear = (doubt: string): AssertionAnswer => ({ state: "unclear", offences: [], doubts: [doubt] });

function printOfKey(line: string): string | undefined {
  const key = parsePublicKey(line);
  return key && fingerprint(key.blob);
}
