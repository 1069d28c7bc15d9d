import { classNames } from "./class-names";

/** Where something will stand in a moment. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden className={classNames("block h-4 animate-breathe rounded-sm bg-pressed", className)} />
  );
}

const widths = ["w-32", "w-44", "w-24", "w-40", "w-36", "w-28", "w-30", "w-48"] as const;

/** A list that is being read, with the measures of the list itself, so that nothing jumps. */
export function TableSkeleton({ label }: { label: string }) {
  return (
    <div role="status" className="overflow-hidden rounded-lg border border-line bg-surface">
      <span className="sr-only">{label}</span>
      <div className="h-8 border-b border-line bg-sunken" />
      {widths.map((width) => (
        <div key={width} className="flex h-9 items-center gap-8 border-b border-line px-4 last:border-b-0">
          <Skeleton className={width} />
          <Skeleton className="hidden w-24 sm:block" />
          <Skeleton className="hidden w-40 md:block" />
          <Skeleton className="ml-auto w-16" />
        </div>
      ))}
    </div>
  );
}
