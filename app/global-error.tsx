"use client";

import "./globals.css";

interface Props {
  error: Error & { digest?: string };
  retry: () => void;
}

/** Even the frame broke. Stands by itself: no fonts, no components that could break too. */
export default function GlobalError({ error, retry }: Props) {
  return (
    <html lang="en">
      <body className="grid min-h-dvh place-items-center px-4">
        <main className="grid max-w-md gap-3">
          <title>Gatehouse is in trouble</title>
          <h1 className="text-xl font-semibold">Gatehouse is in trouble</h1>
          <p className="text-sm text-ink-soft">
            Most likely its database does not answer. Logins to your hosts do not depend on it, and a change
            under way ends by itself. Look at the console where it was started.
            {error.digest && ` The log has it under ${error.digest}.`}
          </p>
          <button
            type="button"
            onClick={retry}
            className="h-8 w-fit rounded-md border border-line-strong px-3 text-sm font-medium"
          >
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}
