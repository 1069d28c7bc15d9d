"use client";

import { useCallback } from "react";
import type { Edit, Fix } from "@/lib/sshd-config/diagnostic";
import type { EditorHandle } from "./code-editor";
import { moveEdits } from "./smallest-change";
import type { Analysis } from "./use-analysis";

interface Options {
  analysis: Analysis;
  /** The text of a file at this moment; undefined when it cannot be edited. */
  textOf: (path: string) => string | undefined;
  /** Shows a file, and does something with its editor. */
  open: (path: string, act: (editor: EditorHandle | undefined) => void) => void;
}

/**
 * Does a fix in the editors of the files that it is about, one step of their histories each.
 *
 * What was typed since the fix was thought of is respected: the fix moves along with its text, and nothing is done
 * when that very text has changed. The findings about the new text are on their way then.
 */
export function useFixes({ analysis, textOf, open }: Options): (fix: Fix) => void {
  return useCallback(
    (fix: Fix) => {
      const found: { path: string; edits: Edit[] }[] = [];
      for (const path of new Set(fix.edits.map((edit) => edit.path))) {
        const before = analysis.files.find((file) => file.path === path)?.text;
        const now = textOf(path);
        if (before === undefined || now === undefined) return;
        const ofFile = fix.edits.filter((edit) => edit.path === path);
        const edits = moveEdits(ofFile, before, now);
        if (!edits) return;
        found.push({ path, edits });
      }
      // The first place last: that is where the person is shown what was done.
      for (const { path, edits } of found.reverse())
        open(path, (editor) => editor?.applyEdits(edits, `Done: ${fix.label}. Undo with Ctrl-Z.`));
    },
    [analysis, textOf, open],
  );
}
