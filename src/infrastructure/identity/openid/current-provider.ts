import type { IncomingMessage, ServerResponse } from "node:http";
import type { Provider } from "oidc-provider";
import type { TokenKey } from "./token-keys.ts";

interface Standing {
  readonly provider: Provider;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly keys: string;
}

/**
 * The provider that answers now. The protocol library takes its keys once: where they change, another provider with the new ones takes the place of
 * this one. What is under way is in the database, so that it goes on; what is signed with a key that is not there any more is refused.
 */
export class CurrentProvider {
  readonly #make: (keys: readonly TokenKey[]) => Provider;
  #standing: Standing;

  constructor(make: (keys: readonly TokenKey[]) => Provider, keys: readonly TokenKey[]) {
    this.#make = make;
    this.#standing = this.#stand(keys);
  }

  get provider(): Provider {
    return this.#standing.provider;
  }

  /** Answers a request at one of the protocol's endpoints. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#standing.answer(request, response);
  }

  /** @param keys those to publish from now on, the one to sign with first */
  take(keys: readonly TokenKey[]): void {
    if (namesOf(keys) !== this.#standing.keys) this.#standing = this.#stand(keys);
  }

  #stand(keys: readonly TokenKey[]): Standing {
    const provider = this.#make(keys);
    return { provider, answer: provider.callback(), keys: namesOf(keys) };
  }
}

function namesOf(keys: readonly TokenKey[]): string {
  return keys.map(({ kid }) => kid).join(" ");
}
