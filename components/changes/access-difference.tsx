import Link from "next/link";
import type { AccessChangeList, AccessChangeView, PlanAccessView } from "@/lib/features/changes/views";
import { Badge, Status, type Tone } from "../ui/badge";
import { Fingerprint } from "../ui/fingerprint";
import { Notice } from "../ui/notice";
import { ReasonList } from "../ui/reason-list";
import { RelativeTime } from "../ui/relative-time";
import { Section } from "../ui/section";
import { UntrustedText } from "../ui/untrusted-text";
import { AccountNames } from "./account-names";

interface Props {
  access: PlanAccessView;
  /** The host's page of who can log in, where it can be read anew. */
  accessHref: string;
  /** A rule refuses the change, whatever name is typed. */
  isRefused: boolean;
}

const kinds = [
  { name: "loses", label: "Lose access", tone: "danger" },
  { name: "weakened", label: "Need fewer factors", tone: "danger" },
  { name: "gains", label: "Gain access", tone: "warn" },
  { name: "moved", label: "From other addresses", tone: "warn" },
  { name: "strengthened", label: "Need more factors", tone: "info" },
] as const satisfies readonly { name: keyof PlanAccessView; label: string; tone: Tone }[];

/** Who gains, who loses and who needs fewer factors, by name, with the lines that decide. */
export function AccessDifference({ access, accessHref, isRefused }: Props) {
  const { obstacle, shutOut, doubtful } = access;
  const told = kinds.filter(({ name }) => access[name].total > 0);
  return (
    <Section
      title="Who gains, who loses"
      bare
      lead={
        access.readAt ? (
          <>
            By the accounts, keys and PAM of the host as they were read <RelativeTime at={access.readAt} />.
          </>
        ) : undefined
      }
    >
      <div className="grid grid-cols-1 gap-3">
        {obstacle !== null ? (
          <Notice tone="warn" title="Who gains or loses is not known">
            <UntrustedText text={obstacle} /> <AccessLink href={accessHref} />
          </Notice>
        ) : (
          <>
            {access.isStale && (
              <Notice tone="warn" title="This may no longer be so">
                What was read on the host is old, or the last reading failed. <AccessLink href={accessHref} />
              </Notice>
            )}
            {shutOut.total > 0 && (
              <Notice
                tone="danger"
                title={
                  shutOut.total === 1
                    ? "An account loses every way in"
                    : `${shutOut.total} accounts lose every way in`
                }
              >
                Nobody could log in any more as <AccountNames list={shutOut} />.
                {!isRefused && " To apply this, the host's name has to be typed."}
              </Notice>
            )}
            {doubtful.total > 0 && (
              <Notice tone="warn" title="Left with ways that only the host can judge">
                <AccountNames list={doubtful} />
              </Notice>
            )}
            {told.length === 0 ? (
              <Status tone="ok" className="text-sm">
                Nobody gains or loses a way in
              </Status>
            ) : (
              told.map(({ name, label, tone }) => (
                <ChangeList key={name} label={label} tone={tone} list={access[name]} />
              ))
            )}
            {!access.isCertain && (
              <p className="text-xs text-ink-faint">
                Not certain: some ways depend on what only the host can tell (PAM, commands, Kerberos), or not
                all of it could be read.
              </p>
            )}
          </>
        )}
      </div>
    </Section>
  );
}

function AccessLink({ href }: { href: string }) {
  return (
    <Link href={href} className="underline">
      Access of this host
    </Link>
  );
}

function ChangeList({ label, tone, list }: { label: string; tone: Tone; list: AccessChangeList }) {
  return (
    <section aria-label={label} className="min-w-0 rounded-lg border border-line">
      <h3 className="flex items-center gap-2 border-b border-line px-4 py-2 text-sm font-medium">
        {label}
        <Badge tone={tone}>{list.total}</Badge>
      </h3>
      <ul className="grid grid-cols-1 divide-y divide-line">
        {list.rows.map((row) => (
          <Row key={JSON.stringify(row)} row={row} />
        ))}
      </ul>
      {list.total > list.rows.length && (
        <p className="border-t border-line px-4 py-2 text-xs text-ink-faint">
          {list.total - list.rows.length} more are not shown
        </p>
      )}
    </section>
  );
}

function Row({ row }: { row: AccessChangeView }) {
  const { account, person, fingerprint, comment, methods, before, after, why } = row;
  return (
    <li className="grid min-w-0 grid-cols-1 gap-1 px-4 py-2.5 text-sm">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5">
        {person && <UntrustedText text={person} className="font-medium break-all" />}
        <span className="min-w-0 break-all">
          {person && <span className="text-ink-soft">as </span>}
          <UntrustedText text={account} className="font-mono text-xs" />
        </span>
        <span className="text-xs text-ink-soft">
          <UntrustedText text={methods.split(",").join(", then ")} />
        </span>
        {fingerprint && (
          <span className="text-xs">
            <Fingerprint value={fingerprint} />
          </span>
        )}
        {comment && <UntrustedText text={comment} className="min-w-0 break-all text-xs text-ink-soft" />}
      </div>
      {before !== null && after !== null && (
        <p className="text-xs break-words">
          <UntrustedText text={before} className="text-ink-soft" />{" "}
          <span className="text-ink-faint">becomes</span> <UntrustedText text={after} />
        </p>
      )}
      {why.length > 0 && <ReasonList reasons={why} label="Why" />}
    </li>
  );
}
