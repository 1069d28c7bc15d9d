// Who may import whom: the table of docs/development.md, as data. There is no list of exceptions.

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {RegExp} files paths from the root; the first layer that matches a file has it
 * @property {readonly string[]} may layers that it may import besides itself; "name:file" allows files of that name only
 * @property {string} remedy what to do instead of a forbidden import
 * @property {boolean} [pure] no Node, and no package unless it is the package's owner
 * @property {boolean} [browser] no Node
 */

const errors = ["errors"];
const language = [
  ...errors,
  "openssh-keys",
  "sshd-config",
  "otp",
  "google-authenticator",
  "change",
  "policy",
];
const pure = [...language, "authorized-keys", "access", "two-factor"];
const everywhere = ["env", "clock", "log"];
const edges = [...everywhere, "db", "ssh", "agent", "jobs", "secrets", "session", "webauthn", "key-import"];

const pureRemedy =
  "Pure code runs in the browser too, and says only what is true about SSH. Take what you need as a parameter, or move the code to the edge or feature that calls it.";
const edgeRemedy =
  "An edge touches one outside thing and knows no feature. Let the use case in lib/features call both, and hand the result over.";

/** @param {string} name @param {readonly string[]} may @returns {Layer} */
const pureFolder = (name, may) => ({
  name,
  files: new RegExp(`^lib/${name}/`),
  may,
  pure: true,
  remedy: pureRemedy,
});
/** @param {string} name @param {readonly string[]} [named] the few other edges that it may use @returns {Layer} */
const edgeFolder = (name, named = []) => ({
  name,
  files: new RegExp(`^lib/${name}/`),
  may: [...pure, ...everywhere, ...named],
  remedy: edgeRemedy,
});
/** @param {string} name @param {readonly string[]} may @returns {Layer} */
const edgeFile = (name, may) => ({
  name,
  files: new RegExp(`^lib/${name}(\\.test)?\\.ts$`),
  may,
  remedy: edgeRemedy,
});

/** @type {readonly Layer[]} */
export const layers = [
  { name: "errors", files: /^lib\/(errors|result|text)\.ts$/, may: [], pure: true, remedy: pureRemedy },
  ...["openssh-keys", "sshd-config", "otp", "google-authenticator", "change", "policy"].map((name) =>
    pureFolder(name, errors),
  ),
  pureFolder("two-factor", [...errors, "sshd-config", "change", "google-authenticator"]),
  pureFolder("authorized-keys", language),
  pureFolder("access", [...language, "authorized-keys"]),

  edgeFile("env", errors),
  edgeFile("clock", errors),
  edgeFile("log", ["env", "clock"]),
  { name: "generated", files: /^lib\/generated\//, may: [], remedy: "Generated code imports itself only." },
  edgeFolder("db", ["generated"]),
  edgeFolder("secrets"),
  edgeFolder("ssh", ["secrets:secret"]),
  edgeFolder("agent", ["ssh", "secrets:secret"]),
  edgeFolder("jobs", ["db", "secrets:box"]),
  edgeFolder("session", ["db", "secrets:secret"]),
  edgeFolder("webauthn", ["db"]),
  edgeFolder("key-import"),

  {
    name: "usecase",
    files: /^lib\/usecase(\.db\.test)?\.ts$/,
    may: [...pure, "clock", "db"],
    remedy: "The frame of use cases knows no feature. Put it into the feature's command or query.",
  },
  {
    name: "features",
    files: /^lib\/features\/[^/]+\//,
    may: [...pure, ...edges, "generated", "usecase"],
    remedy: "A use case knows neither HTTP nor React: what a door needs, the door reads itself.",
  },
  {
    name: "http",
    files: /^lib\/http\//,
    may: [...pure, ...everywhere, "db", "session", "usecase"],
    remedy: "lib/http is the frame of doors and knows no feature: take the use case as a parameter.",
  },
  {
    name: "testing",
    files: /^lib\/testing\//,
    may: [...pure, ...edges, "generated", "usecase", "http", "features", "e2e"],
    remedy: "Test equipment arranges a world for lib; what concerns pages belongs to e2e.",
  },

  {
    name: "ui",
    files: /^components\/ui\//,
    may: [],
    browser: true,
    remedy: "A primitive could ship in another product: take what you need as props.",
  },
  {
    name: "components",
    files: /^components\/[^/]+\//,
    may: [...pure, "ui", "features:schema", "features:views"],
    browser: true,
    remedy:
      "A component gets props and knows only schema.ts and views.ts of the features: read in the page, write through /api/v1.",
  },
  {
    name: "app",
    files: /^(app\/|proxy\.ts$|instrumentation\.ts$)/,
    may: [...pure, "env", "session:cookies", "features", "http", "components", "ui"],
    remedy:
      "A door is thin: read by load(query), write by route(command). What touches the outside belongs into lib.",
  },

  {
    name: "worker",
    files: /^scripts\/worker\.ts$/,
    may: [...pure, ...edges, "usecase", "features:jobs"],
    remedy: "The worker registers the features' jobs.ts and nothing else of them.",
  },
  {
    name: "scripts",
    files: /^scripts\//,
    may: [...pure, ...edges, "usecase", "features", "testing", "e2e"],
    remedy: "A script is a door: it starts, checks or measures, and knows neither HTTP nor React.",
  },
  {
    name: "e2e",
    files: /^(e2e\/|agent\/test\/|bench\/|playwright\.config\.ts$)/,
    may: [...pure, "db", "ssh", "agent", "clock", "testing"],
    remedy:
      "Journeys use the product as people do; only what cannot be arranged that way goes to the database.",
  },
  {
    name: "prisma",
    files: /^(prisma\/|prisma\.config\.ts$)/,
    may: ["db"],
    remedy: "Migrations and the engine stand alone.",
  },
  {
    name: "settings",
    files: /^[^/]+\.(ts|mjs|js|cjs)$/,
    may: [],
    remedy: "A tool's settings import no code of ours.",
  },
];

/**
 * Heavy or dangerous packages, and the one place that may touch each: there it can be replaced, and reviewed.
 *
 * @type {readonly { packages: RegExp, owner: RegExp, remedy: string }[]}
 */
export const owners = [
  {
    packages: /^ssh2(\/|$)/,
    owner: /^lib\/ssh\//,
    remedy: "Use lib/ssh: it takes the host key's pin as a required argument.",
  },
  {
    packages: /^@simplewebauthn\/server/,
    owner: /^lib\/(webauthn|testing)\//,
    remedy: "Use lib/webauthn, which adds the checks that the library does not make.",
  },
  {
    packages: /^@simplewebauthn\/browser/,
    owner: /^components\/factors\//,
    remedy: "Use components/factors.",
  },
  {
    packages: /^@noble\/hashes/,
    owner: /^lib\/openssh-keys\//,
    remedy: "Use fingerprint() of lib/openssh-keys; elsewhere node:crypto or WebCrypto.",
  },
  {
    packages: /^bcrypt-pbkdf/,
    owner: /^lib\/openssh-keys\//,
    remedy: "Use printPrivateKey() of lib/openssh-keys; passwords of people belong to lib/secrets.",
  },
  { packages: /^otplib/, owner: /^lib\/otp\//, remedy: "Use lib/otp." },
  { packages: /^@node-rs\/argon2/, owner: /^lib\/secrets\//, remedy: "Use lib/secrets." },
  { packages: /^@prisma\//, owner: /^(lib\/db|lib\/generated|prisma)\//, remedy: "Use lib/db." },
  { packages: /^pg$/, owner: /^(lib\/db|lib\/testing|scripts\/run)\//, remedy: "Use lib/db." },
  { packages: /^graphile-worker/, owner: /^lib\/jobs\//, remedy: "Use lib/jobs." },
  {
    packages: /^@(codemirror|lezer)\//,
    owner: /^components\/config-editor\//,
    remedy: "Use components/config-editor.",
  },
  {
    packages: /^next\/headers/,
    owner: /^lib\/session\/cookies\.ts$/,
    remedy: "Use lib/session/cookies.ts: whoever reads cookies is in one file.",
  },
  {
    packages: /^(next|react|react-dom)(\/|$)/,
    owner: /^(app|components|lib\/http)\/|^lib\/session\/cookies\.ts$|^proxy\.ts$|^scripts\/web\.mjs$/,
    remedy: "HTTP and React end at app, components and lib/http.",
  },
];

/**
 * What the language hands to everybody and only one file may read.
 *
 * @type {readonly { name: string, owner: RegExp, remedy: string }[]}
 */
export const globals = [
  {
    name: "process.env",
    // Launchers run before there is anything to check the environment with; they pass it on.
    owner:
      /^(lib\/env\.ts$|lib\/db\/embedded\/|lib\/testing\/|instrumentation\.ts$|scripts\/|e2e\/|agent\/test\/|bench\/|[^/]+\.(ts|mjs|js)$)/,
    remedy: "Add the variable to lib/env.ts, where all are checked at the start.",
  },
  {
    name: "Date.now",
    owner: /^(lib\/clock\.ts$|lib\/testing\/|components\/|prisma\/|scripts\/|e2e\/|agent\/test\/|bench\/)/,
    remedy: "Use now() of lib/clock.ts; pure code takes the moment as a parameter.",
  },
];
