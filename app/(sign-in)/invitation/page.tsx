import type { Metadata } from "next";
import { InvitationForm } from "@/components/factors/invitation-form";

export const metadata: Metadata = { title: "Invitation" };

export default function InvitationPage() {
  return <InvitationForm />;
}
