import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { HostRules } from "@/components/access-rules/host-rules";
import { HostMenu } from "@/components/hosts/host-menu";
import { HostBadge, HostStrip } from "@/components/hosts/host-strip";
import { Tag } from "@/components/ui/badge";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { TabLinks } from "@/components/ui/tab-links";
import { listBrokenRules } from "@/lib/features/access-rules/queries";
import { getHost } from "@/lib/features/hosts/queries";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

interface Props {
  params: Promise<{ hostId: string }>;
  children: ReactNode;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { hostId } = await params;
  return { title: (await load(getHost, { hostId })).name };
}

export default async function HostLayout({ params, children }: Props) {
  const { hostId } = await params;
  const [host, viewer, rules] = await Promise.all([
    load(getHost, { hostId }),
    load(getViewer, {}),
    load(listBrokenRules, { hostId }),
  ]);
  const base = `/hosts/${host.id}`;
  return (
    <Page
      above={
        <Link href="/hosts" className="w-fit text-xs text-ink-faint hover:text-ink">
          Hosts
        </Link>
      }
      title={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {host.name}
          <HostBadge host={host} />
          {host.tags.length > 0 && (
            <span className="flex flex-wrap gap-1 font-normal tracking-normal">
              {host.tags.map((tag) => (
                <Tag key={tag}>{tag}</Tag>
              ))}
            </span>
          )}
        </span>
      }
      actions={<HostMenu host={host} permissions={viewer.permissions} />}
    >
      <Live topics={[`host:${host.id}`]} />
      <HostStrip host={host} />
      <HostRules rules={rules} />
      <TabLinks
        label={`Pages of ${host.name}`}
        tabs={[
          { href: base, label: "Overview" },
          { href: `${base}/config`, label: "Configuration", count: host.openDrafts },
          { href: `${base}/access`, label: "Access" },
          { href: `${base}/accounts`, label: "Accounts & keys" },
          { href: `${base}/two-factor`, label: "Two-factor" },
          { href: `${base}/history`, label: "History" },
        ]}
      />
      {children}
    </Page>
  );
}
