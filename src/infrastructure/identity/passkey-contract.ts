import { z } from "zod";
import { DELEGATE } from "#infrastructure/directory";
import { cite } from "#kernel/contract/citation";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import {
  CHANGE_FACTORS,
  CYBERSECURITY_LAW,
  NOT_OPENED_REFUSAL,
  PROVE_FIRST_REFUSAL,
  SESSION_REFUSALS,
} from "./factor-contract.ts";

const PASSKEY_NAME_MAX = 60;
/** What a browser sends; certificates of an attestation, which is not asked for, would be the most of it. */
const RESPONSE_CHARACTERS_MAX = 20_000;

const Id = z.uuid();
const Session = z.object({ session: Id });
const Options = z.object({
  /** For `navigator.credentials`, JSON (WebAuthn §5.4, §5.5), its bytes in base64url. */
  options: z.string(),
});
const Response = field(z.string().max(RESPONSE_CHARACTERS_MAX), {
  title: text("通行密钥的应答", "What the passkey answered"),
  sensitive: true,
});
const Token = field(z.string(), { title: text("登录令牌", "Session token"), sensitive: true });
const RecoveryCodes = field(z.array(z.string()), { title: text("恢复码", "Recovery codes"), sensitive: true });
const legalBasis = [cite(CYBERSECURITY_LAW, "第二十一条")];
const own = { audience: ["person", "official", "node"], duty: DELEGATE, legalBasis } as const;
const failed = z.object({ outcome: z.literal("failed") });

/** Passkeys (WebAuthn level 3): a key in the person's device, for this node alone, opened by finger, face or PIN. */
export const passkeyOperations = {
  passkeyToSignIn: query({
    title: text("用通行密钥登录的请求", "What a passkey is asked to sign in"),
    audience: ["public"],
    input: z.object({}),
    output: Options,
    refusals: {},
    legalBasis,
  }),
  signInByPasskey: command({
    title: text("用通行密钥登录", "Sign in by passkey"),
    audience: ["public"],
    input: z.object({
      response: Response,
      address: z.string().max(64).default(""),
      agent: z.string().max(60).default(""),
    }),
    output: z.discriminatedUnion("outcome", [
      z.object({
        outcome: z.literal("signed-in"),
        token: Token,
        session: Id,
        holderKind: z.enum(["person", "official"]),
      }),
      failed,
      z.object({ outcome: z.literal("wait"), seconds: z.int().positive() }),
    ]),
    refusals: {},
    legalBasis,
  }),
  passkeyToProve: query({
    ...own,
    title: text("用通行密钥验证身份的请求", "What a passkey is asked to prove who one is"),
    input: Session,
    output: Options,
    refusals: SESSION_REFUSALS,
  }),
  proveByPasskey: command({
    ...own,
    title: text("用通行密钥验证身份", "Prove who one is by passkey"),
    input: Session.extend({ response: Response }),
    output: z.discriminatedUnion("outcome", [z.object({ outcome: z.literal("proved"), token: Token }), failed]),
    refusals: SESSION_REFUSALS,
  }),
  passkeyToAdd: query({
    ...own,
    title: text("添加通行密钥的请求", "What a new passkey is made from"),
    input: Session,
    output: Options,
    refusals: SESSION_REFUSALS,
  }),
  addPasskey: command({
    ...own,
    title: text("添加通行密钥", "Add a passkey"),
    input: Session.extend({
      name: field(z.string().trim().min(1).max(PASSKEY_NAME_MAX), { title: text("名称", "Name") }),
      response: Response,
    }),
    output: z.discriminatedUnion("outcome", [
      /** With the first second factor come recovery codes; they are given once. */
      z.object({ outcome: z.literal("added"), token: Token, recoveryCodes: RecoveryCodes }),
      failed,
    ]),
    refusals: { ...SESSION_REFUSALS, ...PROVE_FIRST_REFUSAL, ...NOT_OPENED_REFUSAL },
  }),
  removePasskey: command({
    ...own,
    title: text("移除通行密钥", "Remove a passkey"),
    assurance: CHANGE_FACTORS,
    input: Session.extend({ id: Id }),
    output: z.object({ removed: z.boolean() }),
    refusals: { ...SESSION_REFUSALS, ...PROVE_FIRST_REFUSAL },
  }),
};
