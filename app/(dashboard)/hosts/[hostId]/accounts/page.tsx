import { Accounts } from "@/components/hosts/accounts";
import { getHost, getHostAccounts } from "@/lib/features/hosts/queries";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

export default async function AccountsPage({ params }: { params: Promise<{ hostId: string }> }) {
  const { hostId } = await params;
  const [view, host, viewer] = await Promise.all([
    load(getHostAccounts, { hostId }),
    load(getHost, { hostId }),
    load(getViewer, {}),
  ]);
  const canRead = viewer.permissions.includes("host:write") && host.condition === "ready";
  return <Accounts hostId={hostId} view={view} canRead={canRead} />;
}
