import type { Language, Text } from "#lib/language/text";
import type { AssuranceNeed } from "../contract/assurance.ts";
import type { Contract } from "../contract/contract.ts";
import type { Session } from "../ports.ts";
import type { Act, Purpose } from "../system/act.ts";
import type { Front } from "../system/context.ts";

/** A form's fields as they were sent. A name that was sent more than once has its values in order. */
export type FormFields = Readonly<Record<string, string | readonly string[]>>;

export interface UploadedFile {
  readonly field: string;
  readonly name: string;
  readonly mediaType: string;
  /** Empty where it is marked. */
  readonly bytes: Uint8Array;
  /** It is marked as a state secret, which a node of this zone does not take: nothing of it was kept. */
  readonly isMarked?: true;
}

/** One request for a page, and the doors that it may knock at. */
export interface PageRequest {
  readonly method: "GET" | "POST";
  /** Path with query, for links back. */
  readonly url: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly fields: FormFields;
  readonly files: readonly UploadedFile[];
  readonly language: Language;
  readonly session: Session | undefined;
  /** To be placed in each form as the field `csrf`. */
  readonly csrf: string;
  /** A new key for a form, so that sending it twice does its work once; placed as the field `key`. */
  readonly newFormKey: string;
  /** ISO 8601 UTC. */
  readonly now: string;
  /** The peer's address, for lock-out after failed sign-ins. */
  readonly address: string;
  /** Which browser on which system, as it says; empty where it does not. */
  readonly agent: string;
  readonly sessionToken: string | undefined;
  /** The session as it is now, after this request has changed it: for whom its holder acts. */
  sessionNow(): Promise<Session | undefined>;
  /** A cookie that someone else than the pages set, such as a protocol that a page is part of. */
  cookie(name: string): string | undefined;
  say(text: Text): string;
  /** The act that this request makes. */
  act(about: ActAbout): Act;
  /** The operations of a room, called as this request's principal. */
  front<C extends Contract>(contract: C, about: ActAbout): Front<C>;
}

export interface ActAbout {
  readonly purpose: Purpose;
  readonly caseId?: string;
  /** Default: the form's key when this request is a form that was sent. Null: none, for an act whose answer must not be kept. */
  readonly key?: string | null;
  /** The act is the node's own, such as looking up a session's holder. */
  readonly asNode?: string;
  /** The code of the node whose room is meant, of what each node keeps for itself; absent: this one's. */
  readonly at?: string | undefined;
}

export type PageResponse =
  | {
      readonly kind: "page";
      readonly status?: number;
      readonly html: string;
      /** The origin to which the answer to a form of this page may lead, beside our own. */
      readonly formTarget?: string;
      readonly cookies?: readonly ResponseCookie[];
      /** Loads itself anew after so many seconds: only where its reader asked for that. */
      readonly refreshSeconds?: number;
    }
  | { readonly kind: "redirect"; readonly to: string; readonly cookies?: readonly ResponseCookie[] }
  | {
      readonly kind: "file";
      readonly bytes: Uint8Array;
      readonly mediaType: string;
      readonly name: string;
      readonly inline?: boolean;
    }
  /** What is made while it is sent, in constant memory; when its reader goes, it ends. */
  | {
      readonly kind: "stream";
      readonly chunks: AsyncIterable<string>;
      readonly mediaType: string;
      readonly name: string;
    }
  | { readonly kind: "text"; readonly status?: number; readonly body: string | Uint8Array; readonly mediaType: string }
  | { readonly kind: "not-found" }
  /** The person proves first who he is; what was sent is kept, and then done as it was sent. */
  | { readonly kind: "step-up"; readonly needs: AssuranceNeed }
  /** It is proved: what was kept is done now. */
  | { readonly kind: "resume"; readonly kept: string; readonly cookies: readonly ResponseCookie[] };

export interface ResponseCookie {
  readonly name: "session" | "language";
  /** Empty: removed. */
  readonly value: string;
}

/** A page or form of the portal, the workbench or a room. */
export interface Page {
  /** Fastify's form: `/cases/:id`. */
  readonly path: string;
  /** Who may open it; everybody else is asked to sign in, or answered as if it were not there. */
  readonly audience: "public" | "person" | "official";
  readonly get?: (request: PageRequest) => Promise<PageResponse>;
  readonly post?: (request: PageRequest) => Promise<PageResponse>;
  /** The most bytes of one upload to this page; absent: no uploads. */
  readonly maxUploadBytes?: number;
  /** Nothing of what is uploaded is kept: it is not looked at for marks of state secrets. */
  readonly keepsNoUploads?: true;
}

/** Declares a page. */
export function definePage(page: Page): Page {
  return Object.freeze(page);
}

/** The one value of a field; empty when it was not sent. */
export function fieldOf(fields: FormFields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

/** How the HTTP layer draws what no page draws: not found, refusal, fault, sign-in needed. */
export interface PageFrame {
  notFound(request: PageRequest): string;
  /** A fault: says what was kept and what to do, with a number to quote. */
  failed(request: PageRequest, reference: string): string;
  /** The node's database does not answer. */
  unreachable(request: PageRequest): string;
  /** A request that was refused before any page saw it: too big, malformed, form token missing. */
  refused(request: PageRequest, text: Text): string;
  /** A form that arrived without a session of its own: what was entered is kept, and can be sent again. */
  kept(request: PageRequest, text: Text): string;
  /** Where to send whoever must sign in first. */
  signIn(back: string, audience: "person" | "official"): string;
  /** Where to send whoever must prove more than a sign-in does: with what was kept of a form, or back to a page. */
  stepUp(to: { readonly kept: string } | { readonly back: string; readonly needs: AssuranceNeed }): string;
}
