import { classNames } from "@/components/ui/class-names";

/** The mark: a gatehouse with its gate, and the keyhole in it. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinejoin="round"
      className={classNames("size-5 shrink-0", className)}
    >
      <path d="M2.75 17.25V3.75h2.5v2h2.5v-2h4.5v2h2.5v-2h2.5v13.5z" />
      <path d="M7 17.25v-3.5a3 3 0 0 1 6 0v3.5" />
    </svg>
  );
}

export function Brand({ className }: { className?: string }) {
  return (
    <span
      className={classNames(
        "inline-flex items-center gap-2 text-base font-semibold tracking-tight",
        className,
      )}
    >
      <Mark className="text-accent" />
      Gatehouse
    </span>
  );
}
