import { ReadAccess } from "@/components/access/read-access";
import { Accounts } from "@/components/hosts/accounts";
import { HostPolicy } from "@/components/key-policies/host-policy";
import { HostKeys } from "@/components/placements/host-keys";
import { RootFiles } from "@/components/placements/root-files";
import { Section } from "@/components/ui/section";
import { getHost, getHostAccounts } from "@/lib/features/hosts/queries";
import { getHostKeyPolicy } from "@/lib/features/key-policies/queries";
import { getViewer } from "@/lib/features/people/queries";
import { getHostKeys } from "@/lib/features/placements/queries";
import { load } from "@/lib/http/load";

export default async function AccountsPage({ params }: { params: Promise<{ hostId: string }> }) {
  const { hostId } = await params;
  const [view, keys, policy, host, viewer] = await Promise.all([
    load(getHostAccounts, { hostId }),
    load(getHostKeys, { hostId }),
    load(getHostKeyPolicy, { hostId }),
    load(getHost, { hostId }),
    load(getViewer, {}),
  ]);
  const canRead = viewer.permissions.includes("host:write") && host.condition === "ready";
  return (
    <div className="grid grid-cols-1 gap-8">
      <HostKeys
        view={keys}
        read={
          <ReadAccess
            hostId={hostId}
            label={keys.readAt ? "Read the keys again" : "Read the keys"}
            obstacle={keys.hostObstacle}
          />
        }
      />
      <RootFiles view={keys} />
      {policy.state !== "none" && (
        <Section title="Policy of keys" lead="What sshd demands of every key that logs in here.">
          <HostPolicy view={policy} />
        </Section>
      )}
      <Section title="All accounts" bare>
        <Accounts hostId={hostId} view={view} canRead={canRead} />
      </Section>
    </div>
  );
}
