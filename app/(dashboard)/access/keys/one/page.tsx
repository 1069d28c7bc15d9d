import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { keyAddress } from "@/components/key-fleet/found-address";
import { KeyActs } from "@/components/key-fleet/key-acts";
import { KeyOwner } from "@/components/key-fleet/key-owner";
import { KeyPlaces } from "@/components/key-fleet/key-places";
import { Fact, Facts } from "@/components/ui/facts";
import { Fingerprint } from "@/components/ui/fingerprint";
import { Page } from "@/components/ui/page";
import { Pagination } from "@/components/ui/pagination";
import { RelativeTime } from "@/components/ui/relative-time";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { getFoundKey } from "@/lib/features/key-fleet/found-queries";
import { FoundKeyInput } from "@/lib/features/key-fleet/schema";
import { load } from "@/lib/http/load";
import type { SearchParams } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "A key on hosts" };

export default async function FoundKeyPage({ searchParams }: { searchParams: SearchParams }) {
  const asked = FoundKeyInput.safeParse(await searchParams);
  if (!asked.success) return notFound();
  const key = await load(getFoundKey, asked.data);
  return (
    <Page
      above={
        <p className="text-xs text-ink-faint">
          <Link href="/access/keys" className="rounded-sm hover:underline">
            Keys on hosts
          </Link>
        </p>
      }
      title={key.comment ? <UntrustedText text={key.comment} /> : "A key without a comment"}
      lead={
        <>
          {key.lines} {key.lines === 1 ? "line" : "lines"} on {key.hosts} {key.hosts === 1 ? "host" : "hosts"}
        </>
      }
      actions={<KeyActs keys={[key]} view={key} />}
    >
      <Section title="The key">
        <Facts>
          <Fact name="Fingerprint">
            <Fingerprint value={key.fingerprint} type={key.type} />
          </Fact>
          <Fact name="Whose">
            <KeyOwner owner={key.owner} />
          </Fact>
          <Fact name="First seen">
            <RelativeTime at={key.firstSeenAt} />
          </Fact>
          <Fact name="Last used">
            {key.lastUsedAt ? <RelativeTime at={key.lastUsedAt} /> : "no use was seen"}
          </Fact>
        </Facts>
      </Section>
      <Section title="Where it stands" lead="By the last reading of each host." bare>
        <div>
          <KeyPlaces places={key.places} />
          <Pagination
            page={key.page}
            perPage={key.perPage}
            total={key.total}
            noun="lines"
            hrefOf={(page) => `${keyAddress(key.fingerprint)}&page=${page}`}
          />
        </div>
      </Section>
    </Page>
  );
}
