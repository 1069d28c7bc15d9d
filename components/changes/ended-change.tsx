import { isEnded } from "@/lib/change/machine";
import type { ChangeView } from "@/lib/features/changes/views";
import { Notice } from "../ui/notice";
import { UntrustedText } from "../ui/untrusted-text";
import { changeWords } from "./change-words";

/** How a change ended, and why. */
export function EndedChange({ change }: { change: ChangeView }) {
  if (!isEnded(change.state)) return null;
  const { tone, label, meaning } = changeWords[change.state];
  return (
    <Notice tone={tone} title={<span role="status">{label}</span>}>
      <p>{meaning}</p>
      {change.outcome && (
        <p className="mt-1">
          <UntrustedText text={change.outcome} />
        </p>
      )}
    </Notice>
  );
}
