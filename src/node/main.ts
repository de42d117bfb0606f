import { processIo, runCommandLine } from "./command-line.ts";

// The runtime is pinned, and every test runs on it: that oidc-provider does not know it yet is no news for whoever types a command.
const { warn } = console;
console.warn = (...said: unknown[]) => {
  if (!String(said[0]).includes("oidc-provider WARNING: Unsupported runtime")) warn(...said);
};

/** Where the launcher hands over: one command, then the end. */
process.exitCode = await runCommandLine(process.argv.slice(2), processIo());
