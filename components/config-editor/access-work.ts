import type { Who } from "@/lib/access/difference";
import type { HostFacts } from "@/lib/access/facts";
import { judgeDraft, type Standing, standingOf } from "@/lib/access/judge-draft";
import type { ConfigFile } from "@/lib/sshd-config/model";

// Runs in the analyst's thread and nowhere else: the model of access is no part of what a page loads.

/** The facts of the host, once: they stay in the thread. */
export interface Lesson {
  /** Names these facts in questions. */
  id: string;
  /** HostFacts as JSON. */
  json: string;
  /** The moment by the server's clock, in seconds since 1970. */
  now: number;
}

export interface AccessQuestion {
  /** The facts that were taught. */
  facts: string;
  /** The whole configuration as it is on the host; the same array as long as it is the same. */
  live: readonly ConfigFile[];
  draft: readonly ConfigFile[];
}

/** Somebody, as a list of names says it. */
export interface Name {
  account: string;
  person?: string;
}

/** What a draft does to who can log in, short enough to stand beside it. */
export interface LiveAccess {
  /** Accounts that nobody could log in to any more. */
  shutOut: readonly string[];
  /** Ways that are lost into accounts which keep another one. */
  loses: readonly Name[];
  gains: readonly Name[];
  weakened: readonly Name[];
  moved: readonly Name[];
  isCertain: boolean;
}

/** untaught: this thread does not have the facts · refused: sshd refuses one of the texts, other places say why. */
export type AccessAnswer = LiveAccess | "untaught" | "refused" | "failed";

let taught: { id: string; facts: HostFacts; now: number } | undefined;
let held: { id: string; key: string; standing: Standing } | undefined;

/** Keeps the facts of a host for the questions that follow; those of another host are forgotten. */
export function learnFacts({ id, json, now }: Lesson): void {
  const facts: HostFacts = JSON.parse(json);
  taught = { id, facts, now };
  held = undefined;
}

/** Who gains and who loses by a draft; the side of the host is worked out once. */
export function judgeLive({ facts: id, live, draft }: AccessQuestion): AccessAnswer {
  if (taught?.id !== id) return "untaught";
  try {
    const judged = judgeDraft(standingFor(taught, live), textsOf(draft));
    if ("refused" in judged) return "refused";
    const { gains, loses, weakened, moved, isCertain } = judged.difference;
    const out = new Set(judged.shutOut);
    return {
      shutOut: judged.shutOut,
      loses: loses.filter(({ account }) => !out.has(account)).map(nameOf),
      gains: gains.map(nameOf),
      weakened: weakened.map(nameOf),
      moved: moved.map(nameOf),
      isCertain,
    };
  } catch {
    // Facts are data of a host. Whatever is wrong with them, the same thread still finds what is wrong with the text.
    return "failed";
  }
}

function standingFor({ id, facts, now }: NonNullable<typeof taught>, live: readonly ConfigFile[]): Standing {
  const key = JSON.stringify(live);
  if (held?.id === id && held.key === key) return held.standing;
  const standing = standingOf(facts, { texts: textsOf(live), now });
  held = { id, key, standing };
  return standing;
}

const textsOf = (files: readonly ConfigFile[]) => new Map(files.map(({ path, text }) => [path, text]));

const nameOf = ({ account, person }: Who): Name => ({ account, ...(person !== undefined && { person }) });
