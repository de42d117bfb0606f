import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { text } from "#lib/language/text";
import { isFault } from "../errors/fault.ts";
import type { Principals } from "../ports.ts";
import { openRequest, type PageOptions, refuse } from "./pages.ts";
import { problem } from "./problem.ts";
import { ADDRESS_MALFORMED, ADDRESS_TOO_LONG } from "./server.ts";

const RETRY_AFTER_SECONDS = 60;
const TOO_BIG = text(
  "提交的内容太大，未被接收，未作任何更改。请压缩或减少文件后重试。",
  "What was sent is too big and was not taken; nothing was changed. Make the files smaller or fewer and try again.",
);
const MALFORMED = text(
  "请求的格式不正确，未作任何更改。请返回上一页重试。",
  "The request was not in the right form; nothing was changed. Go back and try again.",
);
const LONG_ADDRESS = text(
  "网址太长，未作任何更改。请检查链接后重试。",
  "The address is too long; nothing was changed. Check the link and try again.",
);
const UNREACHABLE = text(
  "本节点的数据库暂时没有应答，本次操作没有生效。请一分钟后重试。",
  "This node's database does not answer just now and this action did not take effect. Try again in a minute.",
);
const FAILED = text(
  "办理时出错，本次操作没有生效。请稍后重试；如仍出错，请提供编号。",
  "Something went wrong and this action did not take effect. Try again later; if it fails again, quote the reference.",
);

/** Answers what no route answers, in words for people under pages and in problem details under `/api`. */
export function mountErrors(server: FastifyInstance, options: PageOptions): void {
  server.setNotFoundHandler(async (request, reply) => {
    if (request.url.startsWith("/api/")) {
      return problem(reply, 404, "not-found", text("没有这个接口", "There is no such operation"));
    }
    const asked = await openRequest(asGet(request), reply, { audience: "public" }, options);
    return reply.code(404).type("text/html; charset=utf-8").send(options.frame.notFound(asked));
  });
  for (const [url, status, words] of [
    [ADDRESS_TOO_LONG, 414, LONG_ADDRESS],
    [ADDRESS_MALFORMED, 400, MALFORMED],
  ] as const) {
    server.all(url, async (request, reply) => {
      if (request.originalUrl.startsWith("/api/")) return problem(reply, status, "malformed", words);
      return refuse(
        reply,
        await openRequest(asGet(request), reply, { audience: "public" }, options),
        options,
        status,
        words,
      );
    });
  }
  server.setErrorHandler(async (error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = clientStatus(error);
    const reference = options.kernel.newId();
    if (status === undefined) {
      // The message of a fault holds no personal data; that of anything else may, so its name and place alone are logged.
      request.log.error(
        { reference, code: error.code, route: request.routeOptions.url, ...logged(error) },
        "request failed",
      );
    }
    const isAway = status === undefined && isFault(error, "ERR_DATABASE_UNREACHABLE");
    if (isAway) reply.header("retry-after", RETRY_AFTER_SECONDS);
    if (request.url.startsWith("/api/")) {
      const words = status === 413 ? TOO_BIG : status !== undefined ? MALFORMED : isAway ? UNREACHABLE : FAILED;
      const code = status !== undefined ? "malformed" : isAway ? "unavailable" : "fault";
      return problem(reply, status ?? (isAway ? 503 : 500), code, words, { reference });
    }
    const asked = await openWithoutFault(asGet(request), reply, options);
    if (status !== undefined) return refuse(reply, asked, options, status, status === 413 ? TOO_BIG : MALFORMED);
    const page = isAway ? options.frame.unreachable(asked) : options.frame.failed(asked, reference);
    return reply
      .code(isAway ? 503 : 500)
      .type("text/html; charset=utf-8")
      .send(page);
  });
}

/** Whose session it is cannot be told while the database is away: the page is the same for everybody then. */
async function openWithoutFault(request: FastifyRequest, reply: FastifyReply, options: PageOptions) {
  const page = { audience: "public" } as const;
  try {
    return await openRequest(request, reply, page, options);
  } catch {
    return await openRequest(request, reply, page, { ...options, principals: NOBODY });
  }
}

const NOBODY: Principals = { session: async () => undefined };

function clientStatus(error: { statusCode?: number }): number | undefined {
  const { statusCode } = error;
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

function logged(error: Error): object {
  if (isFault(error)) return { message: error.message, stack: error.stack };
  return { name: error.name, at: error.stack?.split("\n").slice(1, 6) };
}

/** The body of a request that failed is not read again. */
function asGet<T extends { method: string }>(request: T): T {
  return new Proxy(request, {
    get: (target, name) => {
      if (name === "method") return "GET";
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
