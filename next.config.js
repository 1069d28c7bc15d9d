/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  serverExternalPackages: ["ssh2", "cpu-features", "pg", "@prisma/client", "@node-rs/argon2", "graphile-worker"],
};
export default config;
