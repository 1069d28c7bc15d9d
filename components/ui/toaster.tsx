"use client";

import { Toaster as Sonner, toast } from "sonner";

/** Where short confirmations appear. Errors never do: they stay where they happened. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      style={{ fontFamily: "inherit" }}
      offset={{ bottom: 20, right: 20 }}
      mobileOffset={{ bottom: 72 }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-center gap-2 rounded-lg border border-line-strong bg-raised px-3 py-2.5 text-sm text-ink shadow-float",
          icon: "text-ok [&_svg]:size-4",
        },
      }}
    />
  );
}

/** Says that something small is done. For a change on a host this is never enough: it has its own page. */
export function sayDone(text: string): void {
  toast.success(text);
}
