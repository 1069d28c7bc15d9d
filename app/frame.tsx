import type { ReactNode } from "react";
import { StepUpProvider } from "@/components/factors/step-up-provider";
import { Shell } from "@/components/shell/shell";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

/** What stands around every page of a signed-in person; nobody else gets past it. */
export async function Frame({ children }: { children: ReactNode }) {
  const viewer = await load(getViewer, {});
  return (
    <StepUpProvider hasPasskey={viewer.hasPasskey}>
      <Shell viewer={viewer}>{children}</Shell>
    </StepUpProvider>
  );
}
