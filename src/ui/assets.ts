import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { PASSKEY_SCRIPT } from "#ui/passkey-script";
import { fingerprint, readGovuk, readOurs, stylesheet } from "#ui/stylesheet";

/** A file that pages refer to, compressed once at start. Its address holds its fingerprint, so it may be kept for ever. */
export interface ServedAsset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

export interface Assets {
  readonly stylesheet: ServedAsset;
  readonly behaviour: ServedAsset;
  readonly enhance: ServedAsset;
  readonly passkey: ServedAsset;
  readonly mark: ServedAsset;
}

export const ASSET_PREFIX = "/assets/";
export const ASSET_CACHE_CONTROL = "public, max-age=31536000, immutable";

let made: Assets | undefined;

/** All assets of all pages. Made once. */
export function assets(): Assets {
  if (made === undefined) {
    const behaviour = asset(
      "govuk-frontend",
      "js",
      readGovuk("govuk-frontend.min.js").replace(/\n\/\/# sourceMap.*\n?$/, ""),
    );
    const passkey = asset("passkey", "js", PASSKEY_SCRIPT);
    made = {
      stylesheet: asset("zhengtong", "css", stylesheet().css),
      behaviour,
      enhance: asset("enhance", "js", enhancement(behaviour.path, passkey.path)),
      passkey,
      mark: asset("mark", "svg", readOurs("mark.svg")),
    };
  }
  return made;
}

/** Every page is complete without it: it shows what is conditional, counts characters, stops a double submission, and asks passkeys. */
function enhancement(behaviourPath: string, passkeyPath: string): string {
  return `import{initAll}from"${behaviourPath}";document.body.classList.add("js-enabled","govuk-frontend-supported");initAll();if(document.querySelector("form[data-passkey]"))import("${passkeyPath}");`;
}

const TYPES = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
} as const;

function asset(name: string, extension: keyof typeof TYPES, text: string): ServedAsset {
  const body = Buffer.from(text, "utf8");
  return {
    path: `${ASSET_PREFIX}${name}-${fingerprint(text)}.${extension}`,
    type: TYPES[extension],
    body,
    gzip: gzipSync(body, { level: 9 }),
    brotli: brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  };
}
