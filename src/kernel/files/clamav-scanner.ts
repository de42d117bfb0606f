import { stat } from "node:fs/promises";
import { connect } from "node:net";
import { Fault } from "../errors/fault.ts";
import type { Scanner } from "../ports.ts";
import { builtInScanner } from "./built-in-scanner.ts";
import "./faults.ts";
import { CLAMD_ANSWER_MAX_BYTES, CLAMD_CHUNK_BYTES, CLAMD_TIMEOUT_MS } from "./limits.ts";

/** Where distributions put clamd's socket. */
export const CLAMD_SOCKETS = ["/run/clamav/clamd.ctl", "/var/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock"];

/**
 * Asks ClamAV over clamd's local socket (the INSTREAM command). A scanner that is there but does not answer is a fault: what was
 * not scanned is not kept.
 */
export function clamavScanner(socketPath: string, timeoutMs: number = CLAMD_TIMEOUT_MS): Scanner {
  return Object.freeze<Scanner>({
    async scan(bytes) {
      const answer = await instream(socketPath, bytes, timeoutMs);
      if (answer === "stream: OK") return { clean: true };
      const [, found] = /^stream: (.+) FOUND$/.exec(answer) ?? [];
      if (found !== undefined) return { clean: false, found };
      throw new Fault("ERR_FILE_SCANNER", { message: `clamd said: ${answer.slice(0, 200)}` });
    },
  });
}

/** ClamAV where it is installed, after the built-in scanner, which costs nothing. */
export async function installedScanner(sockets: readonly string[] = CLAMD_SOCKETS): Promise<Scanner> {
  const builtIn = builtInScanner();
  const socket = (await Promise.all(sockets.map(socketAt))).find((path) => path !== undefined);
  if (socket === undefined) return builtIn;
  const clamav = clamavScanner(socket);
  return Object.freeze<Scanner>({
    async scan(bytes) {
      const first = await builtIn.scan(bytes);
      return first.clean ? clamav.scan(bytes) : first;
    },
  });
}

async function socketAt(path: string): Promise<string | undefined> {
  return (await stat(path).catch(() => undefined))?.isSocket() === true ? path : undefined;
}

/** `zINSTREAM\0`, chunks of a 4-byte length and that many bytes, a length of 0; the answer ends with a NUL. */
function instream(path: string, bytes: Uint8Array, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = Buffer.alloc(0);
    const fail = (message: string, cause?: unknown) => {
      socket.destroy();
      reject(new Fault("ERR_FILE_SCANNER", { message, cause }));
    };
    socket.setTimeout(timeoutMs, () => fail("no answer from clamd"));
    socket.on("error", (error) => fail("clamd's socket failed", error));
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length > CLAMD_ANSWER_MAX_BYTES) fail("clamd's answer is too long");
      else if (answer.includes(0)) socket.end();
    });
    socket.on("end", () => {
      socket.end();
      resolve(answer.toString("utf8").replace(/\0.*$/s, "").trim());
    });
    socket.on("connect", () => {
      socket.write("zINSTREAM\0");
      for (let at = 0; at < bytes.length; at += CLAMD_CHUNK_BYTES) {
        const chunk = bytes.subarray(at, at + CLAMD_CHUNK_BYTES);
        socket.write(lengthOf(chunk.length));
        socket.write(chunk);
      }
      socket.write(lengthOf(0));
    });
  });
}

function lengthOf(bytes: number): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes);
  return length;
}
