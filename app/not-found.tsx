import { ButtonLink } from "@/components/ui/button";
import { MessagePage } from "@/components/ui/message-page";

export default function NotFound() {
  return (
    <main className="px-4">
      <MessagePage title="There is no such page" actions={<ButtonLink href="/">To the overview</ButtonLink>}>
        <p>It was removed, the link is mistyped, or your role may not see it.</p>
      </MessagePage>
    </main>
  );
}
