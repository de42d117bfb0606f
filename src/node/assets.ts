import type { FastifyInstance } from "fastify";
import { ASSET_CACHE_CONTROL, assets } from "#ui/assets";

/** Serves the few files that pages refer to, compressed once at start. */
export function mountAssets(server: FastifyInstance): void {
  for (const asset of Object.values(assets())) {
    server.get(asset.path, async (request, reply) => {
      const accepted = request.headers["accept-encoding"] ?? "";
      reply.type(asset.type).header("cache-control", ASSET_CACHE_CONTROL).header("vary", "accept-encoding");
      if (/\bbr\b/.test(accepted)) return reply.header("content-encoding", "br").send(asset.brotli);
      if (/\bgzip\b/.test(accepted)) return reply.header("content-encoding", "gzip").send(asset.gzip);
      return reply.send(asset.body);
    });
  }
}
