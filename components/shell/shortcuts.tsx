"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { isTyping } from "@/components/ui/use-row-keys";
import { openShortcutsEvent } from "./openers";
import { placesFor } from "./places";

/** How long after `g` the second key still counts. */
const chordMilliseconds = 1_200;

/** The page's keys: `g h` goes to Hosts and so on, `?` shows them all. */
export function Shortcuts({ permissions }: { permissions: readonly string[] }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const places = placesFor(permissions);
  const chordUntil = useRef(0);

  useEffect(() => {
    const show = () => setOpen(true);
    function onKeyDown(event: KeyboardEvent) {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") {
        event.preventDefault();
        return show();
      }
      if (event.timeStamp < chordUntil.current) {
        chordUntil.current = 0;
        const place = placesFor(permissions).find(({ key }) => key === event.key);
        if (place) {
          event.preventDefault();
          router.push(place.href);
        }
      } else if (event.key === "g") chordUntil.current = event.timeStamp + chordMilliseconds;
      else if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("main input[type=search]");
        if (search) {
          event.preventDefault();
          search.select();
        }
      }
    }
    document.addEventListener("keydown", onKeyDown);
    window.addEventListener(openShortcutsEvent, show);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      window.removeEventListener(openShortcutsEvent, show);
    };
  }, [permissions, router]);

  return (
    <Dialog open={open} onOpenChange={setOpen} title="Keyboard shortcuts" className="max-w-md">
      <div className="grid gap-4 text-sm">
        <Group title="Everywhere">
          <Row keys={["Ctrl", "K"]} or="⌘ K">
            Find a host, a person or an action
          </Row>
          <Row keys={["/"]}>Filter the list on this page</Row>
          <Row keys={["?"]}>Show this list</Row>
        </Group>
        <Group title="In a list">
          <Row keys={["j"]}>Next row</Row>
          <Row keys={["k"]}>Previous row</Row>
          <Row keys={["x"]}>Select the row</Row>
          <Row keys={["Enter"]}>Open the row</Row>
        </Group>
        <Group title="In the editor">
          <Row keys={["Ctrl", "Space"]}>Complete the word</Row>
          <Row keys={["F8"]}>Next problem</Row>
          <Row keys={["Ctrl", "."]}>Do the quick fix of this line</Row>
          <Row keys={["Tab"]}>Leave the editor</Row>
        </Group>
        <Group title="Go to">
          {places.map((place) => (
            <Row key={place.href} keys={["g", place.key]}>
              {place.label}
            </Row>
          ))}
        </Group>
      </div>
    </Dialog>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="caption pb-1">{title}</h3>
      <dl className="grid divide-y divide-line">{children}</dl>
    </section>
  );
}

function Row({ keys, or, children }: { keys: readonly string[]; or?: string; children: ReactNode }) {
  return (
    <div className="flex h-8 items-center justify-between gap-4">
      <dt>{children}</dt>
      <dd className="flex items-center gap-1">
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
        {or && <span className="pl-1 text-xs text-ink-faint">or {or}</span>}
      </dd>
    </div>
  );
}
