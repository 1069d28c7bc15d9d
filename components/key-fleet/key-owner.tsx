import Link from "next/link";
import { Status } from "@/components/ui/badge";
import type { FoundKeyRow } from "@/lib/features/key-fleet/views";

/** Whose a key is said to be, and how far that is known. */
export function KeyOwner({ owner }: Pick<FoundKeyRow, "owner">) {
  if (!owner) return <Status tone="warn">nobody's</Status>;
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2">
      <Link
        href={`/people/${owner.id}`}
        prefetch={false}
        className="truncate rounded-sm hover:underline hover:underline-offset-3"
      >
        {owner.name}
      </Link>
      {owner.hasLeft ? (
        <Status tone="danger">has left</Status>
      ) : (
        !owner.isProved && <Status tone="warn">not proved</Status>
      )}
    </span>
  );
}
