"use client";

import { useEffect, useRef } from "react";
import { classNames } from "./class-names";
import { CopyButton } from "./copy-button";
import { UntrustedText } from "./untrusted-text";

interface Props {
  /** What is being done: "Output of apt-get". */
  label: string;
  /** Everything so far; a host's words. */
  text: string;
  /** More will come. */
  live?: boolean;
  className?: string;
}

/** Output as it comes. Follows the end, unless the person has scrolled up to read. */
export function LogView({ label, text, live = false, className }: Props) {
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const element = box.current;
    // A browser clamps the offset: the length of the text is always beyond the end.
    if (element && follows.current) element.scrollTop = Math.max(element.scrollHeight, text.length);
  }, [text]);
  return (
    <figure
      className={classNames(
        "relative overflow-hidden rounded-lg border border-line-strong bg-sunken",
        className,
      )}
    >
      <figcaption className="sr-only">{label}</figcaption>
      <pre
        ref={box}
        role="log"
        aria-label={label}
        aria-busy={live}
        tabIndex={0}
        onScroll={({ currentTarget: element }) => {
          follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
        }}
        className="max-h-80 min-h-16 overflow-auto whitespace-pre-wrap break-words py-2.5 pr-12 pl-3 font-mono text-xs leading-5"
      >
        <UntrustedText text={text} keep={"\n\t"} />
        {live && (
          <span
            aria-hidden
            className="ml-0.5 inline-block h-3 w-1.5 animate-breathe bg-ink-faint align-middle"
          />
        )}
      </pre>
      {text !== "" && (
        <CopyButton text={text} label={`Copy: ${label}`} className="absolute top-1.5 right-1.5 bg-sunken" />
      )}
    </figure>
  );
}
