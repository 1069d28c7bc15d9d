import { Status } from "../ui/badge";
import type { DraftStatus } from "./draft-keeper";

/** Where the person's work is: on the host, on our server, or only in this browser. */
export function SaveStatus({ status: { state, dirty } }: { status: DraftStatus }) {
  return (
    <span role="status" className="text-xs">
      {state === "failed" ? (
        <Status tone="danger">Draft not saved yet</Status>
      ) : state === "discarding" ? (
        <Status tone="busy">Discarding draft</Status>
      ) : state === "waiting" || state === "saving" ? (
        <Status tone="busy">Saving draft</Status>
      ) : dirty ? (
        <Status tone="info">Draft saved</Status>
      ) : (
        <Status tone="ok">As on the host</Status>
      )}
    </span>
  );
}
