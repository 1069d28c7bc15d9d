import { FileCog } from "lucide-react";
import Link from "next/link";
import { ConfigWorkspace } from "@/components/config-editor/config-workspace";
import { ReadAgain } from "@/components/config-editor/read-again";
import { EmptyState } from "@/components/ui/empty-state";
import { Live } from "@/components/ui/live";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { getHostConfig } from "@/lib/features/config/queries";
import { getHostAccounts } from "@/lib/features/hosts/queries";
import { load } from "@/lib/http/load";
import { pageHeaders } from "@/lib/session/cookies";

export const metadata = { title: "Configuration" };

export default async function HostConfigPage({ params }: { params: Promise<{ hostId: string }> }) {
  const { hostId } = await params;
  const [config, { accounts }] = await Promise.all([
    load(getHostConfig, { hostId }),
    load(getHostAccounts, { hostId }),
  ]);
  return (
    <div className="grid grid-cols-1 gap-4">
      <Live topics={[`host:${config.hostId}`]} />
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm text-ink-soft">
        <p>
          What sshd on {config.hostName} reads, in its order. The first value of a directive wins.
          {config.readAt && (
            <>
              {" "}
              Read <RelativeTime at={config.readAt} />.
            </>
          )}
        </p>
        <ReadAgain hostId={config.hostId} />
      </div>
      {config.obstacle && (
        <Notice tone="warn">
          <UntrustedText text={config.obstacle} />
        </Notice>
      )}
      {config.pendingChangeId && (
        <Notice tone="busy" title="A change to this host is open">
          <Link href={`/changes/${config.pendingChangeId}`} className="underline">
            See how it goes
          </Link>
          . Until it is kept or undone no second one can start; you can go on with your draft.
        </Notice>
      )}
      {config.files.length === 0 ? (
        <EmptyState icon={FileCog} title="Not read yet">
          Gatehouse reads the configuration when the host answers for the first time.
        </EmptyState>
      ) : (
        <ConfigWorkspace
          config={config}
          accounts={accounts.map(({ name }) => name)}
          nonce={(await pageHeaders()).get("x-nonce") ?? undefined}
        />
      )}
    </div>
  );
}
