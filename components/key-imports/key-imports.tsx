import { CloudDownload } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { Live } from "@/components/ui/live";
import type { KeyImportsView } from "@/lib/features/key-imports/views";
import { ImportCard } from "./import-card";

/** Where a person's keys are imported from, and what waits for an answer. */
export function KeyImports({ view }: { view: KeyImportsView }) {
  return (
    <>
      <Live topics={[`person:${view.personId}`]} />
      {view.imports.length === 0 ? (
        <EmptyState icon={CloudDownload} title="Nothing is imported">
          Public keys that are published at GitHub, GitLab or Launchpad can be proposed here, and looked at
          again every day.
        </EmptyState>
      ) : (
        <ul className="grid grid-cols-1 gap-3">
          {view.imports.map((found) => (
            <ImportCard key={found.id} found={found} canWrite={view.canWrite} />
          ))}
        </ul>
      )}
    </>
  );
}
