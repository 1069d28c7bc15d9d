"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { ButtonLink } from "@/components/ui/button";
import { Drawer } from "@/components/ui/dialog";
import { Fact, Facts } from "@/components/ui/facts";
import { Fingerprint } from "@/components/ui/fingerprint";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { methodWords } from "@/lib/access/method-words";
import type { AccessStepView, FleetPathDetail } from "@/lib/features/access/views";
import { factorWords } from "./access-words";
import { FactorMark } from "./path-cells";
import { SourceLink } from "./source-link";

interface Props {
  /** Of the way: its row's link has it as `data-way`, and gets the focus back. */
  wayId: string;
  /** Null: the way is gone, because the host was read anew. */
  detail: FleetPathDetail | null;
  /** The page without the drawer. */
  closeHref: string;
}

/** One way explained beside the list: its steps, its limits, and the chain of lines that makes it so. */
export function PathDrawer({ wayId, detail, closeHref }: Props) {
  const router = useRouter();
  useEffect(() => {
    return () => {
      // The list is made anew beneath us, so the element that had the focus is gone; its successor comes with this frame.
      requestAnimationFrame(() =>
        setTimeout(() => document.querySelector<HTMLElement>(`[data-way="${CSS.escape(wayId)}"]`)?.focus()),
      );
    };
  }, [wayId]);
  const close = (open: boolean) => !open && router.push(closeHref, { scroll: false });
  if (!detail)
    return (
      <Drawer
        open
        onOpenChange={close}
        title="This way in is gone"
        description="The host was read anew since the list was made, and the way is no more as it was."
      >
        <p className="text-sm text-ink-soft">Close this, and look for it in the list.</p>
      </Drawer>
    );
  const { view, hostId, hostName } = detail;
  return (
    <Drawer
      open
      onOpenChange={close}
      className="max-w-xl"
      title={
        <span className="break-all">
          <UntrustedText text={view.account} /> on {hostName}
        </span>
      }
      description={
        <>
          Opens{" "}
          {view.from.length === 1 && view.from[0] === "any address"
            ? "from any address"
            : "from some addresses"}
          , by {methodWords(view.steps.map((step) => step.method).join(","))}
        </>
      }
      footer={
        <>
          <ButtonLink href={whatIfAddress(detail)}>What if</ButtonLink>
          <ButtonLink href={`/hosts/${hostId}/access`}>All ways of the host</ButtonLink>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-5">
        <Steps detail={detail} />
        <Terms detail={detail} />
        <Why detail={detail} />
      </div>
    </Drawer>
  );
}

/** The question whether this account is open on this host; the address is still to be given. */
function whatIfAddress({ hostName, view }: FleetPathDetail): string {
  return `/access/what-if?${new URLSearchParams({ host: hostName, account: view.account })}`;
}

function Steps({ detail }: { detail: FleetPathDetail }) {
  const steps = detail.view.steps.map((step, index) => ({ step, id: `${index} ${step.method}` }));
  return (
    <section className="grid grid-cols-1 gap-2">
      <h3 className="caption">{steps.length === 1 ? "It takes" : "It takes, in this order"}</h3>
      <ol className="grid grid-cols-1 gap-2">
        {steps.map(({ step, id }) => (
          <li
            key={id}
            className="grid grid-cols-1 gap-1 rounded-md border border-line bg-sunken px-3 py-2 text-sm"
          >
            <span className="font-medium">
              {methodWords(step.method)}
              <span className="font-normal text-ink-soft"> ({factorWords(step.factors)})</span>
            </span>
            {step.key && <StepKey value={step.key} detail={detail} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

const kinds: Readonly<Record<string, string>> = {
  key: "The key",
  authority: "Certificates of the authority",
  command: "Keys that a program on the host tells",
};

function StepKey({ value, detail }: { value: NonNullable<AccessStepView["key"]>; detail: FleetPathDetail }) {
  const { kind, fingerprint, type, bits, comment, principals } = value;
  const owner = fingerprint === null ? undefined : detail.owners[fingerprint];
  return (
    <div className="grid min-w-0 grid-cols-1 gap-1 text-xs">
      <span className="min-w-0 break-words text-ink-soft">
        {kinds[kind] ?? "The key"}
        {comment && (
          <>
            {" "}
            <UntrustedText text={comment} className="break-all text-ink" />
          </>
        )}
        {principals.length > 0 && (
          <>
            {" "}
            for <UntrustedText text={principals.join(", ")} />
          </>
        )}
      </span>
      {fingerprint && (
        <Fingerprint value={fingerprint} {...(type && { type: bits ? `${type} ${bits}` : type })} />
      )}
      {kind === "key" && (
        <span className="text-ink-soft">
          {owner ? (
            <>
              Owned by{" "}
              <Link href={`/access?person=${owner.id}`} prefetch={false} className="link">
                {owner.name}
              </Link>
              {owner.hasLeft && <span className="text-danger">, who has left</span>}
            </>
          ) : (
            <span className="text-warn">Nobody’s: no person here has proved to hold it</span>
          )}
        </span>
      )}
    </div>
  );
}

function Terms({ detail }: { detail: FleetPathDetail }) {
  const { view, uid, firstSeenAt, readAt, isStale, loginsSince } = detail;
  return (
    <Facts>
      <Fact name="Account">
        <UntrustedText text={view.account} className="break-all" /> (uid {uid}
        {uid === 0 && ", root"})
      </Fact>
      <Fact name="Factors">
        <span className="-ml-5 inline-block pl-5">
          <FactorMark factors={view.factors} />
        </span>
      </Fact>
      <Fact name="From">
        <UntrustedText text={view.from.join(", ")} />
        {view.to && (
          <>
            , to <UntrustedText text={view.to} />
          </>
        )}
      </Fact>
      <Fact name="Limits">
        {view.limits.length > 0 ? <UntrustedText text={view.limits.join("; ")} /> : "none"}
      </Fact>
      {view.forcedCommand !== null && (
        <Fact name="Runs only">
          <code className="break-all font-mono text-xs">
            <UntrustedText text={view.forcedCommand} />
          </code>
        </Fact>
      )}
      <Fact name="Certain">
        {view.dependsOn.length === 0 ? (
          "yes"
        ) : (
          <span className="text-warn">
            No, it depends on: <UntrustedText text={view.dependsOn.join("; ")} />
          </span>
        )}
      </Fact>
      <Fact name="Last used">
        {view.lastUsedAt ? (
          <RelativeTime at={view.lastUsedAt} />
        ) : loginsSince ? (
          <>
            No login on record since <RelativeTime at={loginsSince} />
          </>
        ) : (
          "No login on record"
        )}
      </Fact>
      <Fact name="First seen">
        <RelativeTime at={firstSeenAt} />
      </Fact>
      {readAt && (
        <Fact name="Host read">
          <span className={isStale ? "text-warn" : undefined}>
            <RelativeTime at={readAt} />
            {isStale && ": this may no longer be so"}
          </span>
        </Fact>
      )}
    </Facts>
  );
}

function Why({ detail }: { detail: FleetPathDetail }) {
  const { view, hostId, editable } = detail;
  const why = view.why.map((reason, index) => ({ ...reason, id: `${index} ${reason.source}` }));
  return (
    <section className="grid grid-cols-1 gap-2">
      <h3 className="caption">Because of these lines</h3>
      <ol className="grid min-w-0 grid-cols-1 gap-2 border-l border-line-strong pl-3 text-xs">
        {why.map(({ id, text, source }) => (
          <li key={id} className="grid min-w-0 grid-cols-1 gap-0.5">
            <code className="min-w-0 break-all font-mono text-ink">
              <UntrustedText text={text} />
            </code>
            <SourceLink hostId={hostId} source={source} editable={editable} />
          </li>
        ))}
      </ol>
    </section>
  );
}
