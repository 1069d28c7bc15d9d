import type { FactorChange, Who } from "@/lib/access/difference";
import type { HostFacts } from "@/lib/access/facts";
import { type DraftJudgement, judgeDraft, standingOf, type Unjudged } from "@/lib/access/judge-draft";
import type { KeyOwner } from "@/lib/access/who-can-log-in";
import { isStale } from "@/lib/features/access/freshness";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import type { AccessChangeList, AccessChangeView, PlanAccessView } from "@/lib/features/changes/views";
import { log } from "@/lib/log";

/** More rows than a person reads; the counts are of all. */
const mostRows = 100;
const mostReasons = 12;
/** Comments and patterns may be as long as their file. */
const longestText = 300;

/** What was last read on a host about who can log in. */
export interface StoredReading {
  readonly facts: Uint8Array | null;
  readonly readAt: Date | null;
  readonly failedAt: Date | null;
  readonly isConsistent: boolean;
}

/** What access is judged by, beside the reading. */
export interface DraftOfHost {
  /** The text of every file of the configuration as we last saw it, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly path: string;
  readonly base: string;
  readonly content: string;
  /** Whose keys are known; a way by another key has no name. */
  readonly people: readonly KeyOwner[];
  /** What is known beside the reading, done to its facts. */
  readonly known?: (facts: HostFacts) => HostFacts;
}

/**
 * Who gains and who loses by a draft, by what was last read. Never stands in the way: what cannot be told is said.
 *
 * @param reading null: the host was never read
 * @param at decides about what expires, and what is stale
 */
export function judgeAccess(reading: StoredReading | null, draft: DraftOfHost, at: Date): PlanAccessView {
  const textsWith = (text: string) => new Map([...draft.files, [draft.path, text]]);
  const judge = (facts: HostFacts) => {
    const now = Math.floor(at.getTime() / 1000);
    const standing = standingOf(draft.known?.(facts) ?? facts, {
      texts: textsWith(draft.base),
      now,
      people: draft.people,
    });
    return judgeDraft(standing, textsWith(draft.content));
  };
  return judgeReading(reading, judge, at, draft.path);
}

/**
 * What a judgement of a reading says, for a plan; as `judgeAccess`.
 *
 * @param judge by facts that were read
 * @param path of the changed file, for the log
 */
export function judgeReading(
  reading: StoredReading | null,
  judge: (facts: HostFacts) => DraftJudgement | Unjudged,
  at: Date,
  path: string,
): PlanAccessView {
  const known = {
    readAt: reading?.readAt?.toISOString() ?? null,
    isStale: reading ? isStale(reading, at) : true,
  };
  if (!reading?.facts)
    return {
      ...nothing,
      ...known,
      obstacle:
        "Who can log in on this host was not read yet. Read it on the host's Access page, then ask the host again here.",
    };
  try {
    const facts = unpackFacts(reading.facts);
    const judged = judge(facts);
    if ("refused" in judged)
      return {
        ...nothing,
        ...known,
        obstacle: `By what was read, sshd refuses the configuration ${judged.side === "before" ? "as it is now" : "with this change"}, so there is nothing to compare: ${cut(judged.refused)}`,
      };
    const isWhole = facts.cuts.length === 0 && reading.isConsistent;
    return { ...viewOf(judged), ...known, isCertain: judged.difference.isCertain && isWhole };
  } catch (error) {
    log.error("The difference in access could not be judged", { path, error });
    return {
      ...nothing,
      ...known,
      obstacle: "What was read on this host cannot be judged. Read it again on the host's Access page.",
    };
  }
}

const none: AccessChangeList = { total: 0, rows: [] };
const nothing: Omit<PlanAccessView, "readAt" | "isStale"> = {
  obstacle: null,
  isCertain: false,
  gains: none,
  loses: none,
  weakened: none,
  strengthened: none,
  moved: none,
  shutOut: { total: 0, accounts: [] },
  doubtful: { total: 0, accounts: [] },
};

function viewOf(judged: DraftJudgement): Omit<PlanAccessView, "readAt" | "isStale" | "isCertain"> {
  const { gains, loses, weakened, strengthened, moved } = judged.difference;
  const listOf = <Item extends Who>(
    items: readonly Item[],
    words: (item: Item) => { before: string; after: string } | undefined,
  ): AccessChangeList => ({
    total: items.length,
    rows: items.slice(0, mostRows).map((item): AccessChangeView => {
      const { before = null, after = null } = words(item) ?? {};
      return {
        account: cut(item.account),
        person: item.person ?? null,
        fingerprint: item.fingerprint ?? null,
        comment: item.comment === undefined ? null : cut(item.comment),
        methods: cut(item.methods),
        before: before === null ? null : cut(before),
        after: after === null ? null : cut(after),
        why: judged
          .why(item)
          .slice(0, mostReasons)
          .map(({ text, source }) => ({
            text: cut(text),
            source: source === undefined ? null : cut(source),
          })),
      };
    }),
  });
  const factors = ({ before, after }: FactorChange) => ({
    before: factorCount(before),
    after: factorCount(after),
  });
  return {
    obstacle: null,
    gains: listOf(gains, () => undefined),
    loses: listOf(loses, () => undefined),
    weakened: listOf(weakened, factors),
    strengthened: listOf(strengthened, factors),
    moved: listOf(moved, ({ before, after }) => ({ before: before.join(", "), after: after.join(", ") })),
    shutOut: namesOf(judged.shutOut),
    doubtful: namesOf(judged.doubtful),
  };
}

const factorCount = (count: number) => `${count} ${count === 1 ? "factor" : "factors"}`;

const namesOf = (accounts: readonly string[]) => ({
  total: accounts.length,
  accounts: accounts.slice(0, mostRows).map(cut),
});

const cut = (text: string) => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);
