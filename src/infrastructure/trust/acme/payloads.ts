/** What the requests of the protocol carry (RFC 8555 §7), each with its bounds. Members that are not known are passed over. */
import { z } from "zod";
import { PublicKey } from "./jws.ts";
import { malformed } from "./problem.ts";

const CONTACTS_MAX = 5;
const CONTACT_LENGTH_MAX = 300;
const NAMES_MAX = 20;
const REQUEST_LENGTH_MAX = 24_000;
const CERTIFICATE_LENGTH_MAX = 24_000;

const Contacts = z.array(z.string().min(1).max(CONTACT_LENGTH_MAX)).max(CONTACTS_MAX);

export const NewAccount = z.object({
  contact: Contacts.optional(),
  onlyReturnExisting: z.boolean().optional(),
  externalAccountBinding: z.unknown().optional(),
});
export const AccountChange = z.object({
  contact: Contacts.optional(),
  status: z.literal("deactivated").optional(),
});
export const KeyChange = z.object({ account: z.string(), oldKey: PublicKey });
export const NewOrder = z.object({
  identifiers: z
    .array(z.object({ type: z.string().max(20), value: z.string().min(1).max(300) }))
    .min(1)
    .max(NAMES_MAX),
  notBefore: z.string().optional(),
  notAfter: z.string().optional(),
});
export const AuthorizationChange = z.object({ status: z.literal("deactivated") });
export const ChallengeResponse = z.object({});
export const Finalization = z.object({ csr: z.string().min(1).max(REQUEST_LENGTH_MAX) });
export const Revocation = z.object({
  certificate: z.string().min(1).max(CERTIFICATE_LENGTH_MAX),
  reason: z.int().min(0).max(10).optional(),
});

export type AccountChange = z.infer<typeof AccountChange>;
export type NewOrder = z.infer<typeof NewOrder>;
export type Revocation = z.infer<typeof Revocation>;

/** Reads a payload. @throws {AcmeProblem} malformed */
export function readPayload<S extends z.ZodType>(schema: S, payload: Uint8Array): z.output<S> {
  const read = schema.safeParse(jsonIn(payload));
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join(".") ?? "";
  throw malformed(`请求内容有误：${where}`, `The payload is wrong: ${where}`);
}

function jsonIn(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return undefined;
  }
}
