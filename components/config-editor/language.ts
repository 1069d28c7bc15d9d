import { foldService, LanguageSupport, StreamLanguage } from "@codemirror/language";
import { tags } from "@lezer/highlight";
import { highlight } from "@/lib/sshd-config/highlight";

type Kind = ReturnType<typeof highlight>[number]["kind"];

/** Token names of the stream parser, by what lib/sshd-config calls them. */
const names: Record<Kind, string> = {
  comment: "comment",
  keyword: "keyword",
  match: "heading",
  criterion: "attributeName",
  string: "string",
  number: "number",
  value: "value",
  invalid: "invalid",
};

interface State {
  tokens: ReturnType<typeof highlight>;
}

/** sshd_config for CodeMirror. What a word is, lib/sshd-config says; nothing is lexed here a second time. */
const sshdConfig = StreamLanguage.define<State>({
  name: "sshd_config",
  startState: () => ({ tokens: [] }),
  copyState: (state) => ({ tokens: state.tokens }),
  token(stream, state) {
    if (stream.sol()) state.tokens = highlight(stream.string);
    const token = state.tokens.find(({ to }) => to > stream.pos);
    if (!token) {
      stream.skipToEnd();
      return null;
    }
    if (token.from > stream.pos) {
      stream.pos = token.from;
      return null;
    }
    stream.pos = token.to;
    return names[token.kind];
  },
  languageData: { commentTokens: { line: "#" } },
  tokenTable: {
    comment: tags.comment,
    keyword: tags.keyword,
    heading: tags.heading,
    attributeName: tags.attributeName,
    string: tags.string,
    number: tags.number,
    value: tags.content,
    invalid: tags.invalid,
  },
});

const matchLine = /^[ \t]*match(?:[ \t=]|$)/i;

/** A Match block folds from its line to the next Match, or the end of the file: that is how far it reaches. */
const foldMatchBlocks = foldService.of((state, from) => {
  const line = state.doc.lineAt(from);
  if (!matchLine.test(line.text) || line.number === state.doc.lines) return null;
  // By strings, not by line objects: the gutter asks for every visible line with every key.
  let at = line.to;
  let end = line.to;
  for (const text of state.doc.iterLines(line.number + 1)) {
    if (matchLine.test(text)) break;
    at += 1 + text.length;
    if (/\S/.test(text)) end = at;
  }
  return end > line.to ? { from: line.to, to: end } : null;
});

/** Highlighting and folding. */
export function sshdConfigLanguage(): LanguageSupport {
  return new LanguageSupport(sshdConfig, [foldMatchBlocks]);
}
