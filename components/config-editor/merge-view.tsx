"use client";

import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/button";
import { sshdConfigLanguage } from "./language";
import { mergeTheme } from "./merge-theme";
import { findDeceptive, showSpecialCharacters } from "./special-characters";
import { editorTheme } from "./theme";

interface Side {
  /** What it is, for a screen reader and above the text: "On the host". */
  label: string;
  text: string;
}

interface Props {
  before: Side;
  after: Side;
  nonce?: string | undefined;
}

/** Narrower than this, lines of two texts beside each other wrap too often to be compared. */
const widePixels = 800;

/** Two texts beside each other, what differs marked; where there is no room, and on request, both in one. */
export function TextMerge({ before, after, nonce }: Props) {
  const host = useRef<HTMLElement>(null);
  const [room, setRoom] = useState(0);
  const [wish, setWish] = useState<boolean>();
  const isWide = wish ?? room >= widePixels;
  const [showsAll, setShowsAll] = useState(false);
  useEffect(() => {
    if (!host.current) return;
    const observer = new ResizeObserver(([entry]) => setRoom(entry?.contentRect.width ?? 0));
    observer.observe(host.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const shared: Extension[] = [
      EditorState.lineSeparator.of("\n"),
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.lineWrapping,
      lineNumbers(),
      sshdConfigLanguage(),
      showSpecialCharacters(),
      mergeTheme,
      editorTheme,
      ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
    ];
    const collapsing = showsAll ? {} : { collapseUnchanged: { margin: 3, minSize: 6 } };
    if (isWide) {
      const view = new MergeView({
        parent,
        a: { doc: before.text, extensions: [shared, named(before.label)] },
        b: { doc: after.text, extensions: [shared, named(after.label)] },
        gutter: true,
        ...collapsing,
      });
      return () => view.destroy();
    }
    const view = new EditorView({
      parent,
      doc: after.text,
      extensions: [
        shared,
        named(`${before.label}, then ${after.label}`),
        unifiedMergeView({ original: before.text, mergeControls: false, gutter: true, ...collapsing }),
      ],
    });
    return () => view.destroy();
  }, [before.text, before.label, after.text, after.label, isWide, showsAll, nonce]);
  return (
    <div className="overflow-hidden rounded-lg border border-line-strong bg-surface">
      <div className="flex flex-wrap items-center justify-between gap-x-4 border-b border-line py-1 pr-1 pl-3 text-xs text-ink-soft">
        <span>
          <span aria-hidden className="font-mono text-danger">
            −
          </span>{" "}
          {before.label}
        </span>
        <span>
          <span aria-hidden className="font-mono text-ok">
            +
          </span>{" "}
          {after.label}
        </span>
        <span className="flex gap-1">
          <Button
            size="sm"
            variant="ghost"
            aria-pressed={isWide}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => setWish(!isWide)}
          >
            Side by side
          </Button>
          <Button
            size="sm"
            variant="ghost"
            aria-pressed={showsAll}
            className="aria-pressed:bg-pressed aria-pressed:text-ink"
            onClick={() => setShowsAll(!showsAll)}
          >
            Unchanged lines too
          </Button>
        </span>
      </div>
      <DeceptiveNote sides={[before, after]} />
      <section
        ref={host}
        aria-label={`${before.label} against ${after.label}`}
        // A scrolling region must be reachable by keyboard (WCAG 2.1.1).
        tabIndex={0}
        className="max-h-[min(64vh,40rem)] overflow-auto"
      />
    </div>
  );
}

/** More of them would tell no more. */
const deceptiveMost = 5;

/** What has been taken out of a text is drawn without marks, so what cannot be seen in it is told above. */
function DeceptiveNote({ sides }: { sides: readonly Side[] }) {
  const notes = sides.flatMap(({ label, text }) => {
    const found = findDeceptive(text, deceptiveMost);
    const places = found.map(({ line, name }) => `${name} in line ${line}`).join(", ");
    return found.length > 0 ? [`${label}: ${places}${found.length === deceptiveMost ? " …" : ""}`] : [];
  });
  if (notes.length === 0) return null;
  return (
    <p className="border-b border-line bg-warn-soft px-3 py-1.5 text-xs text-ink">
      There are characters that cannot be seen or that change the order of reading. {notes.join(". ")}.
    </p>
  );
}

function named(label: string): Extension {
  return EditorView.contentAttributes.of({ "aria-label": label });
}
