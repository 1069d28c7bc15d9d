import { TabLinks } from "@/components/ui/tab-links";

/** The pages of access, below the head of each. */
export function AccessTabs() {
  return (
    <TabLinks
      label="Pages of access"
      tabs={[
        { href: "/access", label: "Ways in" },
        { href: "/access/keys", label: "Keys" },
        { href: "/access/two-factor", label: "Second factor" },
        { href: "/access/findings", label: "Findings" },
        { href: "/access/what-if", label: "What if" },
        { href: "/access/rules", label: "Rules" },
        { href: "/access/policies", label: "Policies" },
        { href: "/access/reviews", label: "Reviews" },
      ]}
    />
  );
}
