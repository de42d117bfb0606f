import type { z } from "zod";
import { doorRefusal } from "#kernel/contract/door-refusals";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import { unwantedMark } from "#kernel/secrecy/marked-content";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { toBase64 } from "#lib/crypto/base64url";
import { suitesFor } from "#lib/crypto/purposes";
import { type RecipientKey, recipientKeyOf } from "#lib/crypto/recipient";
import { openParcel, type ParcelContent } from "../parcel.ts";
import { transferOperations } from "../transfer-contract.ts";
import { type Copy, descriptionOf, secretOf } from "./copy.ts";

type Transfers = typeof transferOperations;
type Asked<K extends keyof Transfers> = z.input<Transfers[K]["input"]>;
type Answered<K extends keyof Transfers> = z.output<Transfers[K]["output"]>;

function questionOf(operation: string, input: object): string {
  return `${operation} ${JSON.stringify(input)}`;
}

/** The other side of a copy. */
export class Source {
  readonly #kernel: Kernel;
  readonly #copy: Copy;
  readonly #act: () => Act;
  #ahead: { readonly question: string; readonly answer: Promise<unknown> } | undefined;

  /** @param act in whose name it is asked: the node's, on the basis that was agreed on; each question is an act of its own */
  constructor(kernel: Kernel, copy: Copy, act: () => Act) {
    this.#kernel = kernel;
    this.#copy = copy;
    this.#act = act;
  }

  /** The same source, for the copy as it is after a step. */
  after(copy: Copy): Source {
    const next = new Source(this.#kernel, copy, this.#act);
    next.#ahead = this.#ahead;
    return next;
  }

  /** Asks what will be asked next, while what was answered is stored. */
  askAhead<K extends keyof Transfers & string>(operation: K, input: Asked<K>): void {
    const answer = this.#ask(operation, input);
    answer.catch(() => undefined); // seen by whoever asks
    this.#ahead = { question: questionOf(operation, input), answer };
  }

  /** @throws ERR_DATASETS_PARCEL for an answer of another form */
  async ask<K extends keyof Transfers & string>(operation: K, input: Asked<K>): Promise<Answered<K> | Refusal> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.question === questionOf(operation, input)) return (await ahead.answer) as Answered<K> | Refusal;
    return await this.#ask(operation, input);
  }

  async #ask<K extends keyof Transfers & string>(operation: K, input: Asked<K>): Promise<Answered<K> | Refusal> {
    const { elsewhere } = this.#kernel;
    if (elsewhere === undefined) return doorRefusal("datasets", "unavailable");
    const answer = await elsewhere.transport.carry(this.#copy.node, this.#act(), {
      room: "datasets",
      operation,
      input,
    });
    if (isRefusal(answer)) return answer;
    const parsed = transferOperations[operation].output.safeParse(answer);
    if (!parsed.success) throw new Fault("ERR_DATASETS_PARCEL", { message: `${operation}: another form` });
    return parsed.data as Answered<K>;
  }

  /** What each question about this data set says. */
  about(): { readonly register: string; readonly epoch: string; readonly grant?: number } {
    const { register, epoch } = descriptionOf(this.#copy);
    return { register, epoch, ...this.#byGrant() };
  }

  /** What is asked before there is a description. */
  toDescribe(): { readonly register: string; readonly grant?: number } {
    return { register: this.#copy.register, ...this.#byGrant() };
  }

  #byGrant(): { readonly grant?: number } {
    return this.#copy.grant === undefined ? {} : { grant: this.#copy.grant };
  }

  /** For whom answers are encrypted. */
  recipient(): { readonly suite: RecipientKey["suite"]; readonly publicKey: string } {
    const { suite, publicKey } = recipientKeyOf(this.#secret());
    return { suite, publicKey: toBase64(publicKey) };
  }

  open(parcel: string): ParcelContent {
    const { register, epoch } = this.about();
    const binding = { register, epoch, receiver: this.#self() };
    const content = openParcel(parcel, this.#secret(), binding);
    const { division, attributes } = descriptionOf(this.#copy);
    const agreed = new Set(attributes.map(({ name }) => name));
    for (const version of content.versions) {
      const isOurs =
        version.division.startsWith(division) && Object.keys(version.value).every((name) => agreed.has(name));
      if (!isOurs) throw new Fault("ERR_DATASETS_PARCEL", { message: "beyond what was agreed" });
      if (unwantedMark(this.#kernel.zone, version.value) !== undefined)
        throw new Fault("ERR_DATASETS_MARKED", { message: `${register} ${version.key}` });
    }
    return content;
  }

  #secret() {
    const { vault, suites } = this.#kernel;
    return secretOf(vault, this.#copy, suitesFor("payload-encryption", suites).suite.name);
  }

  #self(): string {
    return this.#kernel.elsewhere?.routes.self ?? "";
  }
}
