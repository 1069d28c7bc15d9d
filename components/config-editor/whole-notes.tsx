"use client";

import type { WholeDocument } from "@/lib/sshd-config/whole";
import { Notice } from "../ui/notice";
import { UntrustedText } from "../ui/untrusted-text";

/** What is odd about how the files hang together: read twice, never, Includes of nothing, circles. */
export function WholeNotes({ whole: { repeated, unread, empty, isCut } }: { whole: WholeDocument }) {
  return (
    <>
      {isCut && (
        <Notice tone="danger" title="Files include each other without end">
          sshd refuses to start. The text below leaves them out where they come again.
        </Notice>
      )}
      {unread.length > 0 && (
        <Notice tone="warn" title="Read by no Include any more">
          <Paths paths={unread} />
        </Notice>
      )}
      {repeated.size > 0 && (
        <Notice tone="info" title="Read more than once">
          <Paths paths={[...repeated.keys()]} /> Of most directives the first value wins, so the second
          reading changes little; lists such as AllowUsers grow.
        </Notice>
      )}
      {empty.length > 0 && (
        <Notice tone="info" title="Includes that name no file">
          <ul>
            {empty.map(({ path, line, word }) => (
              <li key={`${path}:${line}:${word}`} className="font-mono text-xs">
                <UntrustedText text={`${path}:${line}: ${word}`} />
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}

function Paths({ paths }: { paths: readonly string[] }) {
  return (
    <span className="font-mono text-xs">
      {paths.map((path, i) => (
        <span key={path}>
          {i > 0 && ", "}
          <UntrustedText text={path} />
        </span>
      ))}
      .
    </span>
  );
}
