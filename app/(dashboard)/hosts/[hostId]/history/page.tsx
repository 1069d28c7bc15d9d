import { History } from "lucide-react";
import { ChangeTable } from "@/components/changes/change-table";
import { VersionDifference } from "@/components/config-editor/version-difference";
import { VersionList } from "@/components/config-editor/version-list";
import { EmptyState } from "@/components/ui/empty-state";
import { Live } from "@/components/ui/live";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { listChanges } from "@/lib/features/changes/queries";
import { getConfigHistory, getConfigVersion, getHostConfig } from "@/lib/features/config/queries";
import { load } from "@/lib/http/load";
import { pageHeaders } from "@/lib/session/cookies";

export const metadata = { title: "History" };

interface Props {
  params: Promise<{ hostId: string }>;
  searchParams: Promise<{ version?: string | string[]; with?: string | string[] }>;
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

export default async function HostHistoryPage({ params, searchParams }: Props) {
  const { hostId } = await params;
  const { version, with: other } = await searchParams;
  const shownId = firstOf(version);
  const [history, changes, config] = await Promise.all([
    load(getConfigHistory, { hostId }),
    load(listChanges, { hostId }),
    load(getHostConfig, { hostId }),
  ]);
  const shown = shownId ? await load(getConfigVersion, { versionId: shownId }) : null;
  // Compared with what is on the host, unless another one is named.
  const newestId = history.files.find(({ path }) => path === shown?.path)?.versions[0]?.id;
  const otherId = firstOf(other) ?? newestId;
  const beside = shown && otherId ? await load(getConfigVersion, { versionId: otherId }) : null;
  const nonce = (await pageHeaders()).get("x-nonce") ?? undefined;
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
          {shown && beside && shown.path === file.path && beside.path === file.path && (
            <div id="difference" className="grid grid-cols-1 gap-2 pt-2">
              <h3 className="text-sm font-medium">
                From version {shown.number} to version {beside.number}
              </h3>
              <VersionDifference
                config={config}
                path={file.path}
                versions={file.versions}
                before={shown}
                after={beside}
                nonce={nonce}
              />
            </div>
          )}
        </Section>
      ))}
    </div>
  );
}
