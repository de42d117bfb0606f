/**
 * Something that is to be written down once: with what first needs it, in one commit, or by itself after a while.
 * @param write writes it; what is written in the same turn of the loop commits with it
 * @returns writes it now, if it is not written yet. Safe on disk when that resolves
 */
export function keptSoon(
  write: () => Promise<void>,
  options: { readonly withinMs: number; readonly onFault: (error: unknown) => void },
): () => Promise<void> {
  let kept: Promise<void> | undefined;
  const keep = (): Promise<void> => {
    clearTimeout(timer);
    kept ??= write().catch((error: unknown) => {
      kept = undefined; // whoever needs it next tries again
      throw error;
    });
    return kept;
  };
  const timer = setTimeout(() => keep().catch(options.onFault), options.withinMs);
  return keep;
}
