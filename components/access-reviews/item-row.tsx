"use client";

import { Check, ChevronRight, RotateCcw, X } from "lucide-react";
import { memo } from "react";
import { Badge, Status, Tag } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { classNames } from "@/components/ui/class-names";
import { Fingerprint } from "@/components/ui/fingerprint";
import { ReasonList } from "@/components/ui/reason-list";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { visibleText } from "@/components/ui/visible-text";
import { methodWords } from "@/lib/access/method-words";
import type { ReviewItemView } from "@/lib/features/access-reviews/views";
import { Fix, RevocationStatus } from "./revocation-status";

export type Act = "confirm" | "revoke" | "undecided";

interface Props {
  item: ReviewItemView;
  selected: boolean;
  current: boolean;
  expanded: boolean;
  pending: boolean;
  onToggle: (number: number) => void;
  onExpand: (number: number) => void;
  onAct: (number: number, act: Act) => void;
}

/** The element of a way, so that the keyboard can bring it into view. */
export const rowId = (number: number) => `way-${number}`;

/** One way of a campaign, and what its reviewer may say about it. Drawn again only when it changes itself. */
export const ItemRow = memo(function ItemRow(props: Props) {
  const { item, selected, current, expanded, onToggle, onExpand } = props;
  const name = visibleText(`${item.account} on ${item.hostName}, way ${item.number}`);
  return (
    <li
      id={rowId(item.number)}
      data-current={current || undefined}
      className={classNames(
        "grid scroll-my-24 gap-2 border-b border-line px-3 py-2 last:border-b-0 sm:px-4",
        selected && "bg-accent-soft",
        current && "outline-2 -outline-offset-2 outline-accent",
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 sm:flex-nowrap">
        {item.isMine && (
          <span className="pt-0.5">
            <Checkbox
              aria-label={`Select ${name}`}
              checked={selected}
              onChange={() => onToggle(item.number)}
            />
          </span>
        )}
        <button
          type="button"
          aria-expanded={expanded}
          aria-label={`Why: ${name}`}
          onClick={() => onExpand(item.number)}
          className="mt-0.5 rounded-sm text-ink-faint hover:text-ink"
        >
          <ChevronRight
            aria-hidden
            className={classNames("size-4 transition-transform", expanded && "rotate-90")}
          />
        </button>
        <div className="grid min-w-0 flex-1 basis-40 gap-0.5">
          <p className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5 text-sm">
            <UntrustedText text={item.account} className="break-all font-mono font-semibold" />
            {item.uid === 0 && <Badge tone="warn">root</Badge>}
            <span className="text-ink-soft">{methodWords(item.methods)}</span>
            {item.factors < 2 && <Tag>{item.factors === 1 ? "1 factor" : "no factor"}</Tag>}
            {!item.isCertain && <Badge tone="warn">depends</Badge>}
          </p>
          <p className="min-w-0 break-words text-xs text-ink-soft">
            <Holder item={item} /> · from <UntrustedText text={item.from.join(", ")} />
            {item.forcedCommand !== null && " · one command only"} ·{" "}
            {item.lastUsedAt ? (
              <>
                used <RelativeTime at={item.lastUsedAt} />
              </>
            ) : (
              "no login on record"
            )}
          </p>
        </div>
        <div className="ml-auto grid max-w-full justify-items-end gap-1">
          <DecisionCell {...props} name={name} />
        </div>
      </div>
      {item.fix && (
        <div className="pl-7">
          <Fix fix={item.fix} host={item.hostName} />
        </div>
      )}
      {expanded && <Details item={item} />}
    </li>
  );
});

function Holder({ item }: { item: ReviewItemView }) {
  if (item.personName) return <UntrustedText text={item.personName} className="text-ink" />;
  if (item.fingerprint === null) return <>whoever knows what is asked</>;
  return (
    <>
      <span className="text-warn">nobody’s key</span>
      {item.comment && (
        <>
          {" "}
          <UntrustedText text={item.comment} className="break-all" />
        </>
      )}
    </>
  );
}

function DecisionCell({ item, pending, onAct, name }: Props & { name: string }) {
  const { decision, isMine, number } = item;
  if (decision === null)
    return isMine ? (
      <span className="flex gap-1.5">
        <Button
          size="sm"
          disabled={pending}
          aria-label={`Confirm ${name}`}
          onClick={() => onAct(number, "confirm")}
        >
          <Check aria-hidden /> Confirm
        </Button>
        <Button
          size="sm"
          variant="danger-quiet"
          disabled={pending}
          aria-label={`Revoke ${name}`}
          onClick={() => onAct(number, "revoke")}
        >
          <X aria-hidden /> Revoke
        </Button>
      </span>
    ) : (
      <Status tone="neutral">undecided</Status>
    );
  return (
    <>
      <span className="flex items-center gap-1.5">
        {decision === "confirm" ? (
          <Badge tone="ok">confirmed</Badge>
        ) : (
          item.revocation && <RevocationStatus revocation={item.revocation} />
        )}
        {isMine && (
          <Button
            size="icon-sm"
            variant="ghost"
            disabled={pending}
            aria-label={`Take the decision back: ${name}`}
            title="Take the decision back"
            onClick={() => onAct(number, "undecided")}
          >
            <RotateCcw aria-hidden />
          </Button>
        )}
      </span>
      <span className="text-right text-xs text-ink-faint">
        {item.decidedByName}
        {item.isOwnDecision && " (whose way it is)"}
        {item.decidedAt && (
          <>
            , <RelativeTime at={item.decidedAt} />
          </>
        )}
      </span>
      {item.reason !== "" && (
        <span className="max-w-72 break-words text-right text-xs text-ink-soft">“{item.reason}”</span>
      )}
    </>
  );
}

function Details({ item }: { item: ReviewItemView }) {
  return (
    <div className="grid gap-2 pl-7 text-xs">
      {item.fingerprint && (
        <div className="flex min-w-0 flex-wrap gap-x-3">
          <Fingerprint value={item.fingerprint} {...(item.keyType && { type: item.keyType })} />
          {item.comment && <UntrustedText text={item.comment} className="min-w-0 break-all" />}
        </div>
      )}
      {item.forcedCommand !== null && (
        <p className="min-w-0 text-ink-soft">
          Runs only{" "}
          <code className="break-all font-mono">
            <UntrustedText text={item.forcedCommand} />
          </code>
        </p>
      )}
      {item.limits.length > 0 && (
        <p className="text-ink-soft">
          <UntrustedText text={item.limits.join(" · ")} />
        </p>
      )}
      {item.dependsOn.length > 0 && (
        <p className="text-warn">
          Only the host can tell: <UntrustedText text={item.dependsOn.join("; ")} />
        </p>
      )}
      <ReasonList reasons={item.why} label="Why" />
      <p className="text-ink-faint">
        First seen <RelativeTime at={item.firstSeenAt} />
      </p>
    </div>
  );
}
