import { spawn } from "node:child_process";
import { glob } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { leaseTestCluster } from "../src/kernel/database/cluster/test-cluster.ts";

/**
 * Runs the tests: `npm test` (all but the long ones), `npm run check` (--fast: nothing that needs a database or a browser),
 * `npm run test:long` (--long). Paths limit it to what lies under them. The last lines are the summary of Node's test runner.
 */

const ROOT = dirname(import.meta.dirname);
const ALL = [
  "test/static/**/*.test.ts",
  "test/arch/**/*.test.ts",
  "{src,packages,conformance,test/history}/**/*.test.ts",
];
const WHOLE_NODES = ["test/{rooms,federation,guides,adversarial,node,browser}/**/*.test.ts"];
const LONG = ["test/long/**/*.test.ts"];
const NEEDS_DATABASE = /\.(?:db|access)\.test\.ts$/;
const TEST_TIMEOUT_MS = 480_000;
const LONG_TEST_TIMEOUT_MS = 30 * 60_000;

const { values, positionals } = parseArgs({
  options: { fast: { type: "boolean", default: false }, long: { type: "boolean", default: false } },
  allowPositionals: true,
});

process.chdir(ROOT);
const files = await chosenFiles();
if (files.length === 0) {
  process.stderr.write("no test file matches\n");
  process.exit(1);
}
process.exitCode = await runNodeTests(files);

async function chosenFiles(): Promise<readonly string[]> {
  const patterns = values.long ? LONG : values.fast ? ALL : [...ALL, ...WHOLE_NODES];
  const found: string[] = [];
  // One pattern after the other: what is quick to fail comes first.
  for (const pattern of patterns) {
    const matches = await Array.fromAsync(glob(pattern, { cwd: ROOT, exclude: ["**/node_modules/**", "**/.*"] }));
    found.push(...matches.map((path) => path.replaceAll("\\", "/")).sort());
  }
  return found
    .filter((path) => !values.fast || !NEEDS_DATABASE.test(path))
    .filter(
      (path) => positionals.length === 0 || positionals.some((part) => path.startsWith(part.replace(/^\.\//, ""))),
    );
}

async function runNodeTests(paths: readonly string[]): Promise<number> {
  // Held while the tests run: the cluster must not be stopped between two files.
  const cluster = values.fast ? undefined : await leaseTestCluster();
  const concurrency = values.long ? 1 : Math.max(2, availableParallelism());
  const child = spawn(
    process.execPath,
    [
      "--test",
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${values.long ? LONG_TEST_TIMEOUT_MS : TEST_TIMEOUT_MS}`,
      ...paths,
    ],
    { stdio: "inherit", env: testEnvironment(cluster?.url) },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}

/** The settings of a node that happens to run in this shell are not those of the tests. */
function testEnvironment(clusterUrl: string | undefined): NodeJS.ProcessEnv {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(?:ZHENGTONG_(?!(?:VECTORS|SEED|KILLED_CASES|KILLED_RESIDENTS|FAULT|FAULT_[A-Z]+)$)|DATABASE_URL$|PG[A-Z]+$|NODE_TEST_)/.test(
          name,
        ),
    ),
  );
  return {
    ...environment,
    TZ: "UTC",
    ...(clusterUrl === undefined ? {} : { ZHENGTONG_TEST_DATABASE_URL: clusterUrl }),
  };
}
