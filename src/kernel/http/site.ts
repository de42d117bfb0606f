import type { Text } from "#lib/language/text";
import type { Addresses, Documents, Messages, Posts, Scanner, Signer } from "../ports.ts";
import type { CertificateSource } from "../services/case-evidence.ts";
import type { Kernel } from "../system/kernel.ts";

/** One node as its pages know it. */
export interface Site {
  readonly kernel: Kernel;
  /** 清源县政务服务 */
  readonly name: Text;
  /** All people, organizations and cases are invented, and every page says so. */
  readonly demonstration: boolean;
  /** Under which people reach the node, without a slash at its end. */
  readonly publicUrl: string;
  readonly signer: Signer;
  readonly scanner: Scanner;
  readonly messages: Messages;
  readonly addresses: Addresses;
  readonly posts: Posts;
  readonly documents: Documents;
  /** Done after someone signed out, while the answer is under way: tells other systems. */
  readonly afterSignOut: ((session: string) => Promise<unknown>)[];
  /** How the identity platform is called through which people can sign in, where one is plugged in. */
  readonly upstream?: Text;
  /** The code that somebody's phone would show, or in how many seconds it shows one that was not used. Of a demonstration alone. */
  readonly demonstrationCode?: (
    holder: CodeHolder,
  ) => Promise<{ readonly code: string | undefined; readonly inSeconds: number } | undefined>;
  /** Which authority keeps which room; `*` for the rest. */
  readonly hosts: Map<string, string>;
  readonly typesetter: { warm(): Promise<void> };
  /** What bundles of evidence say of certificates. */
  readonly certificates: CertificateSource;
  /** The stand-alone verifier as plain JavaScript: one page for browsers, one file for Node. */
  readonly verifier: () => Promise<readonly OfferedProgram[]>;
}

/** Whose phone a demonstration shows: who is signed in, or who has given a sign-in name. */
export type CodeHolder = { readonly name: string } & ({ readonly session: string } | { readonly signInName: string });

/** A program that a node offers for download. */
export interface OfferedProgram {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Hexadecimal. */
  readonly sha256: string;
}
