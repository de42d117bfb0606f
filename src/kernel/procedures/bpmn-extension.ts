/**
 * Our extension of BPMN 2.0, `xmlns:zt="urn:zhengtong:bpmn"`, as bpmn-moddle wants it described. An attribute or element that is
 * not in here is refused when a file is read.
 */
export const BPMN_EXTENSION = {
  name: "Zhengtong",
  uri: "urn:zhengtong:bpmn",
  prefix: "zt",
  xml: { tagAlias: "lowerCase" },
  types: [
    // zt:en beside name: the English title of anything that has a name.
    { name: "Titled", extends: ["bpmn:BaseElement"], properties: [attribute("en")] },
    extension("Performer", ["duty", "notBy", "count"]),
    extension("Clock", [
      "id",
      "name",
      "en",
      "unit",
      "amount",
      "promised",
      "article",
      "starts",
      "stops",
      "pauses",
      "since",
      "pauseArticle",
    ]),
    extension("Period", ["unit", "amount", "article"]),
    extension("Due", ["clock", "unit", "amount", "article"]),
    extension("Notice", ["kind"]),
    extension("Slot", ["name"]),
  ],
  enumerations: [],
  associations: [],
};

function attribute(name: string) {
  return { name, isAttr: true, type: "String" };
}

function extension(name: string, attributes: readonly string[]) {
  return { name, superClass: ["Element"], properties: attributes.map(attribute) };
}
