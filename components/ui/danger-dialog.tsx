"use client";

import { TriangleAlert } from "lucide-react";
import { AlertDialog } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The question: "Remove web-1 from Gatehouse?" */
  title: ReactNode;
  /** The consequence, with names and numbers. */
  consequence: ReactNode;
  /** The verb on the button: "Remove web-1". */
  confirmLabel: string;
  onConfirm: () => void;
  pending?: boolean;
  disabled?: boolean;
  /** What must be typed or chosen first, and errors. */
  children?: ReactNode;
}

/** Asks before something that hurts. The focus starts on Cancel, so that Enter harms nobody. */
export function DangerDialog(props: Props) {
  return (
    <AlertDialog.Root open={props.open} onOpenChange={props.onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 animate-fade-in bg-veil" />
        <AlertDialog.Content className="fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 animate-fade-in overflow-y-auto rounded-xl border border-line-strong bg-raised shadow-float focus:outline-none">
          <div className="flex gap-3 px-5 py-4">
            <TriangleAlert aria-hidden className="mt-1 size-4 shrink-0 text-danger" />
            <div className="grid min-w-0 flex-1 grid-cols-1 gap-2">
              <AlertDialog.Title className="text-lg font-semibold">{props.title}</AlertDialog.Title>
              <AlertDialog.Description asChild>
                <div className="grid gap-2 text-sm text-ink-soft">{props.consequence}</div>
              </AlertDialog.Description>
              {props.children && (
                <div className="mt-2 grid grid-cols-1 gap-3 empty:hidden">{props.children}</div>
              )}
            </div>
          </div>
          <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
            <AlertDialog.Cancel asChild>
              {/* The focus shows even after a click: Enter means this one. */}
              <Button className="focus:outline-2 focus:outline-offset-2 focus:outline-accent">Cancel</Button>
            </AlertDialog.Cancel>
            {/* Not AlertDialog.Action: that would close before the answer, and hide an error. */}
            <Button
              variant="danger"
              onClick={props.onConfirm}
              pending={props.pending ?? false}
              disabled={props.disabled}
            >
              {props.confirmLabel}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
