/** Host names as a person writes them: one a line, or apart by spaces and commas of either script. */
export function writtenHosts(written: string): readonly string[] {
  const hosts = written
    .toLowerCase()
    .split(/[\s,，、;；]+/u)
    .filter((host) => host !== "");
  return [...new Set(hosts)];
}
