"use client";

import { Search } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { classNames } from "./class-names";
import { Spinner } from "./spinner";

interface Props {
  label: string;
  /** The words in the address now. */
  value: string;
  /** Name of the parameter. */
  name?: string;
  className?: string;
}

/** A pause after the last key: a list is not read for every letter. */
const pauseMilliseconds = 200;

/** Free words that narrow a list down while they are typed. They live in the address; the page number goes. */
export function ListSearch({ label, value, name = "q", className }: Props) {
  const router = useRouter();
  const path = usePathname();
  const query = useSearchParams();
  const [text, setText] = useState(value);
  const sent = useRef(value);

  // "Clear all", or Back: somebody else changed the address.
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);

  useEffect(() => {
    const wanted = text.trim();
    if (wanted === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = wanted;
      const next = new URLSearchParams(query);
      for (const stale of ["page", "before", name]) next.delete(stale);
      if (wanted !== "") next.set(name, wanted);
      router.replace(next.size > 0 ? `${path}?${next}` : path, { scroll: false });
    }, pauseMilliseconds);
    return () => clearTimeout(timer);
  }, [text, name, path, query, router]);

  const busy = text.trim() !== value;
  return (
    <label className={classNames("relative block w-full max-w-md", className)}>
      <span className="sr-only">{label}</span>
      <span className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-faint">
        {busy ? <Spinner /> : <Search aria-hidden className="size-4" />}
      </span>
      <input
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        className="h-8 w-full rounded-md border border-line-control bg-surface pr-2.5 pl-8 text-lg transition-colors hover:border-ink-faint focus-visible:rounded-md focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 sm:text-sm"
      />
    </label>
  );
}
