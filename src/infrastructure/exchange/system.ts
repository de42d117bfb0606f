import { defineSystem } from "#kernel/system/system";
import { exchange } from "./contract.ts";
import { uses } from "./implement.ts";
import { searchExchanges } from "./operations/search-exchanges.ts";
import { takeLetter } from "./operations/take-letter.ts";
import { traceExchange } from "./operations/trace-exchange.ts";
import { watchClients } from "./operations/watch-clients.ts";
import { watchNodes } from "./operations/watch-nodes.ts";
import { watchTraffic } from "./operations/watch-traffic.ts";
import { askProvider } from "./xroad/operations/ask-provider.ts";
import { decideRegistration } from "./xroad/operations/decide-registration.ts";
import { findRegistration } from "./xroad/operations/find-registration.ts";
import { listRegistrations } from "./xroad/operations/list-registrations.ts";
import { proposeCertificate } from "./xroad/operations/propose-certificate.ts";
import { proposeProvider } from "./xroad/operations/propose-provider.ts";
import { proposeRight } from "./xroad/operations/propose-right.ts";
import { proposeSystem } from "./xroad/operations/propose-system.ts";
import { stopRegistration } from "./xroad/operations/stop-registration.ts";
import { tellProvider } from "./xroad/operations/tell-provider.ts";

export default defineSystem(exchange, {
  uses,
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    askProvider,
    tellProvider,
    takeLetter,
    proposeSystem,
    proposeCertificate,
    proposeRight,
    proposeProvider,
    decideRegistration,
    stopRegistration,
    findRegistration,
    listRegistrations,
    traceExchange,
    searchExchanges,
    watchClients,
    watchNodes,
    watchTraffic,
  },
});
