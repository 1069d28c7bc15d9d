import type { Metadata } from "next";
import { SignInForm } from "@/components/factors/sign-in-form";

export const metadata: Metadata = { title: "Sign in" };

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function SignInPage({ searchParams }: Props) {
  const { next } = await searchParams;
  return <SignInForm next={typeof next === "string" ? next : "/"} />;
}
