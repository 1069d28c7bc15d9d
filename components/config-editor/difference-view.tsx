"use client";

import Link from "next/link";
import { useDeferredValue, useMemo } from "react";
import type { ConfigFileView } from "@/lib/features/config/views";
import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { diffMeaning } from "@/lib/sshd-config/diff-meaning";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { Notice } from "../ui/notice";
import { Section } from "../ui/section";
import { UntrustedText } from "../ui/untrusted-text";
import { MeaningList } from "./meaning-list";
import { TextMerge } from "./merge-view";

interface Props {
  /** Of the host, the main file first. */
  files: readonly ConfigFileView[];
  current: ConfigFileView;
  /** As they are being edited, in the same order. */
  tree: readonly ConfigFile[];
  build: Build;
  /** Of the texts as they are being edited. */
  diagnostics: readonly Diagnostic[];
  /** Where the kept versions of the files are compared. */
  historyHref: string;
  nonce?: string | undefined;
}

/** What a person has changed: first what it means, of all files together, then the text of the current one. */
export function DifferenceView({
  files,
  current,
  tree: latest,
  build,
  diagnostics,
  historyHref,
  nonce,
}: Props) {
  const tree = useDeferredValue(latest);
  const live = useMemo(() => files.map(({ path, content }) => ({ path, text: content })), [files]);
  const differences = useMemo(() => diffMeaning(live, tree, build), [live, tree, build]);
  const drafted = files.filter((file, i) => tree[i]?.text !== file.content);
  const draft = tree.find(({ path }) => path === current.path)?.text ?? current.content;
  const error = diagnostics.find(({ severity }) => severity === "error");
  return (
    <div className="grid grid-cols-1 gap-6">
      <Section
        title="What it means"
        lead={
          drafted.length > 1
            ? `Your drafts of ${drafted.length} files together, as ${build.label} reads them. Each file is reviewed and applied by itself.`
            : `As ${build.label} reads it; the plan of a change asks the host itself.`
        }
        bare
      >
        {error && (
          <Notice tone="danger" title="sshd would refuse to start with this">
            <UntrustedText text={`${error.path}:${error.line}: ${error.what}`} /> The rest would mean:
          </Notice>
        )}
        <MeaningList differences={differences} />
      </Section>
      <Section
        title="The text"
        lead={
          <>
            Earlier texts are compared in the{" "}
            <Link href={historyHref} className="link">
              history
            </Link>
            .
          </>
        }
        bare
      >
        {draft === current.content ? (
          <p className="text-sm text-ink-soft">This file is as on the host: you have no draft of it.</p>
        ) : (
          <TextMerge
            before={{ label: "On the host", text: current.content }}
            after={{ label: "Your draft", text: draft }}
            nonce={nonce}
          />
        )}
      </Section>
    </div>
  );
}
