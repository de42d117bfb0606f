import { readPem } from "#lib/asn1/pem";
import { readX509 } from "#lib/x509/certificate";
import { implement } from "../implement.ts";
import { WATCH_ROWS_MAX } from "../watch-contract.ts";
import { watchedEdge } from "../watching.ts";
import { FAILED } from "../xroad/failures.ts";
import { BURST_SECONDS } from "../xroad/limits.ts";
import { type Registration, registrationsInForce } from "../xroad/registration.ts";

export const watchClients = implement("watchClients", async (ctx) => {
  const sql = ctx.tables.read();
  const rows = await registrationsInForce(sql);
  const minutes = await sql.query<{ readonly client: string; readonly tokens: number; readonly seconds: number }>(
    `SELECT client, tokens, greatest(extract(epoch FROM $1::timestamptz - at), 0)::float8 AS seconds FROM exchange.minute`,
    [ctx.act.at],
  );
  const refused = watchedEdge();
  const systems = rows.filter((row): row is Registration<"system"> => row.kind === "system");
  const items = systems.slice(0, WATCH_ROWS_MAX).map(({ content: { client, name, perMinute } }) => {
    const minute = minutes.find((one) => one.client === client);
    const most = Math.max(1, (perMinute / 60) * BURST_SECONDS);
    const ends = rows.flatMap((row) =>
      row.kind === "certificate" ? endOf(row as Registration<"certificate">, client) : [],
    );
    return {
      ...{ client, name, perMinute },
      ...(minute && { left: Math.floor(Math.min(most, minute.tokens + (minute.seconds * perMinute) / 60)) }),
      overQuota: refused.get(`${client} ${FAILED.minute.failure}`) ?? 0,
      busy: refused.get(`${client} ${FAILED.busy.failure}`) ?? 0,
      ...(ends.length > 0 && { certificateUntil: new Date(Math.max(...ends)).toISOString() }),
    };
  });
  return { items };
});

function endOf({ content }: Registration<"certificate">, client: string): readonly number[] {
  if (content.client !== client) return [];
  const [first] = readPem(content.certificate).filter(({ label }) => label === "CERTIFICATE");
  return first === undefined ? [] : [readX509(first.der).notAfterMs];
}
