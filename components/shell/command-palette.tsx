"use client";

import { Command } from "cmdk";
import { CircleUserRound, type LucideIcon, Plus, Search, Server, User } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog as Radix, VisuallyHidden } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { openPaletteEvent } from "./openers";
import { placesFor } from "./places";
import { usePaletteResults } from "./use-palette-results";

interface Act {
  label: string;
  href: string;
  icon: LucideIcon;
  permission?: string;
}

const acts: readonly Act[] = [
  { label: "Add a host", href: "/hosts/add", icon: Plus, permission: "host:enrol" },
  { label: "Import hosts", href: "/hosts/add?way=import", icon: Plus, permission: "host:enrol" },
  { label: "Your sign-in: passkeys, codes, sessions", href: "/me", icon: CircleUserRound },
];

const item =
  "flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 text-sm data-[selected=true]:bg-hover [&>svg]:size-4 [&>svg]:text-ink-faint";

function Item({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item value={value} onSelect={onSelect} className={item}>
      {children}
    </Command.Item>
  );
}

/** Ctrl/Cmd K: everything by its name. */
export function CommandPalette({ permissions }: { permissions: readonly string[] }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const found = usePaletteResults(open, text);

  useEffect(() => {
    const show = () => setOpen(true);
    function onKeyDown(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey) return;
      event.preventDefault();
      setOpen((now) => !now);
    }
    document.addEventListener("keydown", onKeyDown);
    window.addEventListener(openPaletteEvent, show);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      window.removeEventListener(openPaletteEvent, show);
    };
  }, []);

  function go(href: string) {
    setOpen(false);
    setText("");
    router.push(href);
  }
  const wanted = text.trim().toLowerCase();
  const matches = (label: string) => label.toLowerCase().includes(wanted);
  const places = placesFor(permissions).filter((place) => matches(place.label));
  const mayDo = acts.filter((a) => matches(a.label) && (!a.permission || permissions.includes(a.permission)));

  return (
    <Radix.Root open={open} onOpenChange={setOpen}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-fade-in bg-veil" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 animate-fade-in overflow-hidden rounded-xl border border-line-strong bg-raised shadow-float focus:outline-none"
        >
          <VisuallyHidden.Root>
            <Radix.Title>Find a host, a person or an action</Radix.Title>
          </VisuallyHidden.Root>
          <Command shouldFilter={false} label="Find a host, a person or an action" loop>
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              <Search aria-hidden className="size-4 shrink-0 text-ink-faint" />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder="Find a host, a person or an action"
                className="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none sm:text-base"
              />
            </div>
            <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint">
              {found.state === "ready" && (
                <Command.Empty className="px-2 py-8 text-center text-sm text-ink-soft">
                  Nothing is called “{text}”.
                </Command.Empty>
              )}
              {found.hosts.length > 0 && (
                <Command.Group heading="Hosts">
                  {found.hosts.map((host) => (
                    <Item key={host.id} value={`host ${host.id}`} onSelect={() => go(`/hosts/${host.id}`)}>
                      <Server aria-hidden />
                      <span className="truncate font-medium">{host.name}</span>
                      <span className="truncate font-mono text-xs text-ink-faint">
                        {host.address}
                        {host.port === 22 ? "" : `:${host.port}`}
                      </span>
                    </Item>
                  ))}
                </Command.Group>
              )}
              {found.people.length > 0 && (
                <Command.Group heading="People">
                  {found.people.map((person) => (
                    <Item
                      key={person.id}
                      value={`person ${person.id}`}
                      onSelect={() => go(`/people?q=${encodeURIComponent(person.login)}`)}
                    >
                      <User aria-hidden />
                      <span className="truncate font-medium">{person.name}</span>
                      <span className="truncate text-xs text-ink-faint">
                        {person.login} · {person.role}
                      </span>
                    </Item>
                  ))}
                </Command.Group>
              )}
              {places.length > 0 && (
                <Command.Group heading="Go to">
                  {places.map((place) => (
                    <Item key={place.href} value={`place ${place.href}`} onSelect={() => go(place.href)}>
                      <place.icon aria-hidden /> {place.label}
                    </Item>
                  ))}
                </Command.Group>
              )}
              {mayDo.length > 0 && (
                <Command.Group heading="Do">
                  {mayDo.map((act) => (
                    <Item key={act.href} value={`act ${act.href}`} onSelect={() => go(act.href)}>
                      <act.icon aria-hidden /> {act.label}
                    </Item>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
