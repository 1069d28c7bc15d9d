import { parseSync, Visitor } from "oxc-parser";

/**
 * @typedef {object} Use
 * @property {string} name an import's specifier as written, or a global such as "process.env"
 * @property {number} line from 1
 */

/**
 * What a source file imports (types too: they couple just as much) and which globals it reads.
 *
 * @param {string} file decides between TypeScript and JavaScript, with JSX or without
 * @param {string} source
 * @returns {{ imports: Use[], globals: Use[] }}
 * @throws Error when it does not parse
 */
export function readUses(file, source) {
  const { program, module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0].message}`);
  const lineAt = (offset) => source.slice(0, offset).split("\n").length;
  const use = (name, node) => ({ name: String(name), line: lineAt(node.start) });

  const imports = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest)),
  ]
    .filter((request) => request !== null)
    .map((request) => use(request.value, request));
  const globals = [];

  const onImport = (node) => {
    if (node.source.type === "Literal") imports.push(use(node.source.value, node));
  };
  const onCall = (node) => {
    const [first] = node.arguments;
    const isRequire = node.callee.type === "Identifier" && node.callee.name === "require";
    if (isRequire && first?.type === "Literal") imports.push(use(first.value, node));
  };
  const onMember = (node) => {
    const { object, property, computed } = node;
    if (object.type !== "Identifier") return;
    const key = computed ? property.value : property.name;
    if (key !== undefined) globals.push(use(`${object.name}.${key}`, node));
  };
  const onNew = (node) => {
    const isDate = node.callee.type === "Identifier" && node.callee.name === "Date";
    // `new Date()` is Date.now by another name.
    if (isDate && node.arguments.length === 0) globals.push(use("Date.now", node));
  };
  new Visitor({
    ImportExpression: onImport,
    TSImportType: onImport,
    CallExpression: onCall,
    MemberExpression: onMember,
    NewExpression: onNew,
  }).visit(program);
  return { imports, globals };
}
