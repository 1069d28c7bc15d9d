import { UntrustedText } from "@/components/ui/untrusted-text";
import type { KeyImportView } from "@/lib/features/key-imports/views";

/** What stands at a place and is no key to import: each line with its reason. */
export function RefusedLines({ lines }: { lines: KeyImportView["refusedLines"] }) {
  if (lines.length === 0) return null;
  return (
    <details className="text-sm">
      <summary className="cursor-pointer rounded-sm text-ink-soft hover:text-ink">
        {lines.length === 1 ? "1 line was refused" : `${lines.length} lines were refused`}
      </summary>
      <ul className="mt-2 grid grid-cols-1 gap-2">
        {lines.map(({ number, text, reason }) => (
          <li key={number} className="grid grid-cols-1 gap-0.5 rounded-md bg-sunken px-3 py-2">
            <p className="text-xs text-ink-soft">
              Line {number}: {reason}
            </p>
            <p className="break-all font-mono text-xs">
              <UntrustedText text={text} />
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}
