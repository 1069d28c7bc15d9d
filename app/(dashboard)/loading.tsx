import { Skeleton, TableSkeleton } from "@/components/ui/skeleton";

/** Any page of the dashboard that is being read. */
export default function Loading() {
  return (
    <div className="mx-auto grid w-full max-w-6xl gap-5">
      <Skeleton className="h-7 w-40" />
      <TableSkeleton label="Reading" />
    </div>
  );
}
