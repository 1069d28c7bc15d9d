import { Page } from "@/components/ui/page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <Page title="Hosts">
      <TableSkeleton label="Reading the hosts" />
    </Page>
  );
}
