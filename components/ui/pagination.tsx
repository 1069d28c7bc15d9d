import { ChevronLeft, ChevronRight } from "lucide-react";
import { ButtonLink } from "./button";

interface Props {
  page: number;
  perPage: number;
  total: number;
  /** The address of a page, beginning at 1. */
  hrefOf: (page: number) => string;
  /** What is counted: "hosts". */
  noun: string;
}

/** Where in a list the reader is, and the way on. Nothing when all fits. */
export function Pagination({ page, perPage, total, hrefOf, noun }: Props) {
  const last = Math.max(1, Math.ceil(total / perPage));
  if (last === 1) return null;
  const from = (page - 1) * perPage + 1;
  const to = Math.min(total, page * perPage);
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-3 py-3 text-xs text-ink-soft">
      <span>
        {from}–{to} of {total} {noun}
      </span>
      <span className="flex gap-2">
        {page > 1 && (
          <ButtonLink size="sm" href={hrefOf(page - 1)} prefetch={false} rel="prev">
            <ChevronLeft aria-hidden /> Previous
          </ButtonLink>
        )}
        {page < last && (
          <ButtonLink size="sm" href={hrefOf(page + 1)} prefetch={false} rel="next">
            Next <ChevronRight aria-hidden />
          </ButtonLink>
        )}
      </span>
    </nav>
  );
}
