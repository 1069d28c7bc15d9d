import { Status } from "../ui/badge";
import type { SaveState } from "./use-draft";

/** Where the person's work is: on the host, on our server, or only in this browser. */
export function SaveStatus({ state, dirty }: { state: SaveState; dirty: boolean }) {
  return (
    <span role="status" className="text-xs">
      {state === "failed" ? (
        <Status tone="danger">Draft not saved yet</Status>
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
