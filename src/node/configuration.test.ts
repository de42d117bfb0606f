import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationFault, readConfiguration } from "./configuration.ts";

const read = (environment: Record<string, string>) => readConfiguration(environment, "/srv/zhengtong");

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigurationFault);
    for (const { problem } of error.problems) assert.ok(problem.zh.length > 3 && problem.en.length > 3);
    return error.problems.map(({ variable }) => variable);
  }
  return [];
}

describe("configuration", () => {
  test("has defaults", () => {
    assert.deepEqual(read({ ZHENGTONG_PORT: " ", PATH: "/bin" }), {
      host: "127.0.0.1",
      port: 8080,
      dataFolder: "/srv/zhengtong/.zhengtong",
      publicUrl: undefined,
      trustProxy: false,
      databaseUrl: undefined,
      logLevel: "warn",
      acmePort: 80,
      witnesses: [],
      keysPassphrase: { credential: "zhengtong-keys-passphrase" },
    });
  });

  test("is read whole", () => {
    const configuration = read({
      ZHENGTONG_PORT: "0",
      ZHENGTONG_HOST: "0.0.0.0",
      ZHENGTONG_DATA: "/var/lib/here",
      ZHENGTONG_PUBLIC_URL: "https://zwfw.example.cn/",
      ZHENGTONG_TRUST_PROXY: "10.0.0.0/8, ::1",
      DATABASE_URL: "postgresql://a:b@db:5432/zhengtong",
      ZHENGTONG_LOG_LEVEL: "info",
      ZHENGTONG_KEYS_PASSPHRASE_FILE: "passphrase",
      ZHENGTONG_SUITES: "national,certificate=international",
      ZHENGTONG_KEYS_TOKEN: "/usr/lib/softhsm/libsofthsm2.so#zhengtong",
      CREDENTIALS_DIRECTORY: "/run/credentials/zhengtong.service",
    });
    assert.deepEqual(configuration, {
      host: "0.0.0.0",
      port: 0,
      dataFolder: "/var/lib/here",
      publicUrl: "https://zwfw.example.cn",
      trustProxy: ["10.0.0.0/8", "::1"],
      databaseUrl: "postgresql://a:b@db:5432/zhengtong",
      logLevel: "info",
      acmePort: 80,
      witnesses: [],
      keysPassphrase: {
        credential: "zhengtong-keys-passphrase",
        named: "/srv/zhengtong/passphrase",
        credentials: "/run/credentials/zhengtong.service",
      },
      keysToken: { module: "/usr/lib/softhsm/libsofthsm2.so", label: "zhengtong" },
      suites: { suite: "national", postQuantum: true, exceptions: { certificate: "international" } },
    });
    assert.equal(read({ ZHENGTONG_TRUST_PROXY: "2" }).trustProxy, 2);
    assert.equal(read({ ZHENGTONG_HOST: "[::1]" }).host, "::1");
  });

  for (const [variable, values] of Object.entries({
    ZHENGTONG_PORT: ["65536", "-1", "80.5", "http", "0x50"],
    ZHENGTONG_HOST: ["example.cn", "127.0.0.1:80", "1.2.3"],
    ZHENGTONG_PUBLIC_URL: ["http://zwfw.example.cn", "zwfw.example.cn", "https://a/b", "https://u:p@a", "ftp://a"],
    ZHENGTONG_TRUST_PROXY: ["true", "0", "10", "10.0.0.0/33", "proxy.example.cn", "1.2.3.4,,"],
    DATABASE_URL: ["mysql://a/b", "postgresql://host", "nonsense"],
    ZHENGTONG_LOG_LEVEL: ["loud", "WARN"],
    ZHENGTONG_EXCHANGE_YEARS: ["2", "101", "3.5", "three"],
    ZHENGTONG_KEYS_TOKEN: ["softhsm", "module.so#a", "/module.so#"],
    ZHENGTONG_SUITES: ["sm2", "national,tls=national"],
    ZHENGTONG_PROT: ["8080"],
  })) {
    for (const value of values) {
      test(`refuses ${variable}=${value}`, () => assert.deepEqual(problemsOf({ [variable]: value }), [variable]));
    }
  }

  test("reports all problems together, and no password", () => {
    const environment = { ZHENGTONG_PORT: "x", ZHENGTONG_PUBLIC_URL: "y", DATABASE_URL: "mysql://a:hunter2@b/c" };
    assert.deepEqual(problemsOf(environment), ["ZHENGTONG_PORT", "ZHENGTONG_PUBLIC_URL", "DATABASE_URL"]);
    assert.throws(
      () => read(environment),
      (error: Error) => !error.message.includes("hunter2"),
    );
  });

  test("refuses plain HTTP on a network without a public https address and a trusted proxy", () => {
    assert.deepEqual(problemsOf({ ZHENGTONG_HOST: "0.0.0.0" }), ["ZHENGTONG_HOST"]);
    assert.deepEqual(problemsOf({ ZHENGTONG_HOST: "::", ZHENGTONG_TRUST_PROXY: "1" }), ["ZHENGTONG_HOST"]);
    const proxied = { ZHENGTONG_HOST: "::", ZHENGTONG_PUBLIC_URL: "https://a.cn", ZHENGTONG_TRUST_PROXY: "1" };
    assert.deepEqual(problemsOf(proxied), []);
    assert.deepEqual(problemsOf({ ZHENGTONG_HOST: "127.8.8.8" }), []);
  });
});

describe("zones", () => {
  const reach = { ZHENGTONG_TIMESTAMP_URL: "http://tsa.example.com/", ZHENGTONG_ZONE: "intranet" };

  test("a node of the intranet is not told to reach what lies outside", () => {
    assert.throws(() => readConfiguration(reach, "/"), /ZHENGTONG_TIMESTAMP_URL/);
    for (const url of ["http://10.1.2.3/tsa", "http://tsa.internal/", "http://[fd00::1]/", "http://127.0.0.1:9/"])
      assert.equal(readConfiguration({ ...reach, ZHENGTONG_TIMESTAMP_URL: url }, "/").zone, "intranet");
    for (const zone of ["extranet", "internet"])
      assert.equal(readConfiguration({ ...reach, ZHENGTONG_ZONE: zone }, "/").zone, zone);
  });

  test("there are three", () => {
    assert.throws(() => readConfiguration({ ZHENGTONG_ZONE: "dmz" }, "/"), /ZHENGTONG_ZONE/);
    assert.equal(readConfiguration({}, "/").zone, undefined);
  });
});
