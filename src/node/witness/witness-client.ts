import type { Witness } from "#kernel/witnessing/witnessing";
import { type Text, text } from "#lib/language/text";
import { parseWitnessKey } from "#lib/merkle/cosignature";
import { ADD_CHECKPOINT_PATH } from "./witness-server.ts";

const ANSWER_TIMEOUT_MS = 10_000;
const ANSWER_MAX_BYTES = 4_096;
const PAIR = /^(?<key>\S+?)@(?<url>https?:\/\/\S+)$/;

/** A witness that is reached over HTTP. Redirects are not followed: who answers is whom the operator named. */
export function witnessAt(key: Witness["key"], url: string): Witness {
  const address = `${url.replace(/\/$/, "")}${ADD_CHECKPOINT_PATH}`;
  return {
    key,
    async send(body) {
      const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const answer = await fetch(address, { method: "POST", body, redirect: "error", signal });
      return { status: answer.status, body: await readBounded(answer) };
    },
  };
}

async function readBounded(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += part.length;
    if (length > ANSWER_MAX_BYTES) throw new RangeError("a witness answers at length");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Reads `KEY@URL, KEY@URL`. @param report told of what is wrong */
export function readWitnesses(value: string | undefined, report: (problem: Text) => void): readonly Witness[] {
  if (value === undefined) return [];
  return value.split(",").flatMap((pair) => {
    const { key, url } = PAIR.exec(pair.trim())?.groups ?? {};
    const parsed = key === undefined ? undefined : parseWitnessKey(key);
    if (parsed !== undefined && url !== undefined && URL.canParse(url)) return [witnessAt(parsed, url)];
    report(text(`不是见证者（应为 公钥@网址）：${pair}`, `not a witness (KEY@URL is): ${pair}`));
    return [];
  });
}
