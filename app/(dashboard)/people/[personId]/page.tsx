import type { Metadata } from "next";
import Link from "next/link";
import { PersonCodes } from "@/components/host-codes/person-codes";
import { Leaving } from "@/components/key-fleet/leaving";
import { PersonBatches } from "@/components/key-fleet/person-batches";
import { AddImport } from "@/components/key-imports/add-import";
import { KeyImports } from "@/components/key-imports/key-imports";
import { KeyList } from "@/components/keys/key-list";
import { PasteKey } from "@/components/keys/paste-key";
import { Live } from "@/components/ui/live";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { Section } from "@/components/ui/section";
import { getPersonCodes } from "@/lib/features/host-codes/queries";
import { getLeaving } from "@/lib/features/key-fleet/leaving-queries";
import { listKeyImports } from "@/lib/features/key-imports/queries";
import { getPersonKeys } from "@/lib/features/keys/queries";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

interface Props {
  params: Promise<{ personId: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name } = await load(getPersonKeys, await params);
  return { title: name };
}

export default async function PersonPage({ params }: Props) {
  const person = await load(getPersonKeys, await params);
  const imports = await load(listKeyImports, { personId: person.personId });
  const [leaving, codes, viewer] = await Promise.all([
    load(getLeaving, { personId: person.personId }),
    load(getPersonCodes, { personId: person.personId }),
    load(getViewer, {}),
  ]);
  const path = `/api/v1/people/${person.personId}/keys`;
  return (
    <Page
      narrow
      above={
        <p className="text-xs text-ink-faint">
          <Link href="/people" className="rounded-sm hover:underline">
            People
          </Link>
        </p>
      }
      title={person.name}
      lead={`${person.login} · ${person.role}`}
    >
      <Live topics={[`person:${person.personId}`]} />
      {person.isDisabled && (
        <Notice tone="warn" title={`${person.name} is disabled`}>
          No key of theirs should open anything any more. Where one still does, the access of that host says
          so.
        </Notice>
      )}
      <Section
        bare
        title="SSH keys"
        lead="A key counts as a person's only when that person has proved it, signed in here."
        actions={
          person.canWrite &&
          !person.isDisabled && <PasteKey path={path} personName={person.name} variant="primary" />
        }
      >
        <KeyList keys={person.keys} {...(person.canWrite && { path })} isOwn={false} />
      </Section>
      <Section
        bare
        title="Imported keys"
        lead={`Public keys that ${person.name} publishes elsewhere, as proposals that are answered one by one.`}
        actions={imports.canWrite && <AddImport view={imports} />}
      >
        <KeyImports view={imports} />
      </Section>
      {codes.codes.length > 0 && (
        <Section
          bare
          title="Codes for hosts"
          lead="One-time codes beside a key. They have nothing to do with signing in here."
        >
          <PersonCodes view={codes} />
        </Section>
      )}
      {viewer.permissions.includes("config:draft") && !person.isDisabled && (
        <Section
          title="Keys on hosts"
          lead="What grants want, and what stands on hosts, over all of them in one plan. It is shown before anything is written."
        >
          <PersonBatches personId={person.personId} />
        </Section>
      )}
      {(leaving.obstacle === null || leaving.batchId !== null) && (
        <Section
          title="Leaving"
          lead="One act takes every way in of a person: here at once, on hosts one after the other."
        >
          <Leaving view={leaving} />
        </Section>
      )}
    </Page>
  );
}
