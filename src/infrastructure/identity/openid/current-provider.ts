import type { IncomingMessage, ServerResponse } from "node:http";
import type { Provider } from "oidc-provider";
import type { TokenKey } from "./token-keys.ts";

interface Standing {
  readonly provider: Provider;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/**
 * The provider that answers now, made when it is first asked: a node into which no other system signs rests without the protocol library.
 * That takes its keys once: where they change, another provider with the new ones takes the place of this one. What is under way is in
 * the database, so that it goes on; what is signed with a key that is not there any more is refused.
 */
export class CurrentProvider {
  readonly issuer: string;
  readonly #make: (keys: readonly TokenKey[]) => Promise<Provider>;
  #keys: readonly TokenKey[];
  #standing: Promise<Standing> | undefined;

  /** @param issuer the node's own address */
  constructor(issuer: string, make: (keys: readonly TokenKey[]) => Promise<Provider>, keys: readonly TokenKey[]) {
    this.issuer = issuer;
    this.#make = make;
    this.#keys = keys;
  }

  async provider(): Promise<Provider> {
    return (await this.#stand()).provider;
  }

  /** Answers a request at one of the protocol's endpoints. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { answer } = await this.#stand();
    await answer(request, response);
  }

  /** @param keys those to publish from now on, the one to sign with first */
  take(keys: readonly TokenKey[]): void {
    if (namesOf(keys) === namesOf(this.#keys)) return;
    this.#keys = keys;
    this.#standing = undefined;
  }

  #stand(): Promise<Standing> {
    if (this.#standing !== undefined) return this.#standing;
    const standing = this.#make(this.#keys).then((provider) => ({ provider, answer: provider.callback() }));
    this.#standing = standing;
    standing.catch(() => {
      if (this.#standing === standing) this.#standing = undefined; // whoever asks next tries again
    });
    return standing;
  }
}

function namesOf(keys: readonly TokenKey[]): string {
  return keys.map(({ kid }) => kid).join(" ");
}
