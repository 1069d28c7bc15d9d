import { HostTwoFactor } from "@/components/host-codes/host-two-factor";
import { getHostCodes } from "@/lib/features/host-codes/queries";
import { load } from "@/lib/http/load";

export default async function TwoFactorPage({ params }: { params: Promise<{ hostId: string }> }) {
  const { hostId } = await params;
  return <HostTwoFactor view={await load(getHostCodes, { hostId })} />;
}
