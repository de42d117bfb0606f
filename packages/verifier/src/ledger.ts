/** Receipts, consistency and whole exports of a ledger. */
import { asList, asObject, asSize, base64, base64url, canonical, parseObject, same, text, utf8 } from "./bytes.ts";
import { type Checkpoint, type LogKey, openCheckpoint, parseLogKey } from "./checkpoint.ts";
import { sha256 } from "./crypto.ts";
import { GrowingTree, isConsistent, isIncluded, leafHash } from "./merkle.ts";
import { examine, type Finding, good, note, open, Refusal, type Report } from "./report.ts";
import { follow, readSuccessions, saysSuccession, successionsIn } from "./succession.ts";
import { checkWitnesses, type WitnessPolicy } from "./witness.ts";

export const RECEIPT_FORMAT = "zhengtong-ledger-receipt/1";
export const CONSISTENCY_FORMAT = "zhengtong-ledger-consistency/1";
export const EXPORT_FORMAT = "zhengtong-ledger-export/1";
export const PROOF_MAX = 64;

/** What the verifier holds for true before it looks at a file. */
export interface LedgerTrust {
  /** The log's key, from a source other than the file. */
  readonly logKey?: LogKey | undefined;
  /** A checkpoint that was kept from earlier. */
  readonly keptCheckpoint?: string | undefined;
  /** How keys of the log followed each other, as signed notes, beside what the file itself brings. */
  readonly successions?: readonly unknown[] | undefined;
  /** Who must have seen the log as well. */
  readonly witnesses?: WitnessPolicy | undefined;
}

/** Checks a receipt: its place in the log, its content, and a subject's part. */
export function verifyReceipt(source: string, trust: LedgerTrust): Promise<Report> {
  return examine("ledger-receipt", async (found, facts) => {
    const receipt = parseObject(source);
    const logKey = await trustedKey(receipt, trust, found);
    const leafBytes = base64(receipt["leaf"]);
    const leaf = parseObject(text(leafBytes));
    if (leaf["v"] !== 1) throw new Refusal("version", "条目版本无法识别", "The entry is of an unknown version");
    facts["entry"] = leaf;
    facts["entryId"] = receipt["entryId"];
    checkContent(asObject(receipt["content"]), leaf, found, facts);
    if (receipt["subject"] !== undefined) checkSubject(asObject(receipt["subject"]), leaf, found, facts);
    if (receipt["state"] === "pending" && receipt["log"] === undefined) {
      found.push(
        open(
          "pending",
          "条目已登记，尚未编入日志；请稍后重新领取凭证",
          "The entry is recorded but not in the log yet: ask for the receipt again",
        ),
      );
      return;
    }
    const log = asObject(receipt["log"]);
    const checkpoint = await openCheckpoint(log["checkpoint"], logKey);
    const index = asSize(log["index"]);
    const proof = asList(log["proof"], PROOF_MAX).map(base64);
    if (!isIncluded({ leaf: leafHash(leafBytes), index, size: checkpoint.size, proof, root: checkpoint.root })) {
      throw new Refusal(
        "inclusion",
        "条目不在检查点所签的日志之中",
        "The entry is not in the log that the checkpoint signs",
      );
    }
    facts["index"] = index;
    facts["checkpoint"] = { origin: checkpoint.origin, size: checkpoint.size };
    found.push(
      good(
        "inclusion",
        `条目是该日志的第 ${index} 条（共 ${checkpoint.size} 条），检查点签名有效`,
        `The entry is number ${index} of the log's ${checkpoint.size}, under a validly signed checkpoint`,
      ),
    );
    await checkWitnesses(log["checkpoint"] as string, trust.witnesses, found);
    await compareWithKept(checkpoint, trust, logKey, found);
  });
}

/** Checks a signed checkpoint. */
export function verifyCheckpoint(source: string, trust: LedgerTrust): Promise<Report> {
  return examine("checkpoint", async (found, facts) => {
    if (trust.logKey === undefined) {
      throw new Refusal(
        "log-key-missing",
        "核验检查点需要日志公钥：请提供（--log-key）",
        "A checkpoint needs the log's key: give it with --log-key",
      );
    }
    const own = saysSuccession(source) ? [source] : [];
    const logKey = await follow(trust.logKey, [...own, ...(trust.successions ?? [])]);
    tellFollowed(logKey, found);
    const checkpoint = await openCheckpoint(source, logKey);
    facts["checkpoint"] = { origin: checkpoint.origin, size: checkpoint.size };
    found.push(
      good(
        "checkpoint",
        `检查点签名有效：日志共 ${checkpoint.size} 条`,
        `The checkpoint is validly signed: the log has ${checkpoint.size} entries`,
      ),
    );
    await checkWitnesses(source, trust.witnesses, found);
    await compareWithKept(checkpoint, trust, logKey, found);
  });
}

/** Checks that one checkpoint's log is the beginning of another's. */
export function verifyConsistency(source: string, trust: LedgerTrust): Promise<Report> {
  return examine("ledger-consistency", async (found, facts) => {
    const evidence = parseObject(source);
    const logKey = await trustedKey(evidence, trust, found);
    const older = await openCheckpoint(evidence["older"], logKey);
    const newer = await openCheckpoint(evidence["newer"], logKey);
    const proof = asList(evidence["proof"], PROOF_MAX).map(base64);
    const claim = { size1: older.size, size2: newer.size, root1: older.root, root2: newer.root, proof };
    if (!isConsistent(claim)) {
      throw new Refusal(
        "consistency",
        "新检查点的日志不是由旧检查点的日志续写而成：历史已被改写",
        "The newer log does not continue the older one: history was rewritten",
      );
    }
    facts["sizes"] = [older.size, newer.size];
    found.push(
      good(
        "consistency",
        `日志由 ${older.size} 条续写至 ${newer.size} 条，此前内容未变`,
        `The log grew from ${older.size} to ${newer.size} entries and what was there is unchanged`,
      ),
    );
    await checkWitnesses(evidence["newer"] as string, trust.witnesses, found);
    await compareWithKept(older, trust, logKey, found);
  });
}

/** Checks a whole log: every leaf, every content that is there, every checkpoint. */
export function verifyExport(source: string, trust: LedgerTrust): Promise<Report> {
  return examine("ledger-export", async (found, facts) => {
    const lines = source.split("\n");
    if (lines.pop() !== "") throw new Refusal("truncated", "导出文件被截断", "The export is cut off");
    const header = parseObject(lines[0] ?? "");
    // Each succession stands in the log as the checkpoint that it is.
    const successions = lines.slice(1).flatMap((line) => (line.includes(SUCCESSION_LINE) ? checkpointIn(line) : []));
    const logKey = await trustedKey({ ...header, successions }, trust, found);
    const kept = trust.keptCheckpoint === undefined ? undefined : await openCheckpoint(trust.keptCheckpoint, logKey);
    const tree = new GrowingTree();
    const counts = { checkpoints: 0, contents: 0, erased: 0 };
    let covered = 0;
    let keptSeen = kept?.size === 0;
    for (const line of lines.slice(1)) {
      const row = parseObject(line);
      if (row["checkpoint"] !== undefined) {
        checkRoot(await openCheckpoint(row["checkpoint"], logKey), tree);
        counts.checkpoints += 1;
        covered = tree.size;
        continue;
      }
      addLeaf(row, tree, counts);
      if (kept !== undefined && kept.size === tree.size) {
        if (!same(kept.root, tree.root())) throw rewritten();
        keptSeen = true;
      }
    }
    if (covered !== tree.size)
      throw new Refusal("uncovered", "末尾的条目没有检查点覆盖", "No checkpoint covers the last entries");
    if (kept !== undefined && !keptSeen)
      throw new Refusal(
        "shorter",
        "日志比所留存检查点还短：条目被删除",
        "The log is shorter than the kept checkpoint: entries are gone",
      );
    facts["size"] = tree.size;
    Object.assign(facts, counts);
    found.push(
      good(
        "export",
        `日志 ${tree.size} 条、检查点 ${counts.checkpoints} 个全部相符；${counts.contents} 条内容与承诺值一致，${counts.erased} 条内容已依法删除`,
        `All ${tree.size} entries and ${counts.checkpoints} checkpoints agree; ${counts.contents} contents match their commitments, ${counts.erased} were erased`,
      ),
    );
    if (kept !== undefined)
      found.push(
        good("kept-checkpoint", "日志与您留存的检查点一致", "The log agrees with the checkpoint that you kept"),
      );
  });
}

const SUCCESSION_LINE = "zhengtong-log-succession/1";

function checkpointIn(line: string): readonly unknown[] {
  const { checkpoint } = parseObject(line);
  return saysSuccession(checkpoint) ? [checkpoint] : [];
}

function addLeaf(row: Record<string, unknown>, tree: GrowingTree, counts: { contents: number; erased: number }): void {
  if (row["index"] !== tree.size) {
    throw new Refusal("missing-entry", `缺少第 ${tree.size} 条`, `Entry ${tree.size} is missing`);
  }
  const leafBytes = base64(row["leaf"]);
  if (row["content"] !== undefined) {
    const erased = checkOpening(asObject(row["content"]), parseObject(text(leafBytes)), tree.size);
    if (erased) counts.erased += 1;
    else counts.contents += 1;
  }
  tree.add(leafHash(leafBytes));
}

function checkRoot(checkpoint: Checkpoint, tree: GrowingTree): void {
  if (checkpoint.size !== tree.size || !same(checkpoint.root, tree.root())) {
    throw new Refusal(
      "root",
      `规模为 ${checkpoint.size} 的检查点与条目不符：条目被改动`,
      `The checkpoint at ${checkpoint.size} does not agree with the entries: one was changed`,
    );
  }
}

function checkContent(
  content: Record<string, unknown>,
  leaf: Record<string, unknown>,
  found: Finding[],
  facts: Record<string, unknown>,
): void {
  if (checkOpening(content, leaf)) {
    found.push(
      note(
        "erased",
        "内容已到期删除，仅余存证：可证明条目存在，不能再看其内容",
        "The content was erased when its time ended: that the entry exists can be proved, what it said can no longer be seen",
      ),
    );
    return;
  }
  facts["content"] = content["value"];
  found.push(good("content", "内容与日志中的承诺值一致", "The content is what the log committed to"));
}

/** @returns whether it was erased */
export function checkOpening(content: Record<string, unknown>, leaf: Record<string, unknown>, index?: number): boolean {
  if (content["erased"] === true && content["value"] === undefined) return true;
  const commitment = sha256(base64(content["salt"]), utf8(canonical(content["value"])));
  if (!same(commitment, base64url(leaf["commitment"]))) {
    const which = index === undefined ? "" : `第 ${index} 条`;
    throw new Refusal(
      "content",
      `${which}内容与日志中的承诺值不符，已被改动`,
      `The content${index === undefined ? "" : ` of entry ${index}`} is not what the log committed to`,
    );
  }
  return false;
}

export function checkSubject(
  subject: Record<string, unknown>,
  leaf: Record<string, unknown>,
  found: Finding[],
  facts: Record<string, unknown>,
): void {
  const tree = asObject(leaf["subjects"]);
  if (subject["erased"] === true) {
    found.push(note("subject-erased", "您的部分已删除", "Your part was erased"));
    return;
  }
  const commitment = sha256(base64(subject["salt"]), utf8(canonical(subject["value"])));
  const size = asSize(tree["count"]);
  const index = asSize(subject["index"]);
  const proof = asList(subject["proof"], PROOF_MAX).map(base64);
  const root = base64url(tree["root"]);
  if (!isIncluded({ leaf: leafHash(commitment), index, size, proof, root })) {
    throw new Refusal("subject", "该当事人的部分不在条目之内", "This subject's part is not in the entry");
  }
  facts["subject"] = subject["value"];
  found.push(
    good(
      "subject",
      `条目涉及 ${size} 个当事人，其中包括本凭证所列的一个`,
      `The entry concerns ${size} subjects; the one named here is among them`,
    ),
  );
}

/** The key that the reader trusts, or else the one that came with the file, with those that follow it and went before it. */
export async function trustedKey(
  file: Readonly<Record<string, unknown>>,
  trust: LedgerTrust,
  found: Finding[],
): Promise<LogKey> {
  const successions = [...successionsIn(file["successions"]), ...(trust.successions ?? [])];
  if (trust.logKey !== undefined) {
    const followed = await follow(trust.logKey, successions);
    tellFollowed(followed, found);
    return followed;
  }
  found.push(
    open(
      "log-key-untrusted",
      "使用文件自带的日志公钥；要确认是哪个日志，请提供其公布的公钥（--log-key）",
      "Checked under the key that the file itself carries: give the log's published key with --log-key to know whose log it is",
    ),
  );
  const carried = file["verifierKey"];
  return await follow(parseLogKey(typeof carried === "string" ? carried : ""), successions);
}

function tellFollowed({ terms = [] }: LogKey, found: Finding[]): void {
  if (terms.length > 1)
    found.push(
      good(
        "key-followed",
        `日志密钥更替过 ${terms.length - 1} 次，每次都有前后两把密钥的签名，与您提供的公钥相连`,
        `The log's key was followed ${terms.length - 1} times, each time signed by the key before and the one after, and linked to the one that you gave`,
      ),
    );
}

/** Checks how a log's keys followed each other, as a node serves it; says which key signs today. */
export function verifySuccessions(source: string, trust: LedgerTrust): Promise<Report> {
  return examine("log-successions", async (found, facts) => {
    const notes = readSuccessions(source);
    const file = parseObject(source);
    const { name, line, keyId, terms = [] } = await trustedKey({ ...file, successions: notes }, trust, found);
    if (Math.max(0, terms.length - 1) < new Set(notes).size)
      throw new Refusal(
        "successions-conflict",
        "所附密钥更替说明与所给公钥不相连",
        "The successions do not lead from the key that was given",
      );
    const last = terms.at(-1);
    const signing = last?.keys[0] ?? { line, keyId };
    facts["origin"] = name;
    facts["keys"] = terms.map(({ keys, from, to }) => ({
      keys: keys.map((key) => key.line),
      from,
      ...(to < Number.POSITIVE_INFINITY && { to }),
    }));
    found.push(
      good(
        "successions",
        `日志密钥更替 ${notes.length} 次，现用密钥为 ${signing.line}`,
        `The log's key was followed ${notes.length} times; today's is ${signing.line}`,
      ),
    );
  });
}

/** Two checkpoints of one size must have one root; of different sizes only a consistency proof tells. */
export async function compareWithKept(
  checkpoint: Checkpoint,
  trust: LedgerTrust,
  logKey: LogKey,
  found: Finding[],
): Promise<void> {
  if (trust.keptCheckpoint === undefined) return;
  const kept = await openCheckpoint(trust.keptCheckpoint, logKey);
  if (kept.size !== checkpoint.size) {
    found.push(
      open(
        "kept-checkpoint-size",
        "与留存的检查点规模不同：请另附一致性证明",
        "The kept checkpoint has another size: a consistency proof is needed",
      ),
    );
  } else if (!same(kept.root, checkpoint.root)) {
    throw rewritten();
  } else {
    found.push(good("kept-checkpoint", "与您留存的检查点一致", "It agrees with the checkpoint that you kept"));
  }
}

function rewritten(): Refusal {
  return new Refusal(
    "rewritten",
    "与您留存的检查点矛盾：日志的历史已被改写",
    "It contradicts the checkpoint that you kept: the log's history was rewritten",
  );
}
