/** The part of the contract that concerns the keys that the node holds in its own name, but for those that seal and find: data only. */
import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import {
  acting,
  decision,
  decisionRefusals,
  Instant,
  legalBasis,
  looking,
  notNow,
  PROPOSALS_MAX,
  REASON_LENGTH_MAX,
  State,
} from "./key-operations.ts";

export const SIGNING_KEY_USES = {
  "node-key": text("节点密钥：保护其余全部密钥", "The node's key: wraps all others"),
  connection: text("节点之间的连接（TLS）", "Connections between nodes (TLS)"),
  log: text("日志检查点签名", "Checkpoints of the log"),
  directory: text("目录内容签名", "This node's part of the directory"),
  message: text("交换报文签名", "Messages between nodes"),
  witness: text("见证签名", "Cosignatures of other logs"),
  "sign-in": text("登录令牌签名", "Tokens of sign-in"),
  root: text("根证书", "Root certificates"),
  authority: text("签发证书", "Issues certificates"),
};

const CERTIFIED_GROUPS_MAX = 32;
const PERIOD_GROUPS_MAX = 1_000;

/** SHA-256 of the public half, hexadecimal; of the key that wraps, a name that derives from it. */
const Fingerprint = z.string().regex(/^[0-9a-f]{64}$/);
const Use = z.enum([
  "node-key",
  "connection",
  "log",
  "directory",
  "message",
  "witness",
  "sign-in",
  "root",
  "authority",
]);
const fingerprint = field(Fingerprint, { title: text("公钥指纹", "Fingerprint") });
const reason = field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
  title: text("发现了什么", "What was found"),
  kind: "textarea",
});

const SigningKeyView = z.object({
  label: z.string().max(200),
  use: Use,
  algorithm: z.enum(["p256", "ed25519", "sm2", "hybrid", "aes-256"]),
  fingerprint: Fingerprint,
  state: State,
  notedAt: Instant,
  /** NIST SP 800-57 part 1, table 1: ours are within its periods. */
  replaceBy: Instant,
  endedAt: Instant.optional(),
});

const ProposalView = z.object({
  number: z.int(),
  label: z.string().max(200),
  use: Use,
  fingerprint: Fingerprint,
  reason: z.string(),
  proposedBy: z.uuid(),
  proposedAt: Instant,
  decision: z.enum(["approved", "rejected"]).optional(),
  decidedBy: z.uuid().optional(),
  decidedAt: Instant.optional(),
  decisionReason: z.string().optional(),
});

export const CERTIFIED_KINDS = {
  authority: text("机关印章", "Seals of authorities"),
  official: text("工作人员签名", "Signatures of officials"),
  person: text("个人签名", "Signatures of persons"),
  node: text("节点和系统", "Nodes and systems"),
};

export const signingKeyOperations = {
  /** Of keys of which there are many: how many, in which state, and when the certificates end. */
  countKeys: query({
    unfiltered: "arrangement",
    ...looking,
    title: text("印章、签名和期间密钥的数目", "How many keys of seals, signers and periods there are"),
    input: z.object({}),
    output: z.object({
      certified: z
        .array(
          z.object({
            kind: z.enum(["authority", "official", "person", "node"]),
            /** A certificate that has ended has a key that is deactivated. */
            state: State,
            count: z.int(),
            /** When the certificates of these end. */
            firstEnd: Instant,
            lastEnd: Instant,
          }),
        )
        .max(CERTIFIED_GROUPS_MAX),
      /** Those that seal what the ledger keeps for some years: by the number of years. */
      periods: z
        .array(
          z.object({
            years: z.int(),
            count: z.int(),
            /** Months that they cover, the first and the last. */
            from: z.string().regex(/^\d{4}-\d{2}$/),
            to: z.string().regex(/^\d{4}-\d{2}$/),
            /** When the first of them has had its time, and is destroyed. */
            nextEnd: Instant,
          }),
        )
        .max(PERIOD_GROUPS_MAX),
    }),
    refusals: {},
  }),
  listSigningKeys: query({
    unfiltered: "arrangement",
    ...looking,
    title: text("节点持有的签名密钥", "Keys that the node signs with"),
    input: z.object({}),
    output: z.object({
      keys: z.array(SigningKeyView),
      /** That one counts as compromised, the newest first. */
      proposals: z.array(ProposalView).max(PROPOSALS_MAX),
    }),
    refusals: {},
  }),
  noteSigningKeys: command({
    title: text("登记节点持有的签名密钥", "Note the keys that the node signs with"),
    audience: ["node"],
    input: z.object({}),
    output: z.object({ noted: z.int() }),
    refusals: {},
    legalBasis,
  }),
  proposeSigningKeyCompromise: command({
    ...acting,
    title: text("提出登记签名密钥已泄露", "Propose that a key that signs counts as compromised"),
    input: z.object({ fingerprint, reason }),
    output: z.object({ number: z.int() }),
    refusals: {
      "not-found": text("没有这把密钥，请核对指纹。", "There is no such key; please check its fingerprint."),
      "not-now": notNow,
      "by-hand": text(
        "这类密钥不能在此更换，请按密钥页面“密钥泄露了怎么办”处置。",
        "Such a key is not replaced here; please do what the page of keys says under “When a key is compromised”.",
      ),
      "proposed-already": text("这把密钥已有待审批的事项。", "Something is proposed for this key already."),
    },
  }),
  decideSigningKeyCompromise: command({
    ...acting,
    title: text("审批签名密钥的泄露登记", "Decide whether a key that signs counts as compromised"),
    input: z.object({ number: z.int().min(1).max(1_000_000_000), decision, reason }),
    output: z.object({ fingerprint: Fingerprint, state: State }),
    refusals: { ...decisionRefusals, "not-now": notNow },
  }),
} as const;
