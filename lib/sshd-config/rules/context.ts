import type { Build } from "@/lib/sshd-config/build";
import type { HostKnowledge } from "@/lib/sshd-config/host-knowledge";
import type { ConfigFile } from "@/lib/sshd-config/model";
import type { RuleContext } from "@/lib/sshd-config/rules/rule";
import { readScopes } from "@/lib/sshd-config/scope";
import type { Settings } from "@/lib/sshd-config/settings";
import type { Visit } from "@/lib/sshd-config/walk";
import type { World } from "@/lib/sshd-config/world";

/** What was read from a tree, and what is known beside it. */
export interface Read {
  files: readonly ConfigFile[];
  path: string;
  build: Build;
  visits: readonly Visit[];
  /** Of the first pass. */
  settings: Settings;
  world: World;
  host: HostKnowledge;
}

/** Prepares once what all rules look at. */
export function createRuleContext({ settings, ...read }: Read): RuleContext {
  const { visits, build, world } = read;
  const byKeyword = new Map<string, Visit[]>();
  for (const visit of visits) {
    const same = byKeyword.get(visit.keyword.name);
    if (same) same.push(visit);
    else byKeyword.set(visit.keyword.name, [visit]);
  }
  return {
    ...read,
    of: (keyword) => byKeyword.get(keyword) ?? [],
    ...readScopes(visits, settings, build, world),
  };
}
