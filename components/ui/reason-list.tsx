import { UntrustedText } from "./untrusted-text";

interface Reason {
  /** The line that decides, as a host wrote it. */
  text: string;
  /** Where it stands: "/etc/ssh/sshd_config:3"; null for what is built into sshd. */
  source: string | null;
}

/** The lines that decide, each with its place, in the order in which they do. */
export function ReasonList({ reasons, label }: { reasons: readonly Reason[]; label: string }) {
  return (
    <ol aria-label={label} className="grid min-w-0 gap-1 border-l border-line-strong pl-3 text-xs">
      {reasons.map(({ text, source }) => (
        <li key={`${source} ${text}`} className="grid min-w-0 gap-x-3 sm:flex sm:flex-wrap">
          <code className="min-w-0 break-all font-mono text-ink">
            <UntrustedText text={text} />
          </code>
          <span className="min-w-0 break-all text-ink-faint">
            {source ? <UntrustedText text={source} /> : "built into sshd"}
          </span>
        </li>
      ))}
    </ol>
  );
}
