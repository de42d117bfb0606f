import { type Language, type Text, text } from "#lib/language/text";

/** RFC 8555 §6.7: what this server answers. */
const STATUS = {
  accountDoesNotExist: 400,
  alreadyRevoked: 400,
  badCSR: 400,
  badNonce: 400,
  badPublicKey: 400,
  badRevocationReason: 400,
  badSignatureAlgorithm: 400,
  connection: 400,
  externalAccountRequired: 401,
  incorrectResponse: 403,
  invalidContact: 400,
  malformed: 400,
  orderNotReady: 403,
  rateLimited: 429,
  rejectedIdentifier: 400,
  serverInternal: 500,
  unauthorized: 403,
  unsupportedContact: 400,
  unsupportedIdentifier: 400,
} as const;

export type ProblemType = keyof typeof STATUS;

/** A problem document as it is sent, and kept with an order or a challenge (RFC 7807). */
export interface ProblemDocument {
  readonly type: string;
  readonly detail: string;
  readonly status: number;
  readonly algorithms?: readonly string[];
}

/** An expected “no” of the protocol. It is thrown, since each step of a request may give one, and answered in one place. */
export class AcmeProblem extends Error {
  readonly type: ProblemType;
  readonly detail: Text;
  /** Of the answer, where it is another than the type's. */
  readonly status: number;
  /** The algorithms that would do (RFC 8555 §6.2). */
  readonly algorithms: readonly string[] | undefined;
  /** Where what was asked for is already, as for a key that another account has (RFC 8555 §7.3.5). */
  readonly location: string | undefined;

  constructor(
    type: ProblemType,
    detail: Text,
    more: { readonly status?: number; readonly algorithms?: readonly string[]; readonly location?: string } = {},
  ) {
    super(type);
    this.type = type;
    this.detail = detail;
    this.status = more.status ?? STATUS[type];
    this.algorithms = more.algorithms;
    this.location = more.location;
  }

  document(language: Language): ProblemDocument {
    return {
      type: `urn:ietf:params:acme:error:${this.type}`,
      detail: this.detail[language],
      status: this.status,
      ...(this.algorithms && { algorithms: this.algorithms }),
    };
  }
}

export function malformed(zh: string, en: string): AcmeProblem {
  return new AcmeProblem("malformed", text(zh, en));
}

/** What is not there and what belongs to another account are answered alike. */
export function unknown(): AcmeProblem {
  return new AcmeProblem("malformed", text("没有这个资源。", "There is no such resource."), { status: 404 });
}
