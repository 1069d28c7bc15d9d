"use client";

import { CircleUserRound, Keyboard, LogOut } from "lucide-react";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "@/components/ui/menu";
import { useCommand } from "@/components/ui/use-command";
import type { ViewerView } from "@/lib/features/people/views";
import { openShortcuts } from "./openers";
import { setTheme, themes, useTheme } from "./theme";

const themeWords = { system: "As the system", light: "Light", dark: "Dark" };

interface Props {
  viewer: ViewerView;
  trigger: ReactNode;
  side: "top" | "bottom";
}

/** What concerns the person himself: his sign-in, the look, the way out. */
export function ViewerMenu({ viewer, trigger, side }: Props) {
  const router = useRouter();
  const theme = useTheme();
  const signOut = useCommand("/api/v1/sign-out", {
    refresh: false,
    // A whole new page: nothing that was read for this person stays in memory.
    onDone: () => window.location.assign("/sign-in"),
  });
  return (
    <Menu trigger={trigger} side={side} align={side === "top" ? "start" : "end"}>
      <div className="px-2 pt-1.5 pb-2">
        <p className="truncate text-sm font-medium">{viewer.name}</p>
        <p className="truncate text-xs text-ink-faint">
          {viewer.login} · {viewer.role}
        </p>
      </div>
      <MenuSeparator />
      <MenuItem onSelect={() => router.push("/me")}>
        <CircleUserRound aria-hidden /> Your sign-in
      </MenuItem>
      <MenuItem onSelect={openShortcuts}>
        <Keyboard aria-hidden /> Keyboard shortcuts
      </MenuItem>
      <MenuSeparator />
      <MenuLabel>Appearance</MenuLabel>
      <MenuChoice
        value={theme}
        onChange={setTheme}
        choices={themes.map((value) => ({ value, label: themeWords[value] }))}
      />
      <MenuSeparator />
      <MenuItem onSelect={() => void signOut.send()}>
        <LogOut aria-hidden /> Sign out
      </MenuItem>
    </Menu>
  );
}
