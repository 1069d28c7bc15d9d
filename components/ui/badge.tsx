import {
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  Info,
  type LucideIcon,
  TriangleAlert,
} from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names";

/** What a colour may mean. Nothing else is coloured. */
export type Tone = "ok" | "warn" | "danger" | "info" | "neutral" | "busy";

export const toneText: Record<Tone, string> = {
  ok: "text-ok",
  warn: "text-warn",
  danger: "text-danger",
  info: "text-accent",
  neutral: "text-ink-faint",
  busy: "text-accent",
};

export const toneBox: Record<Tone, string> = {
  ok: "border-ok-line bg-ok-soft",
  warn: "border-warn-line bg-warn-soft",
  danger: "border-danger-line bg-danger-soft",
  info: "border-accent-line bg-accent-soft",
  neutral: "border-line bg-sunken",
  busy: "border-accent-line bg-accent-soft",
};

export const toneIcon: Record<Tone, LucideIcon> = {
  ok: CircleCheck,
  warn: TriangleAlert,
  danger: CircleX,
  info: Info,
  neutral: CircleHelp,
  busy: CircleDashed,
};

interface Props {
  tone: Tone;
  children: ReactNode;
  icon?: LucideIcon;
  className?: string;
}

/** A state in a row of text: icon and word, no box. What is well stays quiet: only its icon is coloured. */
export function Status({ tone, children, icon, className }: Props) {
  const Icon = icon ?? toneIcon[tone];
  return (
    <span
      className={classNames(
        "inline-flex min-w-0 items-center gap-1.5 align-middle",
        tone === "ok" ? "text-ink-soft" : toneText[tone],
        className,
      )}
    >
      <Icon
        aria-hidden
        className={classNames("size-3.5 shrink-0", toneText[tone], tone === "busy" && "animate-breathe")}
      />
      <span className="truncate">{children}</span>
    </span>
  );
}

/** A state that must be found at a glance: icon and word in a box. */
export function Badge({ tone, children, icon, className }: Props) {
  const Icon = icon ?? toneIcon[tone];
  return (
    <span
      className={classNames(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-full border px-2 text-xs font-medium",
        toneBox[tone],
        toneText[tone],
        className,
      )}
    >
      <Icon aria-hidden className={classNames("size-3 shrink-0", tone === "busy" && "animate-breathe")} />
      {children}
    </span>
  );
}

/** A word that sorts things, without any judgement: a tag, a role. */
export function Tag({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <span
      className={classNames(
        "inline-flex h-5 max-w-40 items-center rounded-sm border border-line bg-sunken px-1.5 text-xs text-ink-soft",
        className,
      )}
    >
      <span className="truncate">{children}</span>
    </span>
  );
}
