import { HostAccess } from "@/components/access/host-access";
import { HostFindings } from "@/components/access/host-findings";
import { HostDrift } from "@/components/access-reviews/host-drift";
import { getHostFindings } from "@/lib/features/access/finding-queries";
import { getHostAccess } from "@/lib/features/access/queries";
import { AccessFilter } from "@/lib/features/access/schema";
import { getHostDrift } from "@/lib/features/access-reviews/drift-queries";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

interface Props {
  params: Promise<{ hostId: string }>;
  searchParams: SearchParams;
}

export default async function HostAccessPage({ params, searchParams }: Props) {
  const { hostId } = await params;
  const filter = await searchInput(AccessFilter, searchParams);
  const [view, drift, findings] = await Promise.all([
    load(getHostAccess, { hostId, ...filter }),
    load(getHostDrift, { hostId }),
    load(getHostFindings, { hostId }),
  ]);
  return (
    <div className="grid grid-cols-1 gap-3">
      {view.readAt && <HostDrift hostId={hostId} drift={drift} />}
      <HostFindings findings={findings} hostName={view.hostName} />
      <HostAccess view={view} filter={filter} />
    </div>
  );
}
