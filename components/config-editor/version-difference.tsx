"use client";

import { useRouter } from "next/navigation";
import { useMemo } from "react";
import type { ConfigVersionView, HostConfigView } from "@/lib/features/config/views";
import { findBuild } from "@/lib/sshd-config/build";
import { diffMeaning } from "@/lib/sshd-config/diff-meaning";
import { Field } from "../ui/field";
import { Select } from "../ui/select";
import { MeaningList } from "./meaning-list";
import { TextMerge } from "./merge-view";

interface Side {
  id: string;
  content: string;
}

interface Props {
  /** The host's files as they are now: the others of the tree are taken as they stand today. */
  config: HostConfigView;
  path: string;
  versions: readonly ConfigVersionView[];
  before: Side;
  after: Side;
  nonce?: string | undefined;
}

/** Two kept versions of a file: what lies between them in effect, and in the text. */
export function VersionDifference({ config, path, versions, before, after, nonce }: Props) {
  const router = useRouter();
  const { build } = findBuild(config.sshdPackage ?? config.sshdVersion ?? "");
  const differences = useMemo(() => {
    const files = config.files.filter((file) => !file.gone);
    const treeOf = (text: string) =>
      files.map((file) => ({ path: file.path, text: file.path === path ? text : file.content }));
    return diffMeaning(treeOf(before.content), treeOf(after.content), build);
  }, [config.files, path, before.content, after.content, build]);
  const nameOf = (id: string) => {
    const version = versions.find((one) => one.id === id);
    return version ? `Version ${version.number}${version.current ? ", on the host" : ""}` : "Another version";
  };
  const show = (from: string, to: string) =>
    router.push(`/hosts/${config.hostId}/history?version=${from}&with=${to}#difference`, { scroll: false });
  const choice = (label: string, side: Side, choose: (id: string) => void) => (
    <Field label={label}>
      {(control) => (
        <Select {...control} value={side.id} onChange={(event) => choose(event.target.value)}>
          {versions.map(({ id }) => (
            <option key={id} value={id}>
              {nameOf(id)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap gap-4">
        {choice("From", before, (id) => show(id, after.id))}
        {choice("To", after, (id) => show(before.id, id))}
      </div>
      {before.content === after.content ? (
        <p className="text-sm text-ink-soft">The text is the same on both sides.</p>
      ) : (
        <>
          <MeaningList differences={differences} />
          <TextMerge
            before={{ label: nameOf(before.id), text: before.content }}
            after={{ label: nameOf(after.id), text: after.content }}
            nonce={nonce}
          />
        </>
      )}
    </div>
  );
}
