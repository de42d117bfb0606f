import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfiguration } from "./configuration.ts";
import { checkReach } from "./zone-reach.ts";

test("a node whose zone was settled as the intranet earlier reaches nothing outside, though this start does not say the zone", () => {
  const outside = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example",
    NATS_URL: "nats://10.0.0.1:4222,nats://nats.example:4222",
    ZHENGTONG_TIMESTAMP_URL: "http://stamps.example",
  };
  for (const [variable, value] of Object.entries(outside)) {
    const configuration = readConfiguration({ [variable]: value }, "/");
    assert.throws(() => checkReach("intranet", configuration), { code: "ERR_ZONE_REACH" }, variable);
    assert.doesNotThrow(() => checkReach("extranet", configuration));
  }
  const inside = readConfiguration({ NATS_URL: "nats://10.0.0.1:4222" }, "/");
  for (const variable of ["ZHENGTONG_UPSTREAM", "ZHENGTONG_SEAL_SERVICE"]) {
    const reach = (url: string) => () => checkReach("intranet", inside, { [variable]: url });
    assert.doesNotThrow(reach("https://service.internal"));
    assert.throws(reach("https://service.example"), { code: "ERR_ZONE_REACH", message: new RegExp(variable) });
  }
});
