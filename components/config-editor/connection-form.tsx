"use client";

import { useId } from "react";
import type { Connection } from "@/lib/sshd-config/match";
import { Field } from "../ui/field";
import { Input } from "../ui/input";

/** A connection as a person describes it: what is left empty is not known. */
export interface DescribedConnection {
  account: string;
  /** Names separated by blanks or commas. */
  groups: string;
  address: string;
  host: string;
  localAddress: string;
  localPort: string;
  routingDomain: string;
}

/** Root, from anywhere. */
export const anyConnection: DescribedConnection = {
  account: "root",
  groups: "",
  address: "",
  host: "",
  localAddress: "",
  localPort: "",
  routingDomain: "",
};

/** What Match blocks look at; without a port, sshd's own. */
export function connectionOf(described: DescribedConnection): Connection {
  const { account, address, host, localAddress, localPort, routingDomain } = described;
  const given = { user: account, host, address, localAddress, routingDomain };
  return {
    ...Object.fromEntries(
      Object.entries(given)
        .map(([name, text]) => [name, text.trim()] as const)
        .filter(([, text]) => text !== ""),
    ),
    ...(portOf(localPort) && { localPort: portOf(localPort) }),
  };
}

/** 1 to 65535; undefined for anything else. */
export function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : undefined;
}

/** The names of the groups; undefined when none is given. */
export function groupsOf({ groups }: DescribedConnection): string[] | undefined {
  const names = groups.split(/[\s,]+/).filter(Boolean);
  return names.length > 0 ? names : undefined;
}

interface Props {
  value: DescribedConnection;
  onChange: (value: DescribedConnection) => void;
  /** Names of the host's accounts, where they are known. */
  accounts: readonly string[];
  /** A Match block asks for groups. */
  asksForGroups: boolean;
}

/** Who connects, from where, to what: the question that the effective values answer. */
export function ConnectionForm({ value, onChange, accounts, asksForGroups }: Props) {
  const listId = useId();
  const field = (name: keyof DescribedConnection, label: string, rest: { list?: string; hint?: string }) => (
    <Field
      label={label}
      hint={rest.hint}
      error={
        name === "localPort" && value.localPort.trim() !== "" && !portOf(value.localPort)
          ? "A port is a number from 1 to 65535."
          : undefined
      }
    >
      {(control) => (
        <Input
          {...control}
          value={value[name]}
          list={rest.list}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className="font-mono"
          onChange={(event) => onChange({ ...value, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="grid grid-cols-[repeat(auto-fit,minmax(8rem,1fr))] gap-3">
        {field("account", "Account", { list: listId })}
        {field("address", "From address", {})}
        {asksForGroups && field("groups", "Its groups", { hint: "All of them, separated by blanks." })}
      </div>
      <datalist id={listId}>
        {accounts.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <details className="group text-sm">
        <summary className="w-fit rounded-sm text-xs text-ink-soft hover:text-ink">
          Client's name, host's address and port
        </summary>
        <div className="grid grid-cols-[repeat(auto-fit,minmax(8rem,1fr))] gap-3 pt-3">
          {field("host", "Client's name", { hint: "Counts with UseDNS yes." })}
          {field("localAddress", "Host's address", {})}
          {field("localPort", "Host's port", { hint: "22 when empty." })}
          {field("routingDomain", "Routing domain", {})}
        </div>
      </details>
    </div>
  );
}
