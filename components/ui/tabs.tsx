"use client";

import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { classNames } from "./class-names";

export interface Tab<Name extends string> {
  name: Name;
  label: ReactNode;
  /** A number that belongs to the tab, such as problems. */
  count?: number | undefined;
}

interface Props<Name extends string> {
  value: Name;
  onChange: (name: Name) => void;
  className?: string;
  /** A `TabList`, and a `TabPanel` for each of its tabs. */
  children: ReactNode;
}

/** Several views in one place, one of them shown. For pages with an address of their own there is `TabLinks`. */
export function Tabs<Name extends string>({ value, onChange, className, children }: Props<Name>) {
  return (
    <Radix.Root value={value} onValueChange={(name) => onChange(name as Name)} className={className}>
      {children}
    </Radix.Root>
  );
}

/** The row of tabs: one stop of the Tab key, arrows move within. */
export function TabList<Name extends string>({
  label,
  tabs,
  className,
}: {
  label: string;
  tabs: readonly Tab<Name>[];
  className?: string;
}) {
  return (
    <Radix.List
      aria-label={label}
      className={classNames(
        "flex max-w-full gap-0.5 overflow-x-auto rounded-lg border border-line bg-sunken p-0.5",
        className,
      )}
    >
      {tabs.map((tab) => (
        <Radix.Trigger
          key={tab.name}
          value={tab.name}
          className="inline-flex h-7 items-center gap-1.5 whitespace-nowrap rounded-md border border-transparent px-2 text-xs text-ink-soft transition-colors hover:text-ink focus-visible:-outline-offset-2 focus-visible:rounded-md data-[state=active]:border-line-strong data-[state=active]:bg-surface data-[state=active]:font-medium data-[state=active]:text-ink"
        >
          {tab.label}
          {tab.count ? <span className="text-2xs text-ink-faint tabular-nums">{tab.count}</span> : null}
        </Radix.Trigger>
      ))}
    </Radix.List>
  );
}

/**
 * What a tab shows.
 *
 * @param kept stays in the page while another tab is shown: it has a state that must not be lost
 */
export function TabPanel({
  name,
  kept = false,
  className,
  children,
}: {
  name: string;
  kept?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Radix.Content
      value={name}
      {...(kept && { forceMount: true as const })}
      // Hidden by the attribute alone a grid would show all the same.
      className={classNames("min-w-0 data-[state=inactive]:hidden", className)}
    >
      {children}
    </Radix.Content>
  );
}
