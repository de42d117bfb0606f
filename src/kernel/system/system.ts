import type { Contract } from "../contract/contract.ts";
import type { Handler, Handlers, ServiceImplementation, ServiceImplementations, Uses } from "./context.ts";

/** A room: a contract and what keeps it. */
export interface System<C extends Contract = Contract> {
  readonly contract: C;
  readonly uses: Uses;
  // biome-ignore lint/suspicious/noExplicitAny: handlers are held without their types once they are checked
  readonly operations: Readonly<Record<string, (ctx: any, input: any) => Promise<unknown>>>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly services: Readonly<Record<string, ServiceImplementation<any, any, any>>>;
  /** Numbered SQL files, for what registers do not cover. */
  readonly migrations: URL | undefined;
}

type NoOperations<C extends Contract> = keyof C["operations"] extends never ? true : false;
type NoServices<C extends Contract> = keyof C["services"] extends never ? true : false;

type Implementation<C extends Contract, U extends Uses> = {
  readonly uses?: U;
  readonly migrations?: URL;
} & (NoOperations<C> extends true
  ? { readonly operations?: Handlers<C, U> }
  : { readonly operations: Handlers<C, NoInfer<U>> }) &
  (NoServices<C> extends true
    ? { readonly services?: ServiceImplementations<C, U> }
    : { readonly services: ServiceImplementations<C, NoInfer<U>> });

/** Joins a contract to its implementation. A missing handler, an undeclared refusal or use does not compile. */
export function defineSystem<C extends Contract, U extends Uses = Record<never, never>>(
  contract: C,
  implementation: Implementation<C, U>,
): System<C> {
  const given = implementation as Implementation<C, U> & {
    operations?: System["operations"];
    services?: System["services"];
  };
  return Object.freeze({
    contract,
    uses: given.uses ?? {},
    operations: given.operations ?? {},
    services: given.services ?? {},
    migrations: given.migrations,
  });
}

/** Binds a contract and its uses once, so that each operation can live in a file of its own. */
export function implementer<C extends Contract, U extends Uses = Record<never, never>>(_contract: C, _uses?: U) {
  return <K extends keyof C["operations"]>(_name: K, handler: Handler<C, U, K>): Handler<C, U, K> => handler;
}

/** The same for a service item. */
export function serviceImplementer<C extends Contract, U extends Uses = Record<never, never>>(_contract: C, _uses?: U) {
  return <K extends keyof C["services"]>(
    _name: K,
    implementation: ServiceImplementation<C, U, K>,
  ): ServiceImplementation<C, U, K> => implementation;
}
