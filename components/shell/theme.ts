"use client";

import { useSyncExternalStore } from "react";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const event = "gatehouse-theme";
const yearSeconds = 31_536_000;

function read(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}

function watch(onChange: () => void): () => void {
  window.addEventListener(event, onChange);
  return () => window.removeEventListener(event, onChange);
}

/** Chooses for this browser: at once, and by a cookie, so that the next page comes in it from the first byte. */
export function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const age = theme === "system" ? 0 : yearSeconds;
  // Not by the Cookie Store API: that one exists only on https.
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Strict`;
  window.dispatchEvent(new Event(event));
}

export function useTheme(): Theme {
  return useSyncExternalStore(watch, read, () => "system");
}
