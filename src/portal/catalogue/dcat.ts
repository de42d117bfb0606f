import type { catalogue, SharingKind, UPDATE_CYCLES } from "#infrastructure/catalogue";
import type { Output } from "#kernel/contract/contract";
import type { Text } from "#lib/language/text";

/**
 * The public part of the catalogue as DCAT-AP 3.0.1 (JSON-LD). Data of government are shared between authorities: what is public is that
 * they are there, so each data set says that access to it is restricted, and leads to its page.
 */

export type PublicEntry = Output<(typeof catalogue)["operations"]["publicEntries"]["output"]>["items"][number];

const CONTEXT = {
  adms: "http://www.w3.org/ns/adms#",
  dcat: "http://www.w3.org/ns/dcat#",
  dct: "http://purl.org/dc/terms/",
  foaf: "http://xmlns.com/foaf/0.1/",
  skos: "http://www.w3.org/2004/02/skos/core#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
} as const;

/** Vocabularies of the Publications Office of the European Union, which DCAT-AP asks for. */
const VOCABULARY = "http://publications.europa.eu/resource/authority";
const FREQUENCIES: Readonly<Record<keyof typeof UPDATE_CYCLES, string>> = {
  "real-time": "UPDATE_CONT",
  daily: "DAILY",
  weekly: "WEEKLY",
  monthly: "MONTHLY",
  quarterly: "QUARTERLY",
  yearly: "ANNUAL",
  irregular: "IRREG",
};
const ACCESS: Readonly<Record<SharingKind, string>> = {
  unconditional: "RESTRICTED",
  conditional: "RESTRICTED",
  none: "NON_PUBLIC",
};

export interface DcatSource {
  /** Where this node is read, without a slash at its end. */
  readonly publicUrl: string;
  readonly title: Text;
  readonly description: Text;
  /** Who answers for the catalogue. */
  readonly publisher: Text;
  readonly entries: readonly { readonly entry: PublicEntry; readonly publisher: Text }[];
}

export function dcatCatalogue({ publicUrl, title, description, publisher, entries }: DcatSource): object {
  const page = `${publicUrl}/catalogue`;
  const publishers = new Map(entries.map((one) => [one.entry.authority, one.publisher]));
  return {
    "@context": CONTEXT,
    "@graph": [
      {
        "@id": `${page}.jsonld#catalogue`,
        "@type": "dcat:Catalog",
        "dct:title": both(title),
        "dct:description": both(description),
        "dct:publisher": { "@type": "foaf:Agent", "foaf:name": both(publisher) },
        "dct:language": [language("ZHO"), language("ENG")],
        "foaf:homepage": { "@id": page },
        "dcat:dataset": entries.map(({ entry }) => ({ "@id": idOf(page, entry) })),
      },
      ...entries.map(({ entry }) => dataset(page, entry)),
      ...[...publishers].map(([id, name]) => ({
        "@id": agent(id),
        "@type": "foaf:Agent",
        "foaf:name": both(name),
      })),
    ],
  };
}

function dataset(page: string, entry: PublicEntry): object {
  const { title, abstract, code, authority, attributes, sharing, updateCycle, releasedOn } = entry;
  const frequency = FREQUENCIES[updateCycle as keyof typeof UPDATE_CYCLES];
  return {
    "@id": idOf(page, entry),
    "@type": "dcat:Dataset",
    "dct:title": both(title),
    "dct:description": both(abstract),
    "dct:identifier": code,
    "dct:publisher": { "@id": agent(authority) },
    "dct:accessRights": { "@id": `${VOCABULARY}/access-right/${ACCESS[sharing]}`, "@type": "dct:RightsStatement" },
    ...(frequency && {
      "dct:accrualPeriodicity": { "@id": `${VOCABULARY}/frequency/${frequency}`, "@type": "dct:Frequency" },
    }),
    "dct:issued": { "@value": releasedOn, "@type": "xsd:date" },
    "dcat:keyword": attributes.flatMap((attribute) => both(attribute.title)),
    "dcat:landingPage": { "@id": `${page}#entry-${entry.number}`, "@type": "foaf:Document" },
  };
}

function idOf(page: string, { number }: PublicEntry): string {
  return `${page}.jsonld#entry-${number}`;
}

function agent(id: string): string {
  return `urn:uuid:${id}`;
}

function both({ zh, en }: Text) {
  return [
    { "@value": zh, "@language": "zh" },
    { "@value": en, "@language": "en" },
  ];
}

function language(code: string) {
  return { "@id": `${VOCABULARY}/language/${code}`, "@type": "dct:LinguisticSystem" };
}
