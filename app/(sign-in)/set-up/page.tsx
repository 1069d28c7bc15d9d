import type { Metadata } from "next";
import { SetUpForm } from "@/components/factors/set-up-form";

export const metadata: Metadata = { title: "Set up" };

export default function SetUpPage() {
  return <SetUpForm />;
}
