"use client";

import { Button, ButtonLink } from "@/components/ui/button";
import { MessagePage } from "@/components/ui/message-page";

interface Props {
  error: Error & { digest?: string };
  retry: () => void;
}

/** A page of the dashboard that broke: a bug of ours, or the database is away. */
export default function ErrorPage({ error, retry }: Props) {
  return (
    <MessagePage
      title="This page could not be shown"
      actions={
        <>
          <Button variant="primary" onClick={retry}>
            Try again
          </Button>
          <ButtonLink href="/">To the overview</ButtonLink>
        </>
      }
    >
      <p>
        Something failed on our side. Nothing on your hosts depends on this page: a change under way ends by
        itself.
      </p>
      {error.digest && (
        <p>
          The log has it under <code className="font-mono text-xs text-ink">{error.digest}</code>.
        </p>
      )}
    </MessagePage>
  );
}
