import { ButtonLink } from "@/components/ui/button";
import { MessagePage } from "@/components/ui/message-page";

export default function Forbidden() {
  return (
    <MessagePage
      title="Your role does not allow this"
      actions={<ButtonLink href="/">Back to where you may be</ButtonLink>}
    >
      <p>Nothing was changed. Ask an owner or admin of Gatehouse for another role if you need this page.</p>
    </MessagePage>
  );
}
