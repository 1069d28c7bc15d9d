import path from "node:path/posix";
import { readUses } from "./imports.mjs";
import { globals, layers, owners } from "./layers.mjs";

const TEST = /\.test\.tsx?$/;

/**
 * @typedef {object} Violation
 * @property {string} file
 * @property {number} line
 * @property {string} what
 * @property {string} remedy
 */

/**
 * Every breach of the import rules, in the order of files and lines.
 *
 * Tests are held to the rules about doors and components like the code beside them, but may use any package, Node, test
 * equipment, any part of lib and the routes: they arrange a world.
 *
 * @param {readonly { file: string, source: string }[]} files paths from the root, with `/`
 * @returns {Violation[]}
 */
export function findViolations(files) {
  const known = new Set(files.map(({ file }) => file));
  const featureImports = new Map();
  const found = files.flatMap(({ file, source }) => {
    const layer = layerOf(file);
    if (!layer) return [unlisted(file)];
    const uses = readUses(file, source);
    return [
      ...uses.imports.flatMap((use) => {
        const target = resolve(file, use.name, known);
        if (target === undefined) return checkPackage(file, layer, use);
        noteFeatures(featureImports, file, target, use);
        return checkFile(file, layer, target, use);
      }),
      ...uses.globals.flatMap((use) => checkGlobal(file, use)),
    ];
  });
  return [...found, ...findFeatureCycles(featureImports)];
}

function layerOf(file) {
  return layers.find((layer) => layer.files.test(file));
}

function unlisted(file) {
  return {
    file,
    line: 1,
    what: "This folder is in no layer, so nothing would check its imports.",
    remedy:
      "Give it a row in scripts/import-rules/layers.mjs and in docs/development.md, or put the file where it belongs.",
  };
}

/** The project's file that an import names (its extension may be left out); undefined for a package. */
function resolve(from, specifier, known) {
  let target;
  if (specifier.startsWith("@/")) target = specifier.slice(2);
  else if (/^\.\.?\//.test(specifier)) target = path.join(path.dirname(from), specifier);
  else return undefined;
  return (
    ["", ".ts", ".tsx", ".mjs"].map((extension) => target + extension).find((file) => known.has(file)) ??
    target
  );
}

function checkFile(file, layer, target, use) {
  const to = layerOf(target);
  if (!to) return []; // JSON, CSS: data
  if (to === layer) return layer.name === "components" ? checkSibling(file, target, use) : [];
  const name = path.basename(target).replace(/\.[^.]+$/, "");
  const allowed = layer.may.includes(to.name) || layer.may.includes(`${to.name}:${name}`);
  if (allowed || (TEST.test(file) && /^(lib|e2e|app\/api)\//.test(target))) return [];
  const what = `${layer.name} may not import ${target}.`;
  return [{ file, line: use.line, what, remedy: layer.remedy }];
}

function folderOf(file) {
  return file
    .split("/")
    .slice(0, file.startsWith("lib/features/") ? 3 : 2)
    .join("/");
}

function checkSibling(file, target, use) {
  if (TEST.test(file) || folderOf(file) === folderOf(target)) return [];
  const remedy =
    "Folders of components do not know each other: what two of them need is a primitive in components/ui, or the page puts them together.";
  return [{ file, line: use.line, what: `${folderOf(file)} may not import ${target}.`, remedy }];
}

function checkPackage(file, layer, use) {
  if (TEST.test(file)) return [];
  const refuse = (what, remedy) => [{ file, line: use.line, what, remedy }];
  const owner = owners.find((row) => row.packages.test(use.name));
  if (owner && !owner.owner.test(file)) return refuse(`${use.name} may not be imported here.`, owner.remedy);
  if (layer.pure && !owner)
    return refuse(`${layer.name} is pure and may not import ${use.name}.`, layer.remedy);
  if (layer.browser && use.name.startsWith("node:"))
    return refuse(`${layer.name} runs in the browser, where ${use.name} is not.`, layer.remedy);
  return [];
}

function checkGlobal(file, use) {
  if (TEST.test(file)) return [];
  const rule = globals.find(({ name }) => name === use.name);
  if (!rule || rule.owner.test(file)) return [];
  return [{ file, line: use.line, what: `${use.name} may not be read here.`, remedy: rule.remedy }];
}

function noteFeatures(graph, file, target, use) {
  const [from, to] = [folderOf(file), folderOf(target)];
  if (from === to || TEST.test(file) || !from.startsWith("lib/features/") || !to.startsWith("lib/features/"))
    return;
  if (!graph.has(from)) graph.set(from, new Map());
  if (!graph.get(from).has(to)) graph.get(from).set(to, { file, line: use.line });
}

/** One violation for each import that closes a circle of features. */
function findFeatureCycles(graph) {
  const done = new Set();
  const found = [];
  const visit = (feature, trail) => {
    if (done.has(feature)) return;
    for (const [next, place] of graph.get(feature) ?? []) {
      if (trail.includes(next)) {
        const circle = [...trail.slice(trail.indexOf(next)), next]
          .map((name) => path.basename(name))
          .join(" → ");
        const remedy =
          "Let the lower feature offer a query or command, or move what both need into a pure folder or an edge.";
        found.push({ ...place, what: `The features import each other in a circle: ${circle}.`, remedy });
      } else visit(next, [...trail, next]);
    }
    done.add(feature);
  };
  for (const feature of graph.keys()) visit(feature, [feature]);
  return found;
}
