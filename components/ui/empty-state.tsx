import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { CodeBlock } from "./code-block";

interface Props {
  icon: LucideIcon;
  title: ReactNode;
  /** Why nothing is here, and the next step. */
  children: ReactNode;
  /** The exact command of the next step, where there is one. */
  command?: { label: string; text: string };
  actions?: ReactNode;
}

/** Nothing here yet: says why, and the next step. */
export function EmptyState({ icon: Icon, title, children, command, actions }: Props) {
  return (
    <div className="grid grid-cols-1 justify-items-center gap-3 rounded-lg border border-dashed border-line-strong px-6 py-12 text-center">
      <span className="grid size-10 place-items-center rounded-lg border border-line bg-surface text-ink-faint">
        <Icon aria-hidden className="size-5" strokeWidth={1.5} />
      </span>
      <div className="grid max-w-md gap-1">
        <h2 className="text-base font-semibold">{title}</h2>
        <div className="text-sm text-ink-soft">{children}</div>
      </div>
      {command && (
        <CodeBlock label={command.label} text={command.text} className="w-full max-w-lg text-left" />
      )}
      {actions && <div className="mt-1 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
