import { classNames } from "./class-names";
import { CopyButton } from "./copy-button";

interface Props {
  /** What stands here: "Install command". */
  label: string;
  text: string;
  /** Breaks long lines instead of scrolling. */
  wrap?: boolean;
  className?: string;
}

/** A command or a file that people carry elsewhere, whole, with its copy button. */
export function CodeBlock({ label, text, wrap = false, className }: Props) {
  return (
    <figure className={classNames("relative rounded-lg border border-line-strong bg-sunken", className)}>
      <figcaption className="sr-only">{label}</figcaption>
      {/* A scrolling region must be reachable by keyboard. */}
      <pre
        tabIndex={0}
        className={classNames(
          "overflow-x-auto py-2.5 pr-12 pl-3 font-mono text-xs leading-5 focus-visible:rounded-lg",
          wrap && "whitespace-pre-wrap break-all",
        )}
      >
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={`Copy: ${label}`} className="absolute top-1.5 right-1.5 bg-sunken" />
    </figure>
  );
}
