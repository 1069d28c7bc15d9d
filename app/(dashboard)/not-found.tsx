import { ButtonLink } from "@/components/ui/button";
import { MessagePage } from "@/components/ui/message-page";

export default function NotFound() {
  return (
    <MessagePage
      title="There is no such thing here"
      actions={
        <>
          <ButtonLink href="/">To the overview</ButtonLink>
          <ButtonLink href="/hosts">To the hosts</ButtonLink>
        </>
      }
    >
      <p>It was removed, the link is mistyped, or your role may not see it.</p>
    </MessagePage>
  );
}
