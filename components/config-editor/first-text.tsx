import { UntrustedText } from "../ui/untrusted-text";

/** As many lines as the highest editor shows. */
const shownLines = 60;

/**
 * The beginning of a text as the server writes it, in the editor's own measures: it is there to read before the editor
 * is, and nothing moves when the editor takes its place.
 */
export function FirstText({ text }: { text: string }) {
  const lines = text.split("\n");
  const shown = lines.slice(0, shownLines);
  return (
    <div className="absolute inset-0 flex overflow-hidden bg-surface py-2 font-mono text-sm leading-5">
      {/* Its numbers, and the room of its signs for folds and findings. */}
      <pre
        aria-hidden
        className="shrink-0 select-none border-r border-line pr-[31px] pl-[5px] text-right font-mono text-ink-faint"
      >
        {shown.map((_, index) => index + 1).join("\n")}
        {/* The editor's column is as wide as its last number. */}
        <span className="block h-0 overflow-hidden">{lines.length}</span>
      </pre>
      <pre className="px-3 font-mono">
        <UntrustedText text={shown.join("\n")} keep={"\n\t"} />
      </pre>
    </div>
  );
}
