"use client";

import { type ReactNode, useState } from "react";
import { TabList, TabPanel, Tabs } from "../ui/tabs";

/** One of the things that stand beside the text. */
export interface SideView {
  name: string;
  /** Short: several must stand in a row. */
  label: string;
  count?: number | undefined;
  content: ReactNode;
}

/** What helps beside the text: one view of several at a time. On a phone it stands below. */
export function SidePanel({ views }: { views: readonly [SideView, ...SideView[]] }) {
  const [name, setName] = useState(views[0].name);
  const shown = views.find((view) => view.name === name) ?? views[0];
  return (
    <aside aria-label={shown.label} className="min-w-0">
      <Tabs value={shown.name} onChange={setName} className="grid min-w-0 grid-cols-1 gap-2">
        <TabList label="Beside the text" tabs={views} className="w-fit" />
        {views.map((view) => (
          <TabPanel key={view.name} name={view.name}>
            {view.content}
          </TabPanel>
        ))}
      </Tabs>
    </aside>
  );
}
