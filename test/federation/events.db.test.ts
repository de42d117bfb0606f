import { eventsBetweenNodes } from "../harness/events-between-nodes.ts";
import { natsMissing, startNats } from "../harness/nats-server.ts";

eventsBetweenNodes({ name: "exchange", skip: false });
eventsBetweenNodes({
  ...{ name: "nats", skip: natsMissing() },
  async open() {
    const server = await startNats();
    return { server, urlOf: () => server.url, stop: () => server.stop() };
  },
});
