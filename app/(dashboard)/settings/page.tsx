import type { Metadata } from "next";
import { Installation } from "@/components/settings/installation";
import { RolesTable } from "@/components/settings/roles-table";
import { Page } from "@/components/ui/page";
import { Section } from "@/components/ui/section";
import { getInstallation } from "@/lib/features/settings/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage() {
  const installation = await load(getInstallation, {});
  return (
    <Page title="Settings">
      <Section title="This installation">
        <Installation installation={installation} />
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
