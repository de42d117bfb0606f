/**
 * How one key of a log follows another. A succession is a checkpoint whose extension lines name the former keys and the next, and
 * which each of them has signed: so whoever knows one of them learns the others, forwards and backwards, and up to which size each signs.
 */
import { asList, parseObject } from "./bytes.ts";
import { type KeyTerm, type LogKey, parseLogKey, parseSigned, readNote, signersOf } from "./checkpoint.ts";
import { Refusal } from "./report.ts";

export const SUCCESSIONS_FORMAT = "zhengtong-log-successions/1";
const MARK = "zhengtong-log-succession/1";
const SUCCESSIONS_MAX = 64;
const NAMED_MAX = 16;

interface Succession {
  readonly text: string;
  readonly size: number;
  readonly former: readonly LogKey[];
  readonly next: readonly LogKey[];
}

/** Whether a note says that it is a succession, however well. */
export function saysSuccession(note: unknown): note is string {
  return typeof note === "string" && note.includes(`\n${MARK}\n`);
}

/** Those that came with a file, or in a file of their own. */
export function successionsIn(carried: unknown): readonly unknown[] {
  return carried === undefined ? [] : asList(carried, SUCCESSIONS_MAX);
}

/** Reads what a node serves beside its log's key. */
export function readSuccessions(source: string): readonly unknown[] {
  const { format, successions } = parseObject(source);
  if (format !== SUCCESSIONS_FORMAT) throw malformed();
  return successionsIn(successions);
}

/**
 * A key with all that successions tell of those before and after it.
 * @param notes in any order; those that lead nowhere from the key count for nothing
 */
export async function follow(log: LogKey, notes: readonly unknown[]): Promise<LogKey> {
  const given = [...new Set(notes)];
  if (given.length > SUCCESSIONS_MAX) throw malformed();
  const steps = given.map(parse);
  const own: KeyTerm = { keys: [log, ...(log.beside ?? [])], from: 0, to: Number.POSITIVE_INFINITY };
  const terms = [own];
  for (let at = 0; at < given.length; at += 1) {
    const last = terms.at(-1) as KeyTerm;
    const step = only(steps.filter(({ former }) => leads(former, last)));
    if (step === undefined) break;
    if (step.size < last.from || terms.some((term) => leads(step.next, term))) throw disorder();
    await check(step, given);
    agree(last, step.former);
    terms[terms.length - 1] = { ...last, to: step.size };
    terms.push({ keys: partners(last, step.next), from: step.size, to: Number.POSITIVE_INFINITY });
  }
  for (let at = 0; at < given.length; at += 1) {
    const first = terms[0] as KeyTerm;
    const step = only(steps.filter(({ next }) => leads(next, first)));
    if (step === undefined) break;
    if (step.size > first.to || terms.some((term) => leads(step.former, term))) throw disorder();
    await check(step, given);
    agree(first, step.next);
    terms[0] = { ...first, from: step.size };
    // What was not there yet could not sign; that it was not, the key that came later says.
    const keys = first.keys.flatMap((key) => step.former.filter((one) => one.key.algorithm === key.key.algorithm));
    terms.unshift({ keys, from: 0, to: step.size });
  }
  return terms.length === 1 ? log : { ...log, terms };
}

function parse(note: unknown): Succession {
  const { signed } = readNote(note);
  const { origin, size, extensions } = parseSigned(signed);
  const [mark, ...lines] = extensions;
  if (mark !== MARK || lines.length > NAMED_MAX) throw malformed();
  const count = lines.filter((line) => line.startsWith("former ")).length;
  const former = lines.slice(0, count).map((line) => named(line, "former ", origin));
  const next = lines.slice(count).map((line) => named(line, "next ", origin));
  for (const keys of [former, next]) {
    const suites = new Set(keys.map(({ key }) => key.algorithm));
    if (keys[0]?.key.algorithm !== "EdDSA" || suites.size !== keys.length) throw malformed();
  }
  if (former.some((one) => next.some(({ line }) => line === one.line))) throw malformed();
  return { text: signed, size, former, next };
}

function named(line: string, word: string, origin: string): LogKey {
  const written = line.slice(word.length);
  if (!line.startsWith(word) || /\s/.test(written)) throw malformed();
  const key = parseLogKey(written);
  if (key.name !== origin) throw malformed();
  return key;
}

/** Whether these are the keys of a term, by the first of them. */
function leads(keys: readonly LogKey[], term: Pick<KeyTerm, "keys">): boolean {
  return keys.some(({ line }) => line === term.keys[0]?.line);
}

function only(steps: readonly Succession[]): Succession | undefined {
  if (steps.some(({ text }) => text !== steps[0]?.text)) {
    throw new Refusal(
      "successions-conflict",
      "同一把日志密钥有两个不同的继任说明",
      "Two different successions are told of one key of the log",
    );
  }
  return steps[0];
}

/** Every key that it names has signed it. */
async function check({ text, former, next }: Succession, notes: readonly unknown[]): Promise<void> {
  const keys = [...former, ...next];
  for (const note of notes) {
    const read = readNote(note);
    if (read.signed === text && (await signersOf(read, keys)).size === keys.length) return;
  }
  throw new Refusal(
    "succession-signature",
    "密钥更替说明缺少其所列某把密钥的签名",
    "A key that a succession names did not sign it",
  );
}

/** All keys of a term stand in a succession together: who breaks one suite does not speak for the others. */
function agree(term: KeyTerm, keys: readonly LogKey[]): void {
  const missing = term.keys.find((key) => !keys.some(({ line }) => line === key.line));
  if (missing !== undefined) throw withoutPartner(missing);
}

function withoutPartner({ key }: LogKey): Refusal {
  return new Refusal(
    "checkpoint-key-missing",
    `密钥更替说明没有提到您提供的 ${key.algorithm} 密钥`,
    `A succession does not name the ${key.algorithm} key that you gave`,
    "open",
  );
}

/** Of each suite that the reader asks for, the key that follows: who asked for two is not given one. */
function partners(term: KeyTerm, next: readonly LogKey[]): readonly LogKey[] {
  return term.keys.map((key) => {
    const partner = next.find((one) => one.key.algorithm === key.key.algorithm);
    if (partner === undefined) throw withoutPartner(key);
    return partner;
  });
}

function disorder(): Refusal {
  return new Refusal("successions-conflict", "密钥更替说明的先后有误", "The successions are out of order");
}

function malformed(): Refusal {
  return new Refusal("succession-malformed", "密钥更替说明格式有误", "A succession of keys is malformed");
}
