/** Asking others over HTTP with every bound: time, size, no redirects, nothing of ours but the question. */

export const FETCH_TIMEOUT_MS = 5_000;

/** Undefined where it did not answer in time, as asked, or within the size. */
export async function boundedFetch(
  url: string,
  {
    maxBytes,
    post,
  }: { readonly maxBytes: number; readonly post?: { readonly type: string; readonly body: Uint8Array } },
): Promise<Uint8Array | undefined> {
  try {
    const answer = await fetch(url, {
      redirect: "error",
      credentials: "omit",
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      ...(post && { method: "POST", headers: { "content-type": post.type }, body: Buffer.from(post.body) }),
    });
    if (!answer.ok || answer.body === null) return undefined;
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of answer.body) {
      size += part.length;
      // Leaving the loop cancels the rest.
      if (size > maxBytes) return undefined;
      parts.push(part);
    }
    return new Uint8Array(Buffer.concat(parts));
  } catch {
    return undefined; // Away, slow, or not what was asked: the caller goes on with what it kept.
  }
}
