import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import type { Build } from "@/lib/sshd-config/build";
import { completionsAt, type Surroundings } from "@/lib/sshd-config/complete";
import { hoverAt } from "@/lib/sshd-config/describe";

/** Words that may stand at the cursor, by scope and version. */
function completions(build: Build, surroundings: () => Surroundings): Extension {
  return autocompletion({
    icons: false,
    override: [
      (context: CompletionContext): CompletionResult | null => {
        const text = context.state.doc.toString();
        const found = completionsAt(text, context.pos, build, surroundings());
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

/** What the directive under the pointer means, its default here, where it may stand, and which versions know it. */
function hover(build: Build): Extension {
  return hoverTooltip((view, offset) => {
    const found = hoverAt(view.state.doc.toString(), offset, build);
    if (!found || offset > found.to) return null;
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
        term(list, "Default", found.default ?? "nothing is set");
        term(list, "In Match", found.inMatch ? "allowed" : "not allowed");
        term(list, "Risk", found.risk);
        term(list, "Since", found.since);
        term(list, "Until", found.until);
        dom.append(title, help, list);
        return { dom };
      },
    };
  });
}

/**
 * What helps while typing: completion and hover help.
 *
 * @param surroundings asked at each completion, for it changes with other files
 */
export function assistance(build: Build, surroundings: () => Surroundings): Extension {
  return [completions(build, surroundings), hover(build)];
}
