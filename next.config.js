/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // Every page comes with its title in the first bytes, not streamed after it: a reader says it at once.
  htmlLimitedBots: /.*/,
  // `npm run check` and CI check the types; whoever starts the product should not wait for it once more.
  typescript: { ignoreBuildErrors: true },
  // forbidden(): the page for a person whose role does not allow what he opened, with status 403.
  experimental: { authInterrupts: true },
  serverExternalPackages: [
    "ssh2",
    "cpu-features",
    "pg",
    "@prisma/client",
    "@node-rs/argon2",
    "graphile-worker",
  ],
};
export default config;
