import type { RuleCounts as Counts } from "@/lib/features/access-rules/views";
import { Status } from "../ui/badge";
import { countOrder, countWords, hostCount } from "./rule-words";

/** What a rule comes to over its hosts; what there is none of is left out. */
export function RuleCounts({ counts }: { counts: Counts }) {
  const told = countOrder.filter((state) => counts[state] > 0);
  if (told.length === 0) return <span className="text-xs text-ink-faint">About no host</span>;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
      {told.map((state) => (
        <li key={state}>
          <Status tone={countWords[state].tone}>
            {capital(countWords[state].label)} {hostCount(counts[state])}
          </Status>
        </li>
      ))}
    </ul>
  );
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
