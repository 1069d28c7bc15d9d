import { Check, Circle, CircleDot, KeyRound, type LucideIcon, RotateCcw, TriangleAlert } from "lucide-react";
import type { ChangeStepView } from "@/lib/features/changes/views";
import { classNames } from "../ui/class-names";
import { elapsed } from "../ui/time-words";
import { UntrustedText } from "../ui/untrusted-text";

const looks: Record<string, { icon: LucideIcon; tone: string }> = {
  proved: { icon: KeyRound, tone: "text-ok" },
  witnessed: { icon: KeyRound, tone: "text-ok" },
  confirmed: { icon: Check, tone: "text-ok" },
  rolled_back: { icon: RotateCcw, tone: "text-ink" },
  rolling_back: { icon: RotateCcw, tone: "text-warn" },
  refused: { icon: TriangleAlert, tone: "text-danger" },
  failed: { icon: TriangleAlert, tone: "text-danger" },
  unknown: { icon: TriangleAlert, tone: "text-warn" },
};

/** Everything that happened to a change, in order, while it happens. */
export function Timeline({ steps, live }: { steps: readonly ChangeStepView[]; live: boolean }) {
  const begin = Date.parse(steps[0]?.at ?? "");
  return (
    <ol className="grid" aria-live="polite" aria-label="What happened">
      {steps.map((step, index) => {
        const { icon: Icon, tone } = looks[step.kind] ?? { icon: Circle, tone: "text-ink-faint" };
        const last = index === steps.length - 1;
        return (
          <li key={step.id} className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3">
            <span aria-hidden className="grid grid-rows-[1.25rem_1fr] justify-items-center">
              {last && live ? (
                <CircleDot className="size-3.5 animate-breathe self-center text-accent" />
              ) : (
                <Icon className={classNames("size-3.5 self-center", tone)} />
              )}
              {!last && <span className="w-px bg-line" />}
            </span>
            <div className={classNames("flex flex-wrap justify-between gap-x-4 text-sm", !last && "pb-3")}>
              <UntrustedText text={step.text} className="min-w-0 break-words" />
              <time dateTime={step.at} title={step.at} className="text-xs text-ink-faint tabular-nums">
                {elapsed((Date.parse(step.at) - begin) / 1000)}
              </time>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
