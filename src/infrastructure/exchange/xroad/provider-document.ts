import { readOpenApi } from "#lib/openapi/document";
import { compileOpenApi } from "#lib/openapi/validation";
import type { Registration } from "./registration.ts";
import type { Provider } from "./registrations.ts";

/** Undefined where a later version of this program no longer takes the document: then the service is not there. */
export function providerOf(row: Registration<"provider">): Provider | undefined {
  const document = readOpenApi(row.content.document);
  if ("problem" in document) return undefined;
  const { service, name, baseUrl, certificate, fingerprint } = row.content;
  return {
    ...{ id: row.id, service, name, authority: row.authority, certificate, fingerprint, document },
    baseUrl: new URL(baseUrl),
    validator: compileOpenApi(document),
  };
}
