import type { ConfigFileView } from "@/lib/features/config/views";
import type { Build } from "@/lib/sshd-config/build";
import type { FormField } from "@/lib/sshd-config/form";
import { writeForm } from "@/lib/sshd-config/form-edit";
import type { DraftKeeper } from "./draft-keeper";

/** What came of a write: the file that took it, or why none did. */
export type Written = { path: string; refused?: undefined } | { path?: undefined; refused: string };

interface Options {
  files: readonly ConfigFileView[];
  build: Build;
  /** May this person edit at all? */
  canEdit: boolean;
  keeperOf: (file: ConfigFileView) => DraftKeeper;
  /** Opens the editors of these files, and does this as soon as they are there: they keep the history. */
  whenOpen: (files: readonly ConfigFileView[], act: (file: ConfigFileView) => void) => void;
}

/** Writes what is chosen in a form into the drafts of the files that decide it, all of it or nothing. */
export function createFormWriter({ files, build, canEdit, keeperOf, whenOpen }: Options) {
  /** Why a file cannot be edited here, or null. */
  const obstacleOf = (path: string): string | null => {
    if (!canEdit) return "Your role may look at the configuration, not edit it.";
    return files.find((file) => file.path === path)?.notEditable ?? null;
  };
  const write = (field: FormField, value: string): Written => {
    const now = files.map((file) => ({ path: file.path, text: keeperOf(file).content }));
    const { files: after, refused } = writeForm(now, field.keyword, value, build);
    if (!after) return { refused };
    const touched = files.filter((_, i) => after[i]?.text !== now[i]?.text);
    for (const { path } of touched) {
      const obstacle = obstacleOf(path);
      if (obstacle !== null) return { refused: `${path} would have to change. ${obstacle}` };
    }
    whenOpen(touched, (file) => {
      const text = after.find(({ path }) => path === file.path)?.text;
      if (text !== undefined) keeperOf(file).edit(text, "outside");
    });
    return { path: (touched.at(-1) ?? files[0])?.path ?? "" };
  };
  return { obstacleOf, write };
}
