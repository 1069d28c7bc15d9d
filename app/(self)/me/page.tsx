import type { Metadata } from "next";
import { Passkeys } from "@/components/factors/passkeys";
import { PasswordAndCode } from "@/components/factors/password-and-code";
import { EndOtherSessions, Sessions } from "@/components/factors/sessions";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { Section } from "@/components/ui/section";
import { getMe } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Your sign-in" };

export default async function MePage() {
  const me = await load(getMe, {});
  const others = me.sessions.filter((session) => !session.current).length;
  const oneWay = me.passkeys.length === 1 && !(me.hasPassword && me.totp?.confirmed);
  return (
    <Page narrow title="Your sign-in" lead={`${me.name} · ${me.login} · ${me.role}`}>
      {oneWay && (
        <Notice tone="warn" title="You have one way in">
          If this key is lost, somebody else must let you in again. Add a second passkey, or a password and a
          code.
        </Notice>
      )}
      <Section
        bare
        title="Passkeys"
        lead="A security key, a phone or a computer that signs you in by a touch."
      >
        <Passkeys passkeys={me.passkeys} />
      </Section>
      <Section title="Password and code" lead="The other way in.">
        <PasswordAndCode me={me} />
      </Section>
      <Section
        title="Sessions"
        lead="Browsers in which you are signed in."
        actions={<EndOtherSessions count={others} />}
      >
        <Sessions sessions={me.sessions} />
      </Section>
    </Page>
  );
}
