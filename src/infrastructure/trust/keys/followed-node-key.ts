/**
 * The node's key as an open process has it. Another process may renew it: what lies in the key folder is looked at before anything new is put under
 * it, where something does not open, and when somebody tells.
 */

import { nodeKeyState, openNodeKey, type Passphrase, type SealingToken } from "./node-key.ts";
import { NodeSecrets } from "./node-secrets.ts";

export interface NodeKeyPlace {
  readonly folder: string;
  readonly passphrase: Passphrase;
  readonly token?: SealingToken | undefined;
}

export class FollowedNodeKey {
  /** What the key is made of; another one takes its place in here. */
  readonly secrets: NodeSecrets;
  /** Where it lies, and what opens it. */
  readonly place: NodeKeyPlace;
  readonly #wrapping = new Set<Promise<unknown>>();
  #state: string;
  #unopened: string | undefined;
  #following: Promise<unknown> = Promise.resolve();

  private constructor(
    place: NodeKeyPlace,
    { secrets, state }: { readonly secrets: NodeSecrets; readonly state: string },
  ) {
    this.place = place;
    this.secrets = secrets;
    this.#state = state;
  }

  /** @throws {Fault} as `openNodeKey` does */
  static async open(place: NodeKeyPlace): Promise<FollowedNodeKey> {
    const { folder, passphrase, token } = place;
    // Looked at before: what changes meanwhile is seen at the next look.
    const before = await nodeKeyState(folder);
    const secrets = new NodeSecrets(await openNodeKey(folder, passphrase, token));
    return new FollowedNodeKey(place, { secrets, state: before });
  }

  /**
   * Takes in what lies in the key folder now. When it returns, nothing that was begun is still put under the key of before.
   * @returns whether it opens anything that did not open before
   * @throws {Fault} as `openNodeKey` does; the key of before stays, and is not tried again until the folder changes
   */
  follow(): Promise<boolean> {
    const next = this.#following.catch(() => undefined).then(() => this.#follow());
    this.#following = next;
    return next;
  }

  /** Runs what puts something new under the node's key, with the one that lies in the folder. */
  async wrapping<T>(work: () => Promise<T>): Promise<T> {
    // What a changed passphrase keeps closed is the same key; or whoever renews it waits for this process.
    await this.follow().catch(() => undefined);
    const doing = work();
    this.#wrapping.add(doing);
    try {
      return await doing;
    } finally {
      this.#wrapping.delete(doing);
    }
  }

  /** Reads; once more where another key had taken the place of the one that it was tried with. */
  async reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(await this.follow().catch(() => false))) throw error;
      return await read();
    }
  }

  async #follow(): Promise<boolean> {
    const { folder, passphrase, token } = this.place;
    const state = await nodeKeyState(folder);
    if (state === this.#state || state === this.#unopened) return false;
    try {
      const isNew = this.secrets.take(await openNodeKey(folder, passphrase, token));
      this.#state = state;
      this.#unopened = undefined;
      if (isNew) await Promise.allSettled([...this.#wrapping]);
      return isNew;
    } catch (error) {
      this.#unopened = state;
      throw error;
    }
  }
}
