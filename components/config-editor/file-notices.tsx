"use client";

import type { ConfigFileView } from "@/lib/features/config/views";
import { Button } from "../ui/button";
import { Notice } from "../ui/notice";
import { RelativeTime } from "../ui/relative-time";
import type { DraftKeeper } from "./draft-keeper";
import { useDraftStatus } from "./use-drafts";

/** What must be known before one edits a file: that it moved on, that it cannot be edited, that others are at it. */
export function FileNotices({ file, keeper }: { file: ConfigFileView; keeper: DraftKeeper }) {
  const { stale } = useDraftStatus(keeper);
  return (
    <>
      {stale && (
        <Notice
          tone="warn"
          title="The file on the host is no longer the one that you began with"
          actions={
            <Button size="sm" onClick={() => keeper.discard()}>
              Discard my draft and start from the host's file
            </Button>
          }
        >
          Somebody changed it in the meantime. Your draft is kept; copy what you need from it.
        </Notice>
      )}
      {file.notEditable && <Notice tone="warn">{file.notEditable}</Notice>}
      {file.otherDrafts.map((other) => (
        <Notice key={other.personName} tone="info">
          {other.personName} is editing this file too (<RelativeTime at={other.updatedAt} />
          ). Whoever applies first wins; the other is told, and loses nothing.
        </Notice>
      ))}
    </>
  );
}
