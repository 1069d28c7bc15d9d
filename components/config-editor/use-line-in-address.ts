"use client";

import { useEffect, useRef } from "react";

/** Goes to the line that the address names when the page opens: "?at=/etc/ssh/sshd_config:12". */
export function useLineInAddress(goTo: (path: string, line: number) => void): void {
  const isDone = useRef(false);
  useEffect(() => {
    if (isDone.current) return;
    isDone.current = true;
    const at = new URLSearchParams(window.location.search).get("at");
    const [, path, line] = /^(.+?)(?::(\d{1,7}))?$/.exec(at ?? "") ?? [];
    if (path !== undefined) goTo(path, Number(line ?? 1));
  }, [goTo]);
}
