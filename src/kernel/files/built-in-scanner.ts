import type { Scanner } from "../ports.ts";

/** The EICAR test file's 68 characters, in two parts, so that no scanner takes this source for it. */
const EICAR = Buffer.from(
  ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join(""),
  "latin1",
);

/**
 * Finds the EICAR test string, anywhere in the bytes. It shows that uploads are scanned; against real malware install ClamAV.
 */
export function builtInScanner(): Scanner {
  return Object.freeze<Scanner>({
    async scan(bytes) {
      const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(EICAR);
      return found ? { clean: false, found: "EICAR-Test-File" } : { clean: true };
    },
  });
}
