import type { SshdTestView } from "@/lib/features/config/views";
import { Notice } from "../ui/notice";
import { UntrustedText } from "../ui/untrusted-text";

/** What the host's own `sshd -t` said of the whole configuration with this text. */
export function TestResult({ result, outdated }: { result: SshdTestView; outdated: boolean }) {
  const fine = result.code === 0;
  return (
    <Notice
      tone={outdated ? "neutral" : fine ? (result.lines.length > 0 ? "warn" : "ok") : "danger"}
      title={
        fine
          ? "sshd -t on the host accepts this"
          : `sshd -t on the host refuses this (exit code ${result.code})`
      }
      urgent={!fine && !outdated}
    >
      {outdated && <p>You have edited the text since.</p>}
      {result.lines.length > 0 && (
        <ul className="grid gap-1 font-mono text-xs">
          {result.lines.map((line) => (
            <li key={`${line.path}:${line.line}:${line.text}`}>
              {line.path && line.line !== null && (
                <span className="text-ink-faint">
                  <UntrustedText text={line.path} />:{line.line}{" "}
                </span>
              )}
              <UntrustedText text={line.text} />
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
