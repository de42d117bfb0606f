/** 文号: how a notice is numbered on paper, from the number that the kernel gave it. */

/** What the organs of a county are called in the numbers of their documents, by the end of their name. */
const ORGAN_WORDS: readonly (readonly [ending: string, word: string])[] = [
  ["市场监督管理局", "市监"],
  ["行政审批局", "审批"],
  ["政务服务管理局", "政务"],
  ["农业农村局", "农"],
  ["卫生健康局", "卫健"],
  ["自然资源局", "自然资"],
  ["公安局", "公"],
  ["水利局", "水"],
  ["人民政府", "政"],
];

/** What each notice is called in its number. */
const NOTICE_WORDS: Readonly<Record<string, string>> = {
  receipt: "收",
  acceptance: "受",
  "non-acceptance": "不受",
  supplement: "补",
  rectification: "改",
  "hearing-right": "听告",
  hearing: "听",
  "party-rights": "利告",
  "party-hearing": "利听",
  "party-decision": "利决",
  exclusion: "特",
  "renewal-by-silence": "延准",
  revocation: "撤销",
  withdrawal: "撤回",
  annulment: "吊销",
  deregistration: "注销",
  extension: "延",
  termination: "终",
  grant: "准",
  refusal: "不准",
};

const SEQUENCE_DIGITS = 6;

/** `清源县市场监督管理局` → `清市监`; the whole name where no short one is known, so that a number is never ambiguous. */
export function authorityWord(name: string): string {
  const found = ORGAN_WORDS.find(([ending]) => name.endsWith(ending) && name.length > ending.length);
  return found ? `${name.charAt(0)}${found[1]}` : name;
}

/**
 * `清市监许受〔2026〕000123号` from `quality/acceptance/2026/123`.
 * @throws {RangeError} when the number is not of the kernel's form
 */
export function documentNumber(number: string, authority: string): string {
  const [, , kind, year, sequence] = /^([^/]+)\/([a-z-]+)\/(\d{4})\/(\d+)$/.exec(number) ?? [];
  const word = NOTICE_WORDS[kind ?? ""];
  if (word === undefined || sequence === undefined) throw new RangeError(`not the number of a notice: ${number}`);
  return `${authority}许${word}〔${year}〕${sequence.padStart(SEQUENCE_DIGITS, "0")}号`;
}
