import { processIo, runCommandLine } from "./command-line.ts";

/** Where the launcher hands over: one command, then the end. */
process.exitCode = await runCommandLine(process.argv.slice(2), processIo());
