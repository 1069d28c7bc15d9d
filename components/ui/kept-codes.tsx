"use client";

import { Download, Printer } from "lucide-react";
import { useId, useState } from "react";
import { Button, DownloadLink } from "./button";
import { Checkbox } from "./checkbox";
import { CopyButton } from "./copy-button";
import { Notice } from "./notice";

/** What the codes are called, and what they are for. */
export interface CodeWords {
  /** "recovery codes" */
  name: string;
  text: string;
  /** The first line of the file. */
  heading: string;
  fileName: string;
}

const recoveryWords: CodeWords = {
  name: "recovery codes",
  text: "They let you in when your app or phone is lost. They are shown only now; each works once.",
  heading: "Gatehouse recovery codes. Each works once, in place of a code of your app.",
  fileName: "gatehouse-recovery-codes.txt",
};

interface Props {
  codes: readonly string[];
  /** What the button says that ends it: "Go to the overview". */
  doneLabel: string;
  onDone: () => void;
  words?: CodeWords;
}

function asFile(codes: readonly string[], heading: string): string {
  const text = `${heading}\n\n${codes.join("\n")}\n`;
  return `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`;
}

/** Codes for the day that the app is lost, this once. Goes on only when the person says that he has kept them. */
export function KeptCodes({ codes, doneLabel, onDone, words = recoveryWords }: Props) {
  const [kept, setKept] = useState(false);
  const id = useId();
  return (
    <div className="grid gap-4">
      <Notice tone="warn" title={`Keep these ${words.name}`}>
        {words.text}
      </Notice>
      <ol
        aria-label={`Your ${words.name}`}
        className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-lg border border-line-strong bg-sunken px-4 py-3 font-mono text-sm"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="flex flex-wrap gap-2 print:hidden">
        <CopyButton text={codes.join("\n")} label="Copy" withLabel />
        <DownloadLink size="sm" href={asFile(codes, words.heading)} download={words.fileName}>
          <Download aria-hidden /> Download
        </DownloadLink>
        <Button size="sm" onClick={() => window.print()}>
          <Printer aria-hidden /> Print
        </Button>
      </div>
      <div className="flex items-center gap-2 print:hidden">
        <Checkbox id={id} checked={kept} onChange={(event) => setKept(event.target.checked)} />
        <label htmlFor={id} className="text-sm">
          I have kept these codes in a safe place
        </label>
      </div>
      <Button variant="primary" size="lg" disabled={!kept} onClick={onDone} className="print:hidden">
        {doneLabel}
      </Button>
    </div>
  );
}
