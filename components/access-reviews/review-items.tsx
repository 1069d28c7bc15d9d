"use client";

import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { FormError } from "@/components/ui/form-error";
import { Kbd } from "@/components/ui/kbd";
import { Notice } from "@/components/ui/notice";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import { isTyping, useRowKeys } from "@/components/ui/use-row-keys";
import { visibleText } from "@/components/ui/visible-text";
import type { ReviewFilter } from "@/lib/features/access-reviews/schema";
import type { ReviewItemView } from "@/lib/features/access-reviews/views";
import { DecideBar } from "./decide-bar";
import { type Act, ItemRow, rowId } from "./item-row";
import { RevokeDialog } from "./revoke-dialog";

interface Props {
  reviewId: string;
  rows: readonly ReviewItemView[];
  group: ReviewFilter["group"];
}

interface Conflict {
  number: number;
  host: string;
  account: string;
  decision: string | null;
  decidedByName: string | null;
}

/** Ways by host, person or account, in the order in which they come. */
function groupsOf(rows: readonly ReviewItemView[], group: ReviewFilter["group"]) {
  const groups: { name: string; rows: ReviewItemView[] }[] = [];
  for (const row of rows) {
    const name = {
      host: row.hostName,
      account: row.account,
      person: row.personName ?? (row.fingerprint === null ? "No key" : "Nobody’s keys"),
    }[group];
    const last = groups.at(-1);
    if (last?.name === name) last.rows.push(row);
    else groups.push({ name, rows: [row] });
  }
  return groups;
}

/** One page of a campaign's ways: decided one by one, by selection, or by keyboard (j, k, x, c, r, u). */
export function ReviewItems({ reviewId, rows, group }: Props) {
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [expanded, setExpanded] = useState<ReadonlySet<number>>(new Set());
  const [revoking, setRevoking] = useState<readonly number[]>([]);
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
  const { send, pending, error } = useCommand<{ conflicts: Conflict[] }>(
    `/api/v1/access/reviews/${reviewId}/decide`,
  );
  const groups = groupsOf(rows, group);
  // In the order on the screen: groups of people may tear the order of numbers apart.
  const order = groups.flatMap((one) => one.rows);
  const chosen = order.filter((row) => selected.has(row.number) && row.isMine);
  const mayDecide = order.some((row) => row.isMine);

  async function decide(numbers: readonly number[], decision: Act, reason = "") {
    const items = order
      .filter((row) => numbers.includes(row.number))
      .map(({ number, version }) => ({ number, version }));
    if (items.length === 0) return;
    setConflicts([]);
    const answer = await send({ decision, reason, items });
    if (!answer) return;
    setRevoking([]);
    setConflicts(answer.conflicts);
    setSelected(new Set());
  }
  function begin(numbers: readonly number[], act: Act) {
    if (act === "revoke") setRevoking(numbers);
    else void decide(numbers, act);
  }

  const toggle = useCallback((number: number) => setSelected((before) => toggled(before, number)), []);
  const expand = useCallback((number: number) => setExpanded((before) => toggled(before, number)), []);
  const at = (index: number) => order[index];
  const current = useRowKeys({
    count: order.length,
    onOpen: (index) => {
      const row = at(index);
      if (row) expand(row.number);
    },
    onSelect: (index) => {
      const row = at(index);
      if (row?.isMine) toggle(row.number);
    },
    onMove: (index) => {
      const row = at(index);
      if (row) document.getElementById(rowId(row.number))?.scrollIntoView({ block: "nearest" });
    },
  });
  const marked = chosen.length > 0 ? chosen : order.filter((row, i) => i === current && row.isMine);
  useDecisionKeys((act) => {
    if (pending || marked.length === 0) return;
    begin(
      marked.map(({ number }) => number),
      act,
    );
  });
  // Stable, so that one key press does not draw a hundred rows.
  const latest = useRef(begin);
  useEffect(() => {
    latest.current = begin;
  });
  const onAct = useCallback((number: number, act: Act) => latest.current([number], act), []);

  return (
    <div className="grid grid-cols-1 gap-3">
      {revoking.length === 0 && <FormError error={error} />}
      {conflicts.length > 0 && (
        <Notice tone="warn" urgent title="Some were decided by somebody else meanwhile">
          Nothing of it was overwritten.
          <ul className="list-disc pl-4">
            {conflicts.map(({ number, host, account, decision, decidedByName }) => (
              <li key={number}>
                <UntrustedText text={account} /> on {host}:{" "}
                {decision ? `${decision} by ${decidedByName}` : "taken back"}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {mayDecide && (
        <p className="hidden flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-faint md:flex">
          <Keys keys={["j", "k"]} text="move" />
          <Keys keys={["x"]} text="select" />
          <Keys keys={["c"]} text="confirm" />
          <Keys keys={["r"]} text="revoke" />
          <Keys keys={["u"]} text="take back" />
          <Keys keys={["Enter"]} text="why" />
        </p>
      )}
      {groups.map((one) => (
        <Group key={`${one.name} ${one.rows[0]?.number}`} {...one} selected={selected} onSelect={setSelected}>
          {one.rows.map((item) => (
            <ItemRow
              key={item.number}
              item={item}
              selected={selected.has(item.number)}
              current={at(current) === item}
              expanded={expanded.has(item.number)}
              pending={pending}
              onToggle={toggle}
              onExpand={expand}
              onAct={onAct}
            />
          ))}
        </Group>
      ))}
      {chosen.length > 0 && (
        <DecideBar
          ways={chosen.length}
          pending={pending}
          onAct={(wanted) =>
            begin(
              chosen.map(({ number }) => number),
              wanted,
            )
          }
          onClear={() => setSelected(new Set())}
        />
      )}
      {revoking.length > 0 && (
        <RevokeDialog
          ways={revoking.length}
          pending={pending}
          error={error}
          onCancel={() => setRevoking([])}
          onRevoke={(reason) => void decide(revoking, "revoke", reason)}
        />
      )}
    </div>
  );
}

interface GroupProps {
  name: string;
  rows: readonly ReviewItemView[];
  selected: ReadonlySet<number>;
  onSelect: (selected: ReadonlySet<number>) => void;
  children: ReactNode;
}

function Group({ name, rows, selected, onSelect, children }: GroupProps) {
  const mine = rows.filter((row) => row.isMine);
  const chosen = mine.filter((row) => selected.has(row.number)).length;
  function toggleAll() {
    const next = new Set(selected);
    for (const { number } of mine)
      if (chosen === mine.length) next.delete(number);
      else next.add(number);
    onSelect(next);
  }
  return (
    <section className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
      <h3 className="flex items-center gap-3 border-b border-line bg-sunken px-3 py-1.5 text-sm font-semibold sm:px-4">
        {mine.length > 0 && (
          <Checkbox
            aria-label={`Select all of ${visibleText(name)} on this page`}
            checked={chosen === mine.length}
            indeterminate={chosen > 0 && chosen < mine.length}
            onChange={toggleAll}
          />
        )}
        <UntrustedText text={name} className="min-w-0 break-all" />
        <span className="ml-auto whitespace-nowrap font-normal text-xs text-ink-faint">
          {rows.length} here
        </span>
      </h3>
      <ul>{children}</ul>
    </section>
  );
}

function Keys({ keys, text }: { keys: readonly string[]; text: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      {keys.map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
      {text}
    </span>
  );
}

const acts: Readonly<Record<string, Act>> = { c: "confirm", r: "revoke", u: "undecided" };

/** c, r and u decide about what is selected, or about the current way. */
function useDecisionKeys(onAct: (act: Act) => void): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const act = acts[event.key];
      if (!act || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog],[role=alertdialog],[role=menu]")) return;
      event.preventDefault();
      onAct(act);
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [onAct]);
}

function toggled(before: ReadonlySet<number>, number: number): ReadonlySet<number> {
  const next = new Set(before);
  if (!next.delete(number)) next.add(number);
  return next;
}
