"use client";

import { Fragment, memo } from "react";
import { visibleText } from "@/components/ui/visible-text";
import type { EffectiveRow } from "@/lib/sshd-config/effective-rows";
import { topics } from "@/lib/sshd-config/topics";
import { classNames } from "../ui/class-names";
import { UntrustedText } from "../ui/untrusted-text";

interface Props {
  rows: readonly EffectiveRow[];
  onGo: (path: string, line: number) => void;
}

/** Effective values by topic, each with the line that decides it: a button that goes there. */
export const EffectiveList = memo(function EffectiveList({ rows, onGo }: Props) {
  return (
    <div className="grid grid-cols-1 gap-4">
      {topics
        .map((topic) => ({ topic, own: rows.filter((row) => row.topic === topic) }))
        .filter(({ own }) => own.length > 0)
        .map(({ topic, own }) => (
          <section key={topic} aria-label={topic}>
            <h3 className="caption border-b border-line pb-1">{topic}</h3>
            <dl>
              {own.map((row) => (
                <div key={row.keyword} className="border-b border-line py-1.5 last:border-b-0">
                  <dt className="flex flex-wrap items-baseline justify-between gap-x-3">
                    <span
                      className={classNames(
                        "break-words font-mono text-xs",
                        row.isDefault ? "text-ink-soft" : "font-semibold",
                      )}
                    >
                      {row.keyword}
                    </span>
                    <Origins row={row} onGo={onGo} />
                  </dt>
                  {keyed(row.values).map(({ key, value }) => (
                    <dd key={key} className={classNames("text-xs", row.isDefault && "text-ink-soft")}>
                      <Value text={value} />
                    </dd>
                  ))}
                </div>
              ))}
            </dl>
          </section>
        ))}
    </div>
  );
});

/** The same value may stand twice. */
function keyed(values: readonly string[]): { key: string; value: string }[] {
  return values.map((value, index) => ({ key: `${index} ${value}`, value }));
}

/** A long list may break behind each comma. */
function Value({ text }: { text: string }) {
  if (text === "") return <span className="text-ink-faint">nothing</span>;
  const parts = text.split(",");
  return (
    <span className="break-words font-mono">
      {parts.map((part, index) => (
        <Fragment key={parts.slice(0, index + 1).join()}>
          <UntrustedText text={index < parts.length - 1 ? `${part},` : part} />
          <wbr />
        </Fragment>
      ))}
    </span>
  );
}

function Origins({ row, onGo }: { row: EffectiveRow; onGo: Props["onGo"] }) {
  if (row.origins.length === 0) return <span className="text-xs text-ink-faint">default</span>;
  return (
    <span className="flex min-w-0 flex-wrap justify-end gap-x-2">
      {row.origins.map(({ path, line }) => (
        <button
          key={`${path}:${line}`}
          type="button"
          title={`${visibleText(path)}:${line}`}
          aria-label={`${row.keyword} is set at ${path} line ${line}: go there`}
          onClick={() => onGo(path, line)}
          className="link min-h-6 break-all rounded-sm text-left font-mono text-xs"
        >
          <UntrustedText text={`${path.slice(path.lastIndexOf("/") + 1)}:${line}`} />
        </button>
      ))}
    </span>
  );
}
