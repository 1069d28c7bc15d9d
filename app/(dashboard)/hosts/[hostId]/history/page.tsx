import { History } from "lucide-react";
import { ChangeTable } from "@/components/changes/change-table";
import { TextDifference } from "@/components/changes/text-difference";
import { VersionList } from "@/components/config-editor/version-list";
import { EmptyState } from "@/components/ui/empty-state";
import { Live } from "@/components/ui/live";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { listChanges } from "@/lib/features/changes/queries";
import { getConfigHistory, getConfigVersion, getHostConfig } from "@/lib/features/config/queries";
import { load } from "@/lib/http/load";
import { diffLines } from "@/lib/sshd-config/diff";

export const metadata = { title: "History" };

interface Props {
  params: Promise<{ hostId: string }>;
  searchParams: Promise<{ version?: string | string[] }>;
}

export default async function HostHistoryPage({ params, searchParams }: Props) {
  const { hostId } = await params;
  const { version } = await searchParams;
  const shownId = Array.isArray(version) ? version[0] : version;
  const [history, changes, config] = await Promise.all([
    load(getConfigHistory, { hostId }),
    load(listChanges, { hostId }),
    load(getHostConfig, { hostId }),
  ]);
  const shown = shownId ? await load(getConfigVersion, { versionId: shownId }) : null;
  const shownFile = shown && config.files.find((file) => file.path === shown.path);
  return (
    <div className="grid grid-cols-1 gap-8">
      <Live topics={[`host:${hostId}`]} />
      <Section title="Changes" bare>
        {changes.rows.length > 0 ? (
          <ChangeTable rows={changes.rows} hostColumn={false} />
        ) : (
          <EmptyState icon={History} title="No changes yet">
            What is applied to this host stands here for good, with its proof.
          </EmptyState>
        )}
      </Section>
      {history.files.map((file) => (
        <Section
          key={file.id}
          title={<UntrustedText text={file.path} className="font-mono text-sm" />}
          lead="Every content that was seen or written. Nothing is ever thrown away."
          bare
        >
          <VersionList
            path={file.path}
            versions={file.versions}
            canRestore={config.canApply}
            hrefPrefix={`/hosts/${hostId}/history?version=`}
            shownId={shownId}
          />
          {shown && shown.path === file.path && shownFile && (
            <div id="difference" className="grid grid-cols-1 gap-2 pt-2">
              <h3 className="text-sm font-medium">From version {shown.number} to what is on the host now</h3>
              <TextDifference
                label={`${file.path}: version ${shown.number} against the current one`}
                lines={diffLines(shown.content, shownFile.content)}
              />
            </div>
          )}
        </Section>
      ))}
    </div>
  );
}
