/** Proof of control over a name by HTTP (RFC 8555 §8.3): the name's web server gives what only the account can have written. */
import { request } from "node:http";
import { text } from "#lib/language/text";
import { AcmeProblem } from "./problem.ts";

/** The port of names that prove themselves; tests set another one. */
export const CHALLENGE_PORT = 80;
export const CHALLENGE_PATH = "/.well-known/acme-challenge/";
const ANSWER_MAX_BYTES = 1_024;
const ANSWER_TIMEOUT_MS = 5_000;

export interface Challenged {
  readonly host: string;
  readonly token: string;
  /** Of the account's key. */
  readonly thumbprint: string;
}

/** Asks the host. Redirections are not followed: they would let a name send this node to any other. @throws {AcmeProblem} */
export async function proveByHttp({ host, token, thumbprint }: Challenged, port: number): Promise<void> {
  const answer = await fetchAnswer({ host, port, path: `${CHALLENGE_PATH}${token}` });
  if (answer.trimEnd() === `${token}.${thumbprint}`) return;
  throw new AcmeProblem(
    "incorrectResponse",
    text(
      "该域名的网站给出的内容不是本次验证所要的。请检查验证文件后重新申请。",
      "The name's web server gave something else than was asked for. Look at the challenge file, then make a new order.",
    ),
  );
}

function fetchAnswer(place: { readonly host: string; readonly port: number; readonly path: string }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const asked = request({ ...place, signal, agent: false, headers: { accept: "*/*" } }, (answer) => {
    if (answer.statusCode !== 200) {
      asked.destroy();
      reject(unreachable(`HTTP ${answer.statusCode}`));
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > ANSWER_MAX_BYTES) answer.destroy(unreachable("> 1 KiB"));
    });
    answer.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    answer.on("error", (error) => reject(error instanceof AcmeProblem ? error : unreachable(codeOf(error))));
  });
  asked.on("error", (error) => reject(unreachable(codeOf(error))));
  asked.end();
  return promise;
}

function codeOf(error: Error): string {
  return String((error as { readonly code?: unknown }).code ?? error.name);
}

function unreachable(why: string): AcmeProblem {
  return new AcmeProblem(
    "connection",
    text(
      `无法从该域名取得验证内容（${why}）。请确认域名可解析、端口可达，且不重定向，再重新申请。`,
      `The challenge could not be fetched from the name (${why}). See that it resolves, answers on the port, and does not redirect; then make a new order.`,
    ),
  );
}
