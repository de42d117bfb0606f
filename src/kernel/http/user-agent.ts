/** What an agent's header may have of characters. */
const AGENT_CHARACTERS_MAX = 400;

/** In this order: browsers name those before them, too. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/MicroMessenger\//, "WeChat"],
  [/HuaweiBrowser\//, "Huawei Browser"],
  [/Edg(?:A|iOS)?\//, "Edge"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/OpenHarmony|HarmonyOS/, "HarmonyOS"],
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/**
 * Which browser on which system sent a request, as its own header says: for people to recognize their devices in a list, and for
 * nothing else. The header itself, by which a device could be told from all others, is kept nowhere.
 */
export function agentOf(header: string | undefined): string {
  const said = (header ?? "").slice(0, AGENT_CHARACTERS_MAX);
  const named = (list: typeof BROWSERS) => list.find(([pattern]) => pattern.test(said))?.[1];
  return [named(BROWSERS), named(SYSTEMS)].filter((name) => name !== undefined).join(" · ");
}
