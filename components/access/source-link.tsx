import Link from "next/link";
import { UntrustedText } from "@/components/ui/untrusted-text";

interface Props {
  hostId: string;
  /** "path:line", or a path; null for what is built into sshd. */
  source: string | null;
  /** Files that the host's editor shows. */
  editable: readonly string[];
}

/** Where a line stands: a way to it where the host's editor shows the file. */
export function SourceLink({ hostId, source, editable }: Props) {
  if (source === null) return <span className="text-ink-faint">built into sshd</span>;
  const path = source.replace(/:\d+$/, "");
  if (!editable.includes(path))
    return <UntrustedText text={source} className="min-w-0 break-all font-mono text-ink-faint" />;
  return (
    <Link
      href={`/hosts/${hostId}/config?at=${encodeURIComponent(source)}`}
      prefetch={false}
      className="link w-fit min-w-0 break-all font-mono"
    >
      <UntrustedText text={source} />
    </Link>
  );
}
