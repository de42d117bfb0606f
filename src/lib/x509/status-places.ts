/** Where a certificate says that its status and its issuer are found (RFC 5280 §4.2.2.1 and §4.2.1.13). */
import { type DerElement, readDer, readOid } from "../asn1/der.ts";
import { EXTENSION, type Extension } from "./extensions.ts";

const STATUS_ACCESS = "1.3.6.1.5.5.7.48.1";
const ISSUER_ACCESS = "1.3.6.1.5.5.7.48.2";
const URI_TAG = 0x86;
const PLACES_MAX = 4;

export interface StatusPlaces {
  /** OCSP. */
  readonly answers: readonly string[];
  readonly lists: readonly string[];
  /** Of the issuer's certificate. */
  readonly issuers: readonly string[];
}

/** The addresses over HTTP. @throws {DerError} for malformed extensions */
export function statusPlaces(extensions: ReadonlyMap<string, Extension>): StatusPlaces {
  const access = extensions.get(EXTENSION.authorityInfoAccess);
  const points = extensions.get(EXTENSION.crlDistributionPoints);
  const accessible = (wanted: string) =>
    access === undefined
      ? []
      : readDer(access.value).children.flatMap(({ children: [method, place] }) =>
          method && place && readOid(method) === wanted ? urisIn(place) : [],
        );
  const listed = points === undefined ? [] : readDer(points.value).children.flatMap(urisIn);
  const some = (addresses: readonly string[]) => addresses.filter(isHttp).slice(0, PLACES_MAX);
  return {
    answers: some(accessible(STATUS_ACCESS)),
    lists: some(listed),
    issuers: some(accessible(ISSUER_ACCESS)),
  };
}

function urisIn(element: DerElement): readonly string[] {
  if (element.tag === URI_TAG) return [new TextDecoder().decode(element.content)];
  return element.children.flatMap(urisIn);
}

function isHttp(address: string): boolean {
  const url = URL.parse(address);
  return (url?.protocol === "http:" || url?.protocol === "https:") && url.username === "";
}
