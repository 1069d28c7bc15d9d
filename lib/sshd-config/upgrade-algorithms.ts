import type { AlgorithmFamily } from "@/lib/sshd-config/algorithm-tables";
import { knownAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { UpgradeItem } from "@/lib/sshd-config/upgrade";

/** A list of algorithms as two builds work with it. */
export interface ListChange {
  keyword: Keyword;
  family: AlgorithmFamily;
  old: readonly string[];
  now: readonly string[];
  /** The later one. */
  build: Build;
  /** The line that sets it; undefined for a default. */
  place: UpgradeItem["place"];
}

const reasons: { readonly [family in AlgorithmFamily]: string } = {
  cipher: "A client that speaks none of the others cannot connect.",
  mac: "A client that speaks none of the others cannot connect.",
  kex: "A client that speaks none of the others cannot connect.",
  gss: "A client that speaks none of the others cannot connect.",
  key: "A key, or a client, that can sign by none of the others is refused; an RSA key itself stays good.",
  signature: "Certificates that an authority has signed so are refused.",
};

/** What leaves a list, and what can be done; undefined when nothing does. */
export function compareLists({
  keyword,
  family,
  old,
  now,
  build,
  place,
}: ListChange): UpgradeItem | undefined {
  const gone = old.filter((name) => !now.includes(name));
  if (gone.length === 0) return undefined;
  const known = knownAlgorithms(family, build);
  const kept = gone.filter((name) => known.includes(name));
  return {
    kind: "differs",
    severity: "warning",
    code: "algorithms-gone",
    place,
    what: `${keyword.name} no longer has ${gone.join(", ")}${place ? "" : " by default"} on ${build.label}.`,
    why:
      keyword.name === "HostKeyAlgorithms"
        ? "A client that can check none of the others cannot connect; an RSA host key itself stays good."
        : reasons[family],
    advice:
      kept.length === 0
        ? "They are gone for good: replace what needs them before the upgrade."
        : `Replace what needs them; until then "${keyword.name} +${kept.join(",")}" keeps them.`,
  };
}

/** One note about all lists that only grow or change their order. */
export function joinHarmless(lists: readonly ListChange[]): UpgradeItem[] {
  const changes = lists.flatMap(({ keyword, old, now }) => {
    if (old.join() === now.join() || old.some((name) => !now.includes(name))) return [];
    const added = now.filter((name) => !old.includes(name));
    return [`${keyword.name} ${added.length > 0 ? `with ${added.join(", ")}` : "in another order"}`];
  });
  const build = lists[0]?.build;
  if (changes.length === 0 || !build) return [];
  return [
    {
      kind: "differs",
      severity: "info",
      code: "algorithms-change",
      place: undefined,
      what: `${build.label} has ${changes.join("; ")}.`,
      why: "New algorithms are offered beside the old ones, and the first that both sides have is taken.",
      advice: "Nothing has to be done.",
    },
  ];
}
