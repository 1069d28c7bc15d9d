import { EnforcementCard } from "@/components/changes/enforcement-card";
import { HostTwoFactor } from "@/components/host-codes/host-two-factor";
import { HostReadiness } from "@/components/readiness/host-readiness";
import { getEnforcement } from "@/lib/features/changes/two-factor-queries";
import { getHostCodes } from "@/lib/features/host-codes/queries";
import { getReadiness } from "@/lib/features/readiness/queries";
import { load } from "@/lib/http/load";

export default async function TwoFactorPage({ params }: { params: Promise<{ hostId: string }> }) {
  const { hostId } = await params;
  const [codes, readiness, enforcement] = await Promise.all([
    load(getHostCodes, { hostId }),
    load(getReadiness, { hostId }),
    load(getEnforcement, { hostId }),
  ]);
  return (
    <div className="grid grid-cols-1 gap-8">
      <EnforcementCard view={enforcement} />
      <HostTwoFactor view={codes} readiness={<HostReadiness view={readiness} />} />
    </div>
  );
}
