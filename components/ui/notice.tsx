import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { type Tone, toneBox, toneIcon, toneText } from "./badge";
import { classNames } from "./class-names";

interface Props {
  tone: Tone;
  icon?: LucideIcon;
  title?: ReactNode;
  children?: ReactNode;
  /** Buttons that answer it. */
  actions?: ReactNode;
  /** Read out at once: something went wrong just now. */
  urgent?: boolean;
  className?: string;
}

/** A message that stays in its place: what happened, why, and what to do. */
export function Notice({ tone, icon, title, children, actions, urgent = false, className }: Props) {
  const Icon = icon ?? toneIcon[tone];
  return (
    <div
      role={urgent ? "alert" : undefined}
      className={classNames("flex gap-2.5 rounded-lg border px-3 py-2.5 text-sm", toneBox[tone], className)}
    >
      <Icon aria-hidden className={classNames("mt-0.5 size-4 shrink-0", toneText[tone])} />
      <div className="grid min-w-0 flex-1 grid-cols-1 gap-1">
        {title && <p className="font-medium text-ink">{title}</p>}
        {children && <div className="min-w-0 break-words text-ink-soft">{children}</div>}
        {actions && <div className="mt-1.5 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
