import { cookies, headers } from "next/headers";
import { cookieName } from "@/lib/session/cookie";

/** The session token of the page that is being rendered. */
export async function pageToken(): Promise<string | undefined> {
  return (await cookies()).get(cookieName("session"))?.value;
}

/** The headers of the request for the page that is being rendered. */
export async function pageHeaders(): Promise<Headers> {
  return new Headers(await headers());
}

/** The look that the person chose for this browser; undefined: as the system. */
export async function readTheme(): Promise<"light" | "dark" | undefined> {
  const theme = (await cookies()).get("theme")?.value;
  return theme === "light" || theme === "dark" ? theme : undefined;
}
