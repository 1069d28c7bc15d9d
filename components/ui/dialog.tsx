"use client";

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";
import { classNames } from "./class-names";

// The same layer as the boxes: a dialog over a dialog dims it, by the order of the document.
const veil = "fixed inset-0 z-50 animate-fade-in bg-veil";
const box = "fixed z-50 flex flex-col border border-line-strong bg-raised shadow-float focus:outline-none";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons at the foot, the decisive one last. */
  footer?: ReactNode;
  className?: string;
}

function Head({ title, description }: Pick<Props, "title" | "description">) {
  return (
    <div className="flex items-start gap-4 px-5 pt-4 pb-3">
      <div className="grid min-w-0 flex-1 gap-1">
        <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
        <Radix.Description className={description ? "text-sm text-ink-soft" : "sr-only"}>
          {description ?? title}
        </Radix.Description>
      </div>
      <Radix.Close asChild>
        <Button variant="ghost" size="icon-sm" aria-label="Close" className="-mr-1.5">
          <X aria-hidden />
        </Button>
      </Radix.Close>
    </div>
  );
}

function Foot({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{children}</div>;
}

/** A task that needs the person's whole attention for a moment. */
export function Dialog({ open, onOpenChange, title, description, children, footer, className }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={veil} />
        <Radix.Content
          className={classNames(
            box,
            "top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 animate-fade-in rounded-xl",
            className,
          )}
        >
          <Head title={title} description={description} />
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
          {footer && <Foot>{footer}</Foot>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Details beside the page that they belong to. */
export function Drawer({ open, onOpenChange, title, description, children, footer, className }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={veil} />
        <Radix.Content
          className={classNames(
            box,
            "inset-y-0 right-0 w-full max-w-md animate-slide-in border-y-0 border-r-0",
            className,
          )}
        >
          <Head title={title} description={description} />
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
          {footer && <Foot>{footer}</Foot>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
