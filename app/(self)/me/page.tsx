import type { Metadata } from "next";
import { MyReviews } from "@/components/access-reviews/my-reviews";
import { AddSecurityKey } from "@/components/factors/add-security-key";
import { Passkeys } from "@/components/factors/passkeys";
import { PasswordAndCode } from "@/components/factors/password-and-code";
import { EndOtherSessions, Sessions } from "@/components/factors/sessions";
import { MyHostCodes } from "@/components/host-codes/my-host-codes";
import { KeyUses } from "@/components/key-fleet/key-uses";
import { GenerateKey } from "@/components/key-generator/generate-key";
import { AddImport } from "@/components/key-imports/add-import";
import { KeyImports } from "@/components/key-imports/key-imports";
import { KeyList } from "@/components/keys/key-list";
import { MakeByKeygen } from "@/components/keys/make-by-keygen";
import { PasskeysForSsh } from "@/components/keys/passkeys-for-ssh";
import { PasteKey } from "@/components/keys/paste-key";
import { Live } from "@/components/ui/live";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { Section } from "@/components/ui/section";
import { listMyReviews } from "@/lib/features/access-reviews/queries";
import { listMyHostCodes } from "@/lib/features/host-codes/queries";
import { listMyKeyUses } from "@/lib/features/key-fleet/my-keys";
import { listKeyImports } from "@/lib/features/key-imports/queries";
import { listMyKeys } from "@/lib/features/keys/queries";
import { getMe } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";
import type { SearchParams } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Your sign-in" };

const keysPath = "/api/v1/me/keys";

export default async function MePage({ searchParams }: { searchParams: SearchParams }) {
  const { key } = await searchParams;
  const [me, ssh, uses, reviews, codes] = await Promise.all([
    load(getMe, {}),
    load(listMyKeys, {}),
    load(listMyKeyUses, {}),
    load(listMyReviews, {}),
    load(listMyHostCodes, {}),
  ]);
  const imports = await load(listKeyImports, { personId: me.id });
  const others = me.sessions.filter((session) => !session.current).length;
  const oneWay = me.passkeys.length === 1 && !(me.hasPassword && me.totp?.confirmed);
  return (
    <Page narrow title="Your sign-in" lead={`${me.name} · ${me.login} · ${me.role}`}>
      <Live topics={[`person:${me.id}`]} />
      {oneWay && (
        <Notice tone="warn" title="You have one way in">
          If this key is lost, somebody else must let you in again. Add a second passkey, or a password and a
          code.
        </Notice>
      )}
      {reviews.length > 0 && (
        <Section bare title="Reviews of access that wait for you">
          <MyReviews reviews={reviews} />
        </Section>
      )}
      <Section
        bare
        title="Passkeys"
        lead="A security key, a phone or a computer that signs you in by a touch."
      >
        <Passkeys passkeys={me.passkeys} />
      </Section>
      <Section
        bare
        title="SSH keys"
        lead="With which you log in to hosts. A key counts as yours when you have proved that you hold it."
        actions={
          <>
            <PasteKey path={keysPath} />
            <MakeByKeygen />
            <GenerateKey />
            <AddSecurityKey />
          </>
        }
      >
        <KeyList keys={ssh.keys} path={keysPath} isOwn {...(typeof key === "string" && { openKeyId: key })} />
        <PasskeysForSsh passkeys={ssh.passkeys} />
      </Section>
      {ssh.keys.some(({ provedAt }) => provedAt !== null) && (
        <Section bare title="Where your keys work" lead="By what was last read on each host.">
          <KeyUses view={uses} />
        </Section>
      )}
      <Section
        bare
        title="Imported keys"
        lead="Public keys that you publish elsewhere, as proposals that you answer one by one."
        actions={<AddImport view={imports} />}
      >
        <KeyImports view={imports} />
      </Section>
      <Section
        bare
        title="Codes for hosts"
        lead="One-time codes for logins over SSH, beside your key. They have nothing to do with signing in here."
      >
        <MyHostCodes view={codes} />
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
