import type { Metadata } from "next";
import { Installation } from "@/components/settings/installation";
import { KeySources } from "@/components/settings/key-sources";
import { RolesTable } from "@/components/settings/roles-table";
import { Page } from "@/components/ui/page";
import { Section } from "@/components/ui/section";
import { listKeySources } from "@/lib/features/key-imports/queries";
import { getInstallation } from "@/lib/features/settings/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage() {
  const [installation, sources] = await Promise.all([load(getInstallation, {}), load(listKeySources, {})]);
  return (
    <Page title="Settings">
      <Section title="This installation">
        <Installation installation={installation} />
      </Section>
      <Section
        title="Sources of keys"
        lead="Addresses from which people may import public keys, besides the providers that Gatehouse knows."
      >
        <KeySources view={sources} />
      </Section>
      <Section
        bare
        title="Roles"
        lead="Each person has one. This is the very table by which Gatehouse decides; a member has his own sign-in only."
      >
        <RolesTable />
      </Section>
    </Page>
  );
}
