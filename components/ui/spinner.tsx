import { LoaderCircle } from "lucide-react";
import { classNames } from "./class-names";

/** Something is under way. Decorative: the words beside it say what. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={classNames("size-4 shrink-0 animate-turn", className)} />;
}
