import { visibleParts } from "./visible-text";

interface Props {
  /** What a host said. */
  text: string;
  /** Characters that may take effect: "\n\t" in a log. */
  keep?: string;
  className?: string;
}

/**
 * A text of a host, which may be hostile: text nodes only, isolated from the direction of its surroundings, with
 * control, bidirectional and invisible characters shown as escapes.
 */
export function UntrustedText({ text, keep, className }: Props) {
  return (
    <bdi className={className}>
      {visibleParts(text, keep).map((part) =>
        part.escaped ? (
          <span
            key={part.offset}
            title="An invisible or control character, shown as an escape"
            className="rounded-sm bg-warn-soft px-0.5 font-mono text-[0.92em] text-warn"
          >
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </bdi>
  );
}
