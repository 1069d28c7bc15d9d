import { Page } from "@/components/ui/page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <Page title="Access">
      <TableSkeleton label="Reading the ways in" />
    </Page>
  );
}
