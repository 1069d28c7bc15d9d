"use client";

import { Redo2, Undo2 } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useMemo, useState } from "react";
import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { type FormField, type FormPlace, readForm } from "@/lib/sshd-config/form";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { Button } from "../ui/button";
import { Section } from "../ui/section";
import { FormRow } from "./form-row";
import type { Written } from "./form-writer";

interface Props {
  /** All files as they are being edited, the main file first. */
  tree: readonly ConfigFile[];
  build: Build;
  diagnostics: readonly Diagnostic[];
  /** Why a file cannot be edited here, or null. */
  obstacleOf: (path: string) => string | null;
  onWrite: (field: FormField, value: string) => Written;
  onGo: (path: string, line: number) => void;
  onUndo: () => void;
  onRedo: () => void;
}

/**
 * The common directives as controls over the same text: what holds for everyone, where that is decided, and for whom
 * it differs. Every write is the smallest edit of the text, and one step of its history.
 */
export function FormView(props: Props) {
  const { build, onWrite, onUndo, onRedo } = props;
  const tree = useDeferredValue(props.tree);
  const groups = useMemo(() => readForm(tree, build), [tree, build]);
  const [done, setDone] = useState("");

  const write = (field: FormField, value: string): string | undefined => {
    const { path, refused } = onWrite(field, value);
    if (path !== undefined) setDone(`${field.keyword.name} written to ${path}`);
    return refused;
  };

  const undo = () => {
    onUndo();
    setDone("Undone");
  };
  const redo = () => {
    onRedo();
    setDone("Done again");
  };
  /** As in the text; what is typed in a field has an undo of its own. */
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    const isShortcut = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (!isShortcut || event.target instanceof HTMLInputElement) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  };

  return (
    <form
      aria-label="Common directives"
      className="grid grid-cols-1 gap-6"
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={onKeyDown}
    >
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-2 text-xs text-ink-soft">
        <p role="status">{done || "The common directives. Every edit here is an edit of the text."}</p>
        <div className="flex gap-1">
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label="Undo the last edit of this file"
            title="Undo"
            onClick={undo}
          >
            <Undo2 aria-hidden />
          </Button>
          <Button size="icon-sm" variant="ghost" aria-label="Do it again" title="Redo" onClick={redo}>
            <Redo2 aria-hidden />
          </Button>
        </div>
      </div>
      {groups.map((group) => (
        <Section key={group.title} title={group.title} lead={group.lead} bare>
          <div className="divide-y divide-line rounded-lg border border-line bg-surface">
            {group.fields.map((field) => (
              <FormRow
                key={field.keyword.name}
                field={field}
                build={build}
                diagnostics={findingsAt(field.places, props.diagnostics)}
                obstacle={obstacleOf(field, props)}
                onWrite={(value) => write(field, value)}
                onGo={props.onGo}
              />
            ))}
          </div>
        </Section>
      ))}
    </form>
  );
}

function findingsAt(places: readonly FormPlace[], diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ path, line }) =>
    places.some((place) => place.path === path && place.line === line),
  );
}

/** Why a field cannot be written: the file that decides it, or the main file that would take a new line. */
function obstacleOf(field: FormField, { tree, obstacleOf }: Props): string | null {
  const paths = field.places.length > 0 ? field.places.map(({ path }) => path) : [tree[0]?.path ?? ""];
  for (const path of paths) {
    const obstacle = obstacleOf(path);
    if (obstacle !== null) return obstacle;
  }
  return null;
}
