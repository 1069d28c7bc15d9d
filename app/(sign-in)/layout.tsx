import type { ReactNode } from "react";
import { Brand } from "@/components/shell/brand";

export default function SignInLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto grid min-h-dvh w-full max-w-104 content-center gap-8 px-4 py-12">
      <Brand className="text-lg" />
      {children}
    </main>
  );
}
