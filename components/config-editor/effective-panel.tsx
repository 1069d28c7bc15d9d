"use client";

import { useDeferredValue, useId, useMemo, useState } from "react";
import type { EffectiveRow } from "@/lib/sshd-config/effective-rows";
import { findOpenQuestions, type OpenQuestion } from "@/lib/sshd-config/open-questions";
import { unknownWorld, type World } from "@/lib/sshd-config/world";
import { Status } from "../ui/badge";
import { Checkbox } from "../ui/checkbox";
import { Input } from "../ui/input";
import { Notice } from "../ui/notice";
import { UntrustedText } from "../ui/untrusted-text";
import { ConnectionForm, connectionOf, type DescribedConnection, groupsOf } from "./connection-form";
import { EffectiveList } from "./effective-list";
import type { Analysis } from "./use-analysis";
import { useAnswer } from "./use-answer";

interface Props {
  analysis: Analysis;
  /** Names of the host's accounts, where they are known. */
  accounts: readonly string[];
  /** The connection that is asked about; it outlives this panel. */
  connection: DescribedConnection;
  onConnection: (connection: DescribedConnection) => void;
  onGo: (path: string, line: number) => void;
}

/** What holds for one connection with the texts as they are being edited, and where each value comes from. */
export function EffectivePanel({ analysis, accounts, connection, onConnection, onGo }: Props) {
  const [words, setWords] = useState("");
  const [onlyChanged, setOnlyChanged] = useState(true);
  const changedId = useId();
  // What is typed here, and in the editor, comes before its answer.
  const asked = useDeferredValue(connection);
  const sought = useDeferredValue(words);
  const question = useMemo(
    () => ({
      files: analysis.files,
      build: analysis.build,
      connection: connectionOf(asked),
      world: worldOf(asked),
    }),
    [analysis, asked],
  );
  const { answer, isPending } = useAnswer("effective", question);
  const open = useMemo(
    () =>
      findOpenQuestions(
        analysis.files,
        connectionOf(asked),
        groupsOf(asked) !== undefined || asked.account.trim() === "root",
        analysis.build,
      ),
    [analysis, asked],
  );
  const asksForGroups = useMemo(
    () => findOpenQuestions(analysis.files, {}, false, analysis.build).some(isAboutGroups),
    [analysis],
  );
  const rows = useMemo(
    () => answer.rows?.filter((row) => (!onlyChanged || !row.isDefault) && isSought(row, sought)),
    [answer, onlyChanged, sought],
  );
  return (
    <div className="grid grid-cols-1 gap-3 px-2">
      <ConnectionForm
        value={connection}
        onChange={onConnection}
        accounts={accounts}
        asksForGroups={asksForGroups}
      />
      {open.length > 0 && <OpenQuestions open={open} account={asked.account.trim()} onGo={onGo} />}
      {answer.refused !== undefined ? (
        <Notice tone="danger" title="sshd would refuse these files">
          <UntrustedText text={answer.refused} className="break-words" />
        </Notice>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
            <Input
              type="search"
              aria-label="Filter the effective values"
              placeholder="Filter by keyword or value"
              value={words}
              autoComplete="off"
              spellCheck={false}
              className="flex-[1_1_10rem]"
              onChange={(event) => setWords(event.target.value)}
            />
            <label htmlFor={changedId} className="flex items-center gap-1 text-sm">
              <Checkbox
                id={changedId}
                checked={onlyChanged}
                onChange={(event) => setOnlyChanged(event.target.checked)}
              />
              Only what differs from the default
            </label>
          </div>
          <p role="status" className="sr-only">
            {isPending ? "" : `${rows?.length ?? 0} values`}
          </p>
          {isPending ? (
            <Status tone="busy" className="text-sm">
              Reading…
            </Status>
          ) : rows?.length === 0 ? (
            <p className="text-sm text-ink-soft">
              {sought.trim() === "" ? "Everything is as it is by default." : "No value fits."}
            </p>
          ) : (
            <EffectiveList rows={rows ?? []} onGo={onGo} />
          )}
        </>
      )}
    </div>
  );
}

function isSought({ keyword, values }: EffectiveRow, words: string): boolean {
  const text = `${keyword} ${values.join(" ")}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function isAboutGroups({ criterion }: OpenQuestion): boolean {
  return criterion === "group";
}

/** What is known of all hosts, and the groups that the person has named. */
function worldOf(connection: DescribedConnection): World {
  const groups = groupsOf(connection);
  const account = connection.account.trim();
  if (!groups || account === "") return unknownWorld;
  const home = unknownWorld.accounts.get(account)?.home ?? `/home/${account}`;
  return { ...unknownWorld, accounts: new Map([...unknownWorld.accounts, [account, { home, groups }]]) };
}

const subjects: Readonly<Record<string, string>> = {
  user: "the account",
  group: "the groups",
  address: "the address",
  host: "the client's name",
  localaddress: "the host's address",
  rdomain: "the routing domain",
};

interface OpenProps {
  open: readonly OpenQuestion[];
  account: string;
  onGo: Props["onGo"];
}

/** Blocks that may or may not hold: said, not guessed. */
function OpenQuestions({ open, account, onGo }: OpenProps) {
  const shown = open.slice(0, 5);
  return (
    <Notice tone="info" title="Not everything is known">
      <p>These blocks count as not holding until it is filled in:</p>
      <ul className="grid gap-1 pt-1">
        {shown.map(({ path, line, criterion, value }) => (
          <li key={`${path}:${line}:${criterion}:${value}`}>
            <button
              type="button"
              onClick={() => onGo(path, line)}
              className="link rounded-sm text-left font-mono text-xs"
            >
              <UntrustedText text={`${path.slice(path.lastIndexOf("/") + 1)}:${line}`} />
            </button>{" "}
            asks for {subjects[criterion] ?? criterion}
            {criterion === "group" && account !== "" && (
              <>
                {" "}
                of <UntrustedText text={account} />
              </>
            )}
            : <UntrustedText text={value} className="break-words font-mono text-xs" />
          </li>
        ))}
      </ul>
      {open.length > shown.length && <p className="pt-1">…and {open.length - shown.length} more.</p>}
    </Notice>
  );
}
