import {
  type JoinedKeyPolicy,
  joinKeyPolicies,
  judgeKeyPolicy,
  type KeyPolicy,
  keyDemands,
  type PolicyOffence,
} from "@/lib/access/key-policy";
import { hasKeyPolicy, removeKeyPolicy, writeKeyPolicy } from "@/lib/access/key-policy-block";
import { printKeyPolicy } from "@/lib/access/key-policy-words";
import { type ChangeState, pendingStates } from "@/lib/change/machine";
import { stripMarker } from "@/lib/change/marker";
import type { Db, Transaction } from "@/lib/db/client";
import { isStale } from "@/lib/features/access/freshness";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import { newestTexts } from "@/lib/features/changes/rules-of-plan";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { togetherOf } from "@/lib/features/key-policies/together";
import type { HostPolicyView, PolicyOffenceView } from "@/lib/features/key-policies/views";
import type { KeyPolicy as KeyPolicyRow } from "@/lib/generated/prisma/client";
import { log } from "@/lib/log";

/** Reasons that are told one by one, and accounts that are named for each. */
const mostShown = 20;
const mostNamed = 8;
/** Names and paths of a host may be as long as it likes. */
const longestText = 300;

/** A host with what its policy is judged by. */
export type PolicyHost = Awaited<ReturnType<typeof readPolicyHosts>>[number];

/** Hosts by their ids, in the order of their names. */
export function readPolicyHosts(db: Db | Transaction, ids: readonly string[]) {
  return db.host.findMany({
    where: { id: { in: [...ids] } },
    orderBy: { name: "asc" },
    include: {
      access: { omit: { logins: true } },
      files: { where: { position: 0, goneAt: null }, take: 1 },
      changes: {
        where: { kind: "config", state: { in: ["planning", "planned", ...pendingStates] } },
        orderBy: { createdAt: "desc" },
        select: {
          id: true,
          state: true,
          path: true,
          content: true,
          baseSha256: true,
          plan: true,
          planError: true,
        },
      },
    },
  });
}

/** Policies that are about a host. */
export function policiesOf(
  policies: readonly KeyPolicyRow[],
  { id, tags }: Pick<PolicyHost, "id" | "tags">,
): KeyPolicy[] {
  return policies
    .filter(({ hostId, tag }) => hostId === id || (tag !== null && tags.includes(tag)))
    .map(({ demands, exceptAccounts }) => ({
      demands: keyDemands.filter((demand) => demands.includes(demand)),
      exceptAccounts,
    }));
}

/** What is wanted on a host and what is there, and the text of the main file that would bring the two together. */
export interface JudgedPolicy {
  readonly view: HostPolicyView;
  readonly main:
    | { readonly fileId: string; readonly path: string; readonly sha256: string; readonly text: string }
    | undefined;
  /** Undefined: none can be written; `view.obstacle` says why. */
  readonly wantedText: string | undefined;
}

/**
 * Holds the policies of a host against what was last read there. Never stands in the way: what cannot be told is said.
 *
 * Takes milliseconds to a tenth of a second.
 */
export async function judgePolicyOfHost(
  db: Db | Transaction,
  host: PolicyHost,
  policies: readonly KeyPolicyRow[],
  at: Date,
  mayPlan: boolean,
): Promise<JudgedPolicy> {
  const wanted = joinKeyPolicies(policiesOf(policies, host));
  const texts = await newestTexts(db, host.id);
  const [file] = host.files;
  const text = file && stripMarker(texts.get(file.path) ?? "");
  const open = host.changes.find(({ path }) => path === file?.path);
  const base: HostPolicyView = {
    hostId: host.id,
    hostName: host.name,
    wanted: wanted ? printKeyPolicy(wanted) : null,
    state: "none",
    obstacle: null,
    offences: [],
    total: 0,
    isBlockOld: false,
    readAt: host.access?.readAt?.toISOString() ?? null,
    isStale: host.access ? isStale(host.access, at) : true,
    change: open ? { id: open.id, state: open.state as ChangeState } : null,
    together: null,
    canPlan: false,
  };
  const main =
    file && text !== undefined ? { fileId: file.id, path: file.path, sha256: file.sha256, text } : undefined;
  const hasBlock = main !== undefined && hasKeyPolicy(main.text);
  if (!wanted && !hasBlock) return { view: base, main, wantedText: undefined };
  const view = { ...base, ...judge(host, wanted, main, texts) };
  const { wantedText } = view;
  const hostObstacle = obstacleOf(host);
  const isChanged = wantedText !== undefined && wantedText !== main?.text;
  return {
    main,
    wantedText,
    view: {
      ...base,
      state: view.state,
      offences: view.offences,
      total: view.total,
      obstacle: view.obstacle ?? hostObstacle,
      together: open && open.content === wantedText ? togetherOf(open) : null,
      isBlockOld: hasBlock && isChanged && wanted !== undefined,
      canPlan: mayPlan && hostObstacle === null && isChanged && (view.state !== "met" || hasBlock),
    },
  };
}

type Judged = Pick<HostPolicyView, "state" | "obstacle" | "offences" | "total"> & {
  wantedText: string | undefined;
};

function judge(
  host: PolicyHost,
  wanted: JoinedKeyPolicy | undefined,
  main: JudgedPolicy["main"],
  texts: ReadonlyMap<string, string>,
): Judged {
  const nothing = { offences: [], total: 0, wantedText: undefined };
  if (!main) return { ...nothing, state: "unknown", obstacle: "Its configuration was not read yet." };
  if (!wanted) {
    const { text, refused } = removeKeyPolicy(main.text);
    return { ...nothing, state: "unwanted", obstacle: refused ?? null, wantedText: text };
  }
  if (!host.access?.facts)
    return { ...nothing, state: "unknown", obstacle: "Who can log in on this host was not read yet." };
  try {
    const facts = unpackFacts(host.access.facts);
    const files = new Map([...texts, [main.path, main.text]]);
    const { offences, obstacle } = judgeKeyPolicy(facts, wanted, files);
    if (!offences)
      return {
        ...nothing,
        state: "unknown",
        obstacle: cut(obstacle),
      };
    const written = writeKeyPolicy(main.text, wanted, facts, main.path, texts);
    return {
      state: offences.length === 0 ? "met" : "unmet",
      obstacle: written.refused === undefined ? null : cut(written.refused),
      wantedText: written.text,
      ...offenceViews(offences),
    };
  } catch (error) {
    log.error("A policy of keys could not be judged", { hostId: host.id, error });
    return {
      ...nothing,
      state: "unknown",
      obstacle: "What was read on this host cannot be judged. Read it again on the host's Access page.",
    };
  }
}

/** Accounts that the same line leaves out stand together. */
function offenceViews(offences: readonly PolicyOffence[]): Pick<HostPolicyView, "offences" | "total"> {
  const groups = new Map<string, PolicyOffence[]>();
  for (const offence of offences) {
    const id = JSON.stringify([offence.lacks, offence.source ?? null, offence.from]);
    groups.set(id, [...(groups.get(id) ?? []), offence]);
  }
  const views = [...groups.values()].slice(0, mostShown).flatMap((group): PolicyOffenceView[] => {
    const [first] = group;
    if (!first) return [];
    const names = group.flatMap(({ account }) => account ?? []);
    return [
      {
        accounts: names.slice(0, mostNamed).map(cut),
        total: names.length,
        isOthersToo: group.some(({ account }) => account === undefined),
        from: first.from.slice(0, 5),
        lacks: [...first.lacks],
        source: first.source === undefined ? null : cut(first.source),
      },
    ];
  });
  return { offences: views, total: groups.size };
}

const cut = (text: string) => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);
