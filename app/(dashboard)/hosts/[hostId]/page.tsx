import { Enrolment } from "@/components/hosts/enrolment";
import { HostFacts } from "@/components/hosts/host-facts";
import { HostKeys } from "@/components/hosts/host-keys";
import { Operations } from "@/components/hosts/operations";
import { Packages } from "@/components/hosts/packages";
import { Repin } from "@/components/hosts/repin";
import { Notice } from "@/components/ui/notice";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { getHost } from "@/lib/features/hosts/queries";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

export default async function HostPage({ params }: { params: Promise<{ hostId: string }> }) {
  const { hostId } = await params;
  const [host, viewer] = await Promise.all([load(getHost, { hostId }), load(getViewer, {})]);
  const may = (permission: string) => viewer.permissions.includes(permission);
  return (
    <div className="grid grid-cols-1 gap-6">
      {host.condition === "key_changed" && <Repin host={host} canRepin={may("host:repin")} />}
      {host.condition === "unreachable" && (
        <Notice tone="danger" title="The host does not answer">
          <UntrustedText text={host.unreachableReason ?? "No reason is known."} />
        </Notice>
      )}
      {host.condition === "enrolling" && <Enrolment host={host} canEnrol={may("host:enrol")} />}
      {host.operations.length > 0 && (
        <Section bare title="Under way and done">
          <Operations operations={host.operations} />
        </Section>
      )}
      {(host.facts || host.pins.length > 0) && (
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
          {host.facts && (
            <Section title="What the host says">
              <HostFacts facts={host.facts} />
            </Section>
          )}
          <div className="grid grid-cols-1 gap-6">
            <Section title="Keys">
              <HostKeys host={host} />
            </Section>
            {host.facts && (
              <Section title="OpenSSH packages">
                <Packages host={host} canWrite={may("host:packages")} />
              </Section>
            )}
            {host.note !== "" && (
              <Section title="Note">
                <p className="whitespace-pre-wrap text-sm">{host.note}</p>
              </Section>
            )}
          </div>
        </div>
      )}
    </div>
  );
}
