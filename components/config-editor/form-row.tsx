"use client";

import { ChevronRight, CircleAlert, Info, RotateCcw, TriangleAlert } from "lucide-react";
import { useId, useState } from "react";
import { visibleText } from "@/components/ui/visible-text";
import type { Build } from "@/lib/sshd-config/build";
import { describeKind } from "@/lib/sshd-config/describe";
import type { Diagnostic, Severity } from "@/lib/sshd-config/diagnostic";
import type { FormField } from "@/lib/sshd-config/form";
import { Button } from "../ui/button";
import { UntrustedText } from "../ui/untrusted-text";
import { FormControl } from "./form-control";

interface Props {
  field: FormField;
  build: Build;
  /** What is said about the lines that decide the field. */
  diagnostics: readonly Diagnostic[];
  /** Why it cannot be written, or null. */
  obstacle: string | null;
  /** @returns why it was refused, if it was */
  onWrite: (value: string) => string | undefined;
  onGo: (path: string, line: number) => void;
}

const icons: Record<Severity, typeof Info> = { error: CircleAlert, warning: TriangleAlert, info: Info };
const tones: Record<Severity, string> = { error: "text-danger", warning: "text-warn", info: "text-ink-soft" };

/** One directive: what it means, its control, where its value comes from, and what is wrong with it. */
export function FormRow({ field, build, diagnostics, obstacle, onWrite, onGo }: Props) {
  const id = useId();
  const [refused, setRefused] = useState<string>();
  const { keyword } = field;
  const isWrong = refused !== undefined || diagnostics.some(({ severity }) => severity === "error");
  const write = (value: string) => setRefused(onWrite(value));
  return (
    <div className="grid grid-cols-1 gap-x-6 gap-y-2 px-4 py-3 sm:grid-cols-[minmax(0,1fr)_minmax(12rem,18rem)]">
      <div className="grid content-start gap-0.5">
        <label htmlFor={id} className="w-fit font-mono text-sm font-medium">
          {keyword.name}
        </label>
        <p id={`${id}-help`} className="text-xs text-ink-soft">
          {keyword.help}
          {field.control !== "choice" && <> Takes {describeKind(keyword, build)}.</>}
        </p>
      </div>
      <div className="grid content-start gap-1">
        <div className="flex items-start gap-1">
          <FormControl
            id={id}
            field={field}
            disabled={obstacle !== null}
            describedBy={`${id}-help ${id}-from ${id}-findings`}
            isWrong={isWrong}
            onWrite={write}
          />
          {field.control !== "choice" && field.written !== undefined && obstacle === null && (
            <Button
              variant="ghost"
              size="icon"
              aria-label={`${keyword.name} back to the default`}
              title="Back to the default"
              onClick={() => write("")}
            >
              <RotateCcw aria-hidden />
            </Button>
          )}
        </div>
        <p id={`${id}-from`} className="min-w-0 text-xs text-ink-faint">
          <Origin field={field} build={build} onGo={onGo} />
        </p>
      </div>
      {field.algorithms && (
        <details className="group text-xs text-ink-soft sm:col-span-2">
          <summary className="flex w-fit items-center gap-1 rounded-sm text-ink-faint hover:text-ink">
            <ChevronRight aria-hidden className="size-3 transition-transform group-open:rotate-90" />
            Comes to {field.algorithms.length} algorithms
          </summary>
          <p className="pt-1 font-mono leading-5 break-words">{field.algorithms.join("  ")}</p>
        </details>
      )}
      <ul id={`${id}-findings`} className="grid gap-1 empty:hidden sm:col-span-2">
        {refused && (
          <li role="alert" className="flex gap-1.5 text-xs text-danger">
            <CircleAlert aria-hidden className="mt-px size-3.5 shrink-0" /> {refused}
          </li>
        )}
        {diagnostics.map((diagnostic) => {
          const Icon = icons[diagnostic.severity];
          return (
            <li
              key={`${diagnostic.path}:${diagnostic.from}:${diagnostic.code}`}
              className="flex gap-1.5 text-xs text-ink-soft"
            >
              <Icon aria-hidden className={`mt-px size-3.5 shrink-0 ${tones[diagnostic.severity]}`} />
              <span className="min-w-0">
                <UntrustedText text={diagnostic.what} className="font-medium text-ink" />{" "}
                <UntrustedText text={diagnostic.why} /> <UntrustedText text={diagnostic.advice} />
              </span>
            </li>
          );
        })}
        {field.exceptions.map((exception) => (
          <li key={`${exception.path}:${exception.line}`} className="text-xs text-ink-soft">
            Differs for <UntrustedText text={exception.criteria} className="font-mono text-ink" />:{" "}
            <UntrustedText text={exception.value} className="font-mono text-ink" />{" "}
            <PlaceLink path={exception.path} line={exception.line} onGo={onGo} />
          </li>
        ))}
        {obstacle && <li className="text-xs text-ink-soft">{obstacle}</li>}
      </ul>
    </div>
  );
}

function Origin({ field, build, onGo }: Pick<Props, "field" | "build" | "onGo">) {
  if (field.places.length === 0) {
    // Nobody and nothing is named; the empty control says so.
    if (field.default === undefined) return null;
    return <>default of {build.label}</>;
  }
  return (
    <span className="flex flex-wrap items-baseline gap-x-2">
      {field.places.map(({ path, line }) => (
        <PlaceLink key={`${path}:${line}`} path={path} line={line} onGo={onGo} />
      ))}
    </span>
  );
}

function PlaceLink({ path, line, onGo }: { path: string; line: number; onGo: Props["onGo"] }) {
  return (
    <button
      type="button"
      title={`Show line ${line} of ${visibleText(path)}`}
      onClick={() => onGo(path, line)}
      className="rounded-sm font-mono text-ink-soft underline decoration-line-strong underline-offset-3 hover:text-ink"
    >
      <UntrustedText text={path.slice(path.lastIndexOf("/") + 1)} />:{line}
    </button>
  );
}
