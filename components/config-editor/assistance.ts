import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { type Diagnostic as EditorDiagnostic, linter } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { EditorView, hoverTooltip } from "@codemirror/view";
import type { Build } from "@/lib/sshd-config/build";
import { completionsAt } from "@/lib/sshd-config/complete";
import { hoverAt } from "@/lib/sshd-config/describe";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";

/** Words that may stand at the cursor, by scope and version. */
function completions(build: Build): Extension {
  return autocompletion({
    icons: false,
    override: [
      (context: CompletionContext): CompletionResult | null => {
        const found = completionsAt(context.state.doc.toString(), context.pos, build);
        if (!found || found.options.length === 0) return null;
        if (found.from === found.to && !context.explicit) return null;
        return { from: found.from, to: found.to, options: found.options.map((option) => ({ ...option })) };
      },
    ],
  });
}

function term(list: HTMLElement, name: string, value: string | undefined): void {
  if (!value) return;
  const dt = document.createElement("dt");
  dt.textContent = name;
  const dd = document.createElement("dd");
  dd.textContent = value;
  list.append(dt, dd);
}

/** What the directive under the pointer means, its default, and which versions know it. */
function hover(build: Build): Extension {
  return hoverTooltip((view, offset) => {
    const found = hoverAt(view.state.doc.toString(), offset, build);
    if (!found) return null;
    return {
      pos: found.from,
      end: found.to,
      above: true,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "cm-hover-card";
        const title = document.createElement("code");
        title.textContent = found.title;
        const help = document.createElement("div");
        help.textContent = found.help;
        const list = document.createElement("dl");
        term(list, "Takes", found.kind);
        term(list, "Default", found.default);
        term(list, "Since", found.since);
        term(list, "Until", found.until);
        dom.append(title, help, list);
        return { dom };
      },
    };
  });
}

/** What, why, what to do: three lines of text, never markup (a host's words may stand in it). */
function message(diagnostic: Diagnostic): string {
  return [diagnostic.what, diagnostic.why, diagnostic.advice].filter(Boolean).join("\n");
}

/** Diagnostics of this file while typing, from the same code that the server uses. */
function diagnostics(diagnose: (text: string) => readonly Diagnostic[]): Extension {
  return linter(
    (view) => {
      const text = view.state.doc.toString();
      return diagnose(text).map((diagnostic): EditorDiagnostic => {
        const { fix } = diagnostic;
        return {
          from: Math.min(diagnostic.from, text.length),
          to: Math.min(Math.max(diagnostic.to, diagnostic.from), text.length),
          severity: diagnostic.severity,
          source: diagnostic.sshd ? "sshd" : undefined,
          message: message(diagnostic),
          ...(fix?.edits.every((edit) => edit.path === diagnostic.path) && {
            actions: [
              {
                name: fix.label,
                apply: (target) =>
                  target.dispatch({
                    changes: fix.edits.map(({ from, to, insert }) => ({ from, to, insert })),
                  }),
              },
            ],
          }),
        };
      });
    },
    { delay: 150 },
  );
}

const multilineMessages = EditorView.theme({ ".cm-diagnosticText": { whiteSpace: "pre-line" } });

/** Everything that helps while typing. */
export function assistance(build: Build, diagnose: (text: string) => readonly Diagnostic[]): Extension {
  return [completions(build), hover(build), diagnostics(diagnose), multilineMessages];
}
