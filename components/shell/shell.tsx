import type { ReactNode } from "react";
import { Live } from "@/components/ui/live";
import { Toaster } from "@/components/ui/toaster";
import type { ViewerView } from "@/lib/features/people/views";
import { CommandPalette } from "./command-palette";
import { PhoneBottomBar, PhoneTopBar } from "./phone-bars";
import { Shortcuts } from "./shortcuts";
import { Sidebar } from "./sidebar";

/** What stands around every page of a signed-in person. */
export function Shell({ viewer, children }: { viewer: ViewerView; children: ReactNode }) {
  return (
    <>
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md border border-line-strong bg-raised px-3 py-1.5 text-sm focus:translate-y-0"
      >
        Skip to the content
      </a>
      <div className="md:grid md:grid-cols-[13.5rem_minmax(0,1fr)]">
        <Sidebar viewer={viewer} />
        <div className="min-w-0">
          <PhoneTopBar viewer={viewer} />
          <main
            id="main"
            tabIndex={-1}
            className="px-4 pt-5 pb-24 focus:outline-none sm:px-8 md:pt-6 md:pb-16"
          >
            {children}
          </main>
        </div>
      </div>
      <PhoneBottomBar viewer={viewer} />
      <CommandPalette permissions={viewer.permissions} />
      <Shortcuts permissions={viewer.permissions} />
      {/* News of any change come under "hosts": they keep the badge true. */}
      {viewer.permissions.includes("host:read") && <Live topics={["hosts"]} />}
      <Toaster />
    </>
  );
}
