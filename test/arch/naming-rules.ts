import { posix } from "node:path";
import { finding, type Rule } from "./rule.ts";

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** What may stand between a file's name and `.ts`. */
const ENDINGS = /(?:\.(?:test|test-d|d|prop\.test|db\.test|access\.test|browser\.test))?\.ts$/;
/** They say nothing about what a file holds, so everything ends up in them. */
const EMPTY_WORDS = new Set([
  "utils",
  "util",
  "utilities",
  "helpers",
  "helper",
  "common",
  "misc",
  "manager",
  "shared",
  "stuff",
]);

export const fileNames: Rule = {
  name: "files are named after what they hold",
  because: "a name from the statute or the glossary is found by whoever knows the law; utils is found by nobody",
  applies: () => true,
  check: (file) => {
    const folders = posix.dirname(file.path).split("/");
    const name = posix.basename(file.path).replace(ENDINGS, "");
    const unusual = [...folders, name].filter((part) => !KEBAB.test(part) && part !== ".");
    const words = [...folders, name].flatMap((part) => part.split("-").filter((word) => EMPTY_WORDS.has(word)));
    const suffix = name.endsWith("-service") ? ["-service"] : [];
    return [
      ...unusual.map((part) => finding(file, 1, `${part} is not kebab-case`)),
      ...[...words, ...suffix].map((word) => finding(file, 1, `${word} says nothing about what it holds`)),
    ];
  },
  bad: [
    ["src/kernel/findPerson.ts", ""],
    ["src/kernel/person_register.ts", ""],
    ["src/kernel/string-utils.ts", ""],
    ["src/kernel/helpers/text.ts", ""],
    ["src/kernel/case-manager.ts", ""],
    ["src/kernel/case-service.ts", ""],
  ],
  good: [
    ["src/kernel/find-person.prop.test.ts", ""],
    ["src/kernel/services/service-refusals.ts", ""],
    ["src/lib/mod-11-10.ts", ""],
  ],
};

/** Beyond this a file has more than one reason to change. Tables of facts may be longer. */
export const MAX_LINES = 500;
/** Most files stay under this; longer ones are reported, not refused. */
export const USUAL_LINES = 300;

export const fileLength: Rule = {
  name: "files are short",
  because: "a file has one reason to change, and is read as a whole",
  applies: () => true,
  check: (file) =>
    file.lines > MAX_LINES ? [finding(file, MAX_LINES, `it has ${file.lines} lines, more than ${MAX_LINES}`)] : [],
  bad: [["src/kernel/long.ts", "\n".repeat(MAX_LINES + 1)]],
  good: [["src/kernel/short.ts", "\n".repeat(USUAL_LINES)]],
};

export const roomShape: Rule = {
  name: "a room has the shape of a room",
  because: "whoever knows one room knows all: README.md, contract.ts, system.ts",
  applies: (path) => /^src\/(?:infrastructure|resources|systems|services|standards|management)\//.test(path),
  check: (file, house) => {
    if (!file.path.endsWith("/contract.ts") || file.path.split("/").length !== 4) {
      const room = file.path.split("/").slice(0, 3).join("/");
      return house.files.has(`${room}/contract.ts`) ? [] : [finding(file, 1, `${room} has no contract.ts`)];
    }
    const system = file.path.replace("contract.ts", "system.ts");
    return house.files.has(system) ? [] : [finding(file, 1, "nothing keeps this contract: there is no system.ts")];
  },
  bad: [
    ["src/systems/customs/contract.ts", "export const customs = 1;"],
    ["src/systems/tax/operations/assess.ts", "export const assess = 1;"],
  ],
  good: [],
};
