import { isEnded } from "@/lib/change/machine";
import type { ChangeView } from "@/lib/features/changes/views";
import { Notice } from "../ui/notice";
import { UntrustedText } from "../ui/untrusted-text";
import { changeWords } from "./change-words";

/** How a change ended, and why. */
export function EndedChange({ change }: { change: ChangeView }) {
  if (!isEnded(change.state)) return null;
  const { tone, icon, label, meaning } = changeWords[change.state];
  return (
    <Notice tone={tone} icon={icon} title={<span role="status">{label}</span>}>
      {change.outcome ? <UntrustedText text={change.outcome} /> : meaning}
    </Notice>
  );
}
