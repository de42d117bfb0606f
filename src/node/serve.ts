import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { directory } from "#infrastructure/directory";
import { trust as trustRoom } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import { openDatabase } from "#kernel/database/database";
import { migrate } from "#kernel/database/migrations";
import { nodePoolSize } from "#kernel/database/pool-size";
import type { Database } from "#kernel/database/sql";
import { openDocuments } from "#kernel/documents/documents";
import { installedScanner } from "#kernel/files/clamav-scanner";
import { keptSubmissionSweep } from "#kernel/http/kept-submissions";
import { frontOf } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import { migrateJobs, startJobs } from "#kernel/jobs/jobs";
import { watchClock } from "#kernel/ledger/clock-watch";
import { watchPeriodKeys } from "#kernel/ledger/period-keys";
import { watchSealings } from "#kernel/ledger/sealing";
import type { NodeKeys } from "#kernel/ports";
import { caseJobs } from "#kernel/services/case-jobs";
import { housekeepingJobs, startHousekeeping } from "#kernel/services/housekeeping";
import { ownApplication } from "#kernel/services/own-application";
import { signingProofSweep } from "#kernel/services/statement";
import type { Act } from "#kernel/system/act";
import { readSealBeside } from "#kernel/system/detached-seals";
import type { Kernel } from "#kernel/system/kernel";
import { laterJobs, laterSweep } from "#kernel/system/later";
import { readSetting } from "#kernel/system/settings";
import type { System } from "#kernel/system/system";
import { Witnessing } from "#kernel/witnessing/witnessing";
import { type Text, text } from "#lib/language/text";
import { directoryPosts } from "../infrastructure/directory/ports.ts";
import { letterJobs, letterRelay } from "../infrastructure/exchange/letters/letters.ts";
import { RECORD_YEARS_MIN, recordSweep } from "../infrastructure/exchange/retention.ts";
import { provideIdentityMail } from "../infrastructure/identity/email-port.ts";
import { providePasskeySite } from "../infrastructure/identity/passkey-site.ts";
import { identitySweeps } from "../infrastructure/identity/sweeps.ts";
import { readUpstreamSettings } from "../infrastructure/identity/upstream/settings.ts";
import { acmeSweeps } from "../infrastructure/trust/acme/sweeps.ts";
import { keyEntry } from "../infrastructure/trust/key-event.ts";
import { certificateRecords, type OpenTrust, openTrust } from "../infrastructure/trust/ports.ts";
import { readSealServiceSettings } from "../infrastructure/trust/seal-service/settings.ts";
import { carriedProofs } from "../infrastructure/trust/status/proofs.ts";
import { provideCertificatePorts } from "../services/certificates/ports.ts";
import { licenceKinds } from "../services/certificates/templates/licence-kinds.ts";
import { provideDataRightsPorts } from "../services/data-rights/ports.ts";
import { provideItemContracts } from "../services/items/ports.ts";
import { provideParticipationPorts } from "../services/participation/ports.ts";
import { NOTICE_KINDS } from "../standards/procedures/notices/notice-kinds.ts";
import { licensingDocuments } from "../standards/procedures/ports.ts";
import { emailOf, hasAccount } from "./addresses.ts";
import { sharingJobs, startSharing, watchSharing } from "./catalogue.ts";
import { certificateSource } from "./certificate-source.ts";
import { composeKernel } from "./compose.ts";
import { concernedIn } from "./concerned-in.ts";
import { type Configuration, keysOpening } from "./configuration.ts";
import { datasetsJobs, startDatasets } from "./datasets.ts";
import type { DemonstrationFacts } from "./demonstration/ensure.ts";
import { type NodeEdge, openNodeEdge, watchEdge } from "./edge.ts";
import { eventJobs, letterBox, startEvents } from "./events.ts";
import { openGround } from "./ground.ts";
import { connectKeys, followKeys, keyJobs, startKeyTending } from "./key-tending.ts";
import { listedRoots } from "./listed-roots.ts";
import { lookOnRecord } from "./look-on-record.ts";
import { messageSpool } from "./message-spool.ts";
import { migrationSets } from "./migration-sets.ts";
import { type NodeNetwork, openNetwork } from "./network/open-network.ts";
import { connectNetwork } from "./network.ts";
import { nodeActOf } from "./node-act.ts";
import { operatorOf } from "./on-kernel.ts";
import { checkPort } from "./port.ts";
import { openPublicServer } from "./public-server.ts";
import { enterRefusedRestores } from "./refused-restores.ts";
import { reminderJobs, remindHolders, startReminders } from "./reminders.ts";
import { ROOMS } from "./rooms.ts";
import { ROOM_COLUMNS } from "./sealed-columns.ts";
import { watchSecurity } from "./security.ts";
import { DEMONSTRATION_SETTING, HOSTS_SETTING, NO_AUTHORITY } from "./settings.ts";
import { endListening, listenWith, type Predecessor } from "./succession.ts";
import { settleSuites } from "./suites.ts";
import { openTracing } from "./tracing/open-tracing.ts";
import { offeredVerifier } from "./verifier.ts";
import { peerWitnesses } from "./witness/peer-witnesses.ts";
import { settleZone } from "./zone.ts";
import { checkReach } from "./zone-reach.ts";

/** A node that answers. */
export interface ServingNode {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
  readonly site: Site;
  readonly demonstration: DemonstrationFacts | undefined;
  readonly network: NodeNetwork;
  readonly nodeKeys: NodeKeys;
  /** Where systems that are not ours call; undefined where the node has no edge. */
  readonly edge: NodeEdge | undefined;
  /** What listens for people and systems. */
  readonly server: Server;
  /** Finishes what is in flight, then stops the database. */
  stop(): Promise<void>;
}

export interface NodeOptions {
  readonly report: (progress: Text) => void;
  /** Loads the demonstration county into an empty database. */
  readonly demonstration: boolean;
  /** What its pages call it; in a demonstration, the county's services. */
  readonly name?: Text;
  /** Loads something else than the whole county, or loads it later. */
  readonly load?: (site: Site) => Promise<DemonstrationFacts | undefined>;
  /** Whether the county also gets what is shared between its authorities, and its cases, these in the background once the node answers; default no. */
  readonly cases?: boolean;
  readonly log?: Logger;
  /** Now, ISO 8601 UTC; tests set it. */
  readonly now?: () => string;
  /** Whose place it takes: until that one has ended, other nodes and systems at the edge are answered there. */
  readonly predecessor?: Predecessor | undefined;
  /** Which rooms; all of this version where absent. */
  readonly rooms?: readonly System[];
  /** How long a call to another node waits for its answer; tests wait shorter. */
  readonly callTimeoutMs?: number;
}

type Closing = () => Promise<void>;

/** Starts a node: ground, migrations, keys, rooms, demonstration, ledger, jobs, HTTP. What was opened is closed again on a fault. */
export async function startNode(configuration: Configuration, options: NodeOptions): Promise<ServingNode> {
  const closings: Closing[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    // One that cannot be closed must not keep the database from being stopped.
    for (const close of closings.splice(0).reverse()) {
      await close().catch((error: unknown) => {
        failures.push(error);
      });
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    return await bringUp(configuration, options, closings, stop);
  } catch (error) {
    await stop().catch(() => undefined); // why it did not start tells more
    throw error;
  }
}

async function bringUp(
  configuration: Configuration,
  options: NodeOptions,
  closings: Closing[],
  stop: () => Promise<void>,
): Promise<ServingNode> {
  const { report, predecessor } = options;
  const log = options.log ?? pino({ level: process.env["ZHENGTONG_LOG_LEVEL"] ?? "warn" });
  const ground = await openGround(configuration, {
    report,
    onIncident: report,
    after: predecessor?.pid,
    beforeDatabase: async () => (predecessor === undefined ? checkPort(configuration) : undefined),
  });
  closings.push(() => ground.release());
  const database = await openDatabase({
    url: ground.databaseUrl,
    poolSize: nodePoolSize(),
    onConnectionLost: (fault) => log.warn({ code: fault.code }, "database connection lost"),
  });
  closings.push(() => database.close());
  report(text("正在更新数据库结构…", "Migrating the database…"));
  await migrate(database, await migrationSets());
  await migrateJobs(ground.databaseUrl);
  const demonstration = await isDemonstration(database, options.demonstration);
  const { site, trust, network } = await openSite({
    configuration,
    database,
    dataFolder: ground.dataFolder.path,
    demonstration,
    log,
    report,
    closings,
    now: options.now,
    rooms: options.rooms ?? ROOMS,
    name: options.name,
    callTimeoutMs: options.callTimeoutMs,
  });
  const { kernel } = site;
  const endTracing = openTracing(configuration.tracing, { log, node: () => network.nodes.membership?.node });
  if (endTracing) closings.push(endTracing);
  // What makes the invented county is not loaded by a node that has none.
  const county = async (at: Site) => {
    const { ensureDemonstration, wholeCounty } = await import("./demonstration/ensure.ts");
    // What is shared by grants is closed to whoever has none: a node that begins without its cases shares by contracts alone.
    const share = () => (options.cases ? wholeCounty() : { ...wholeCounty(), sharing: {} });
    return ensureDemonstration(at, report, share);
  };
  const load = options.load ?? county;
  const facts = demonstration ? await load(site) : undefined;
  kernel.ledger.start();
  closings.push(() => kernel.ledger.stop());
  await enterRefusedRestores(kernel, ground.dataFolder.path);
  const clock = await watchClock(kernel, {
    onFault: (fault) => log.error({ code: (fault as { code?: unknown }).code }, "looking at the clock failed"),
  });
  closings.push(() => clock.stop());
  const witnessing = new Witnessing({
    database,
    ledger: kernel.ledger,
    witnesses: () => [...(configuration.witnesses ?? []), ...peerWitnesses(network.nodes.view())],
    onFault: ({ code }, witness) => log.error({ code, witness }, "witness"),
  });
  witnessing.start();
  closings.push(() => witnessing.stop());
  closings.push(
    await watchSecurity(kernel, (fault) =>
      log.error({ code: (fault as { code?: unknown }).code }, "looking for changed policies failed"),
    ),
  );
  closings.push(
    await watchSealings(kernel.ledger.sealings, kernel.database, (fault) =>
      log.error({ code: (fault as { code?: unknown }).code }, "looking for sealed looks failed"),
    ),
  );
  if (kernel.ledger.periods) {
    closings.push(
      await watchPeriodKeys(kernel.ledger.periods, kernel.database, (fault) =>
        log.error({ code: (fault as { code?: unknown }).code }, "looking for keys of periods failed"),
      ),
    );
  }
  closings.push(
    await watchSharing(kernel, (fault) =>
      log.error({ code: (fault as { code?: unknown }).code }, "looking for what is shared failed"),
    ),
  );
  closings.push(
    await watchEdge(kernel, (fault) =>
      log.error({ code: (fault as { code?: unknown }).code }, "looking for registered systems failed"),
    ),
  );
  const letters = letterBox(kernel, () => network.nodes.view());
  const jobs = await startJobs({
    connectionString: ground.databaseUrl,
    tasks: {
      ...caseJobs(kernel, site),
      ...reminderJobs(kernel),
      ...housekeepingJobs(kernel, [
        ...identitySweeps,
        ...acmeSweeps,
        keptSubmissionSweep,
        signingProofSweep,
        laterSweep,
        recordSweep(configuration.exchangeYears ?? RECORD_YEARS_MIN),
      ]),
      ...sharingJobs(kernel),
      ...datasetsJobs(kernel, log),
      ...eventJobs(kernel),
      ...laterJobs(kernel, letterRelay(letters)),
      ...letterJobs(letters),
      ...keyJobs(kernel, { dataKeys: trust.dataKeys, columns: ROOM_COLUMNS, tokenKeys: trust.tokenKeys }),
    },
    log: {
      failed: ({ task, attempt, error }) =>
        log.error(
          { task, attempt, code: (error as { code?: unknown }).code, name: (error as Error).name },
          "job failed",
        ),
    },
  });
  closings.push(() => jobs.stop());
  await startHousekeeping(kernel);
  await startReminders(kernel);
  await startKeyTending(kernel);
  await startSharing(kernel);
  await startDatasets(kernel);
  const { natsUrl } = configuration;
  const between = { view: () => network.nodes.view(), signer: () => trust.nodeKeys.messageSigner(), natsUrl };
  closings.push(await startEvents(kernel, log, between));
  const server = await openPublicServer(configuration, { site, trust, log, witnessing, nodes: network.nodes });
  closings.push(() => server.close());
  const openOthers = async () => {
    await network.start();
    return openNodeEdge(kernel, configuration.edge, {
      ...{ dataFolder: ground.dataFolder.path, nodeKeys: trust.nodeKeys, standing: network.standing },
      chain: network.nodes.membership?.chain,
      ...{ log, report, closings },
    });
  };
  let edge: NodeEdge | undefined;
  if (predecessor === undefined) {
    await server.listen({ host: configuration.host, port: configuration.port });
    edge = await openOthers();
  } else {
    await server.ready();
    const listener = await predecessor.listener();
    await ground.dataFolder.take?.();
    await listenWith(server.server, listener);
    closings.push(() => endListening(server.server));
    predecessor.serving();
    void predecessor.gone
      .then(openOthers)
      .catch((error: unknown) => log.error({ code: (error as { code?: unknown }).code }, "listening for others"));
  }
  const { port } = server.server.address() as AddressInfo;
  // The first notice should not wait for the typesetting process; a failure shows with the first document.
  void site.typesetter
    .warm()
    .catch((error: unknown) => log.warn({ code: (error as { code?: unknown }).code }, "typesetting"));
  // The intranet does not serve the public: nobody could apply there.
  if (facts && options.cases && kernel.zone !== "intranet") closings.push(playInBackground(site, { log, report }));
  return {
    address: `http://${configuration.host}:${port}`,
    site,
    demonstration: facts,
    network,
    nodeKeys: trust.nodeKeys,
    edge,
    server: server.server,
    stop,
  };
}

/** Plays the county's cases while the node answers already; gives what stops it. */
function playInBackground(
  site: Site,
  { log, report }: { readonly log: Logger; readonly report: (progress: Text) => void },
): () => Promise<void> {
  const stopped = new AbortController();
  const play = async () => (await import("./demonstration/cases.ts")).playCases(site, { signal: stopped.signal });
  const playing = play().then(
    (outcome) => {
      if (outcome === undefined) return;
      report(text(`演示办件已就绪：${outcome.played} 件`, `The demonstration has its ${outcome.played} cases`));
      for (const { name, why } of outcome.failed) log.error({ case: name, why }, "demonstration case failed");
    },
    (error: unknown) => log.error({ code: (error as { code?: unknown }).code }, "demonstration cases failed"),
  );
  return async () => {
    stopped.abort();
    await playing;
  };
}

const DEMONSTRATION_NAME = text("清源县政务服务", "Qingyuan County Services");
/** How long before its first start a demonstration seems to have begun: sixty days. */
const DEMONSTRATION_AGE_HOURS = 60 * 24;

/** Once a database holds something, it stays what it is. */
async function isDemonstration(database: Database, wanted: boolean): Promise<boolean> {
  const known = await readSetting<boolean>(database, DEMONSTRATION_SETTING);
  return known ?? wanted;
}

async function openSite(opening: {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly dataFolder: string;
  readonly demonstration: boolean;
  readonly log: Logger;
  readonly report: (progress: Text) => void;
  readonly closings: Closing[];
  readonly now: (() => string) | undefined;
  readonly rooms: readonly System[];
  readonly name: Text | undefined;
  readonly callTimeoutMs: number | undefined;
}): Promise<{ readonly site: Site; readonly trust: OpenTrust; readonly network: NodeNetwork }> {
  const { configuration, database, dataFolder, demonstration, log, report, closings } = opening;
  // First: what is wrong in it is told before anything is made.
  const upstream =
    configuration.upstream === undefined ? undefined : await readUpstreamSettings(configuration.upstream);
  const publicUrl = configuration.publicUrl ?? `http://${configuration.host}:${configuration.port}`;
  report(text("正在准备密钥和证书…", "Preparing keys and certificates…"));
  const suites = await settleSuites(database, {
    demonstration,
    wanted: configuration.suites,
    at: Temporal.Now.instant().toString(),
  });
  const zone = await settleZone(database, {
    wanted: configuration.zone,
    isOlder: (await readSetting(database, DEMONSTRATION_SETTING)) !== undefined,
    at: Temporal.Now.instant().toString(),
  });
  const sealService =
    configuration.sealService === undefined ? undefined : await readSealServiceSettings(configuration.sealService);
  checkReach(zone, configuration, { ZHENGTONG_UPSTREAM: upstream?.issuer, ZHENGTONG_SEAL_SERVICE: sealService?.url });
  checkReach(zone, configuration, { ZHENGTONG_SEAL_SERVICE: sealService?.tokenUrl });
  const trust = await openTrust({
    folder: join(dataFolder, "keys"),
    operator: operatorOf(demonstration),
    demonstration,
    database,
    suites,
    ...keysOpening(configuration),
    publicUrl,
    ...{ stampUrl: configuration.timestampUrl, sealService },
    // The county's cases began before it was loaded: those who signed then had their certificates.
    at: Temporal.Now.instant()
      .subtract({ hours: demonstration ? DEMONSTRATION_AGE_HOURS : 0 })
      .toString(),
  });
  for (const warning of trust.warnings) report(warning);
  closings.push(await followKeys({ database, trust, log }));
  const hosts = new Map(Object.entries((await readSetting<Record<string, string>>(database, HOSTS_SETTING)) ?? {}));
  const network = await openNetwork({
    ...{ database, keys: trust.nodeKeys, systems: opening.rooms, now: opening.now, log, report },
    ...{ kernelOf: () => kernel, listen: configuration.exchange, callTimeoutMs: opening.callTimeoutMs },
  });
  closings.push(() => network.stop());
  const kernel: Kernel = await composeKernel({
    database,
    ...{ elsewhere: network.elsewhere, oneWith: (authority) => network.nodes.oneWith(authority) },
    systems: opening.rooms,
    keys: trust.keys,
    suites,
    checkpointSigner: trust.checkpointSigner,
    filesFolder: join(dataFolder, "files"),
    zone,
    ...(configuration.instance !== undefined && { instance: configuration.instance }),
    ...(opening.now && { now: opening.now }),
    authorityOf: (room) => hosts.get(room) ?? hosts.get("*") ?? NO_AUTHORITY,
    onLedgerFault: (fault: unknown) => log.error({ code: (fault as { code?: unknown }).code }, "ledger round failed"),
  });
  await network.connect(kernel);
  connectKeys(kernel, trust);
  const typesetting = await openDocuments({ kinds: [...NOTICE_KINDS, ...licenceKinds()] });
  closings.push(() => typesetting.close());
  const posts = directoryPosts(frontOf(kernel, directory, () => nodeActOf(kernel, "directory")));
  const documents = licensingDocuments(typesetting, { publicUrl, demonstration });
  const trustDoors = frontOf(kernel, trustRoom, () => nodeActOf(kernel, trustRoom.id));
  await trust.connect({
    authorityName: async (id) => (await posts.authority(id))?.name.zh,
    demonstration,
    records: certificateRecords(trustDoors),
    status: { front: trustDoors, now: () => kernel.now(), publicUrl },
    onKeyEvent: (event) => kernel.ledger.append(database, [keyEntry(event)]),
    issuance: carriedProofs(kernel),
    directory: listedRoots(() => network.nodes.view()),
  });
  await enterEarlierCertificates(kernel, trustDoors);
  provideCertificatePorts({
    ...{ documents: typesetting, trust, posts, publicUrl, demonstration },
    sealBeside: (document) => readSealBeside(kernel, document),
    directory: () => network.nodes.view(),
  });
  provideItemContracts([...kernel.systems.values()].map(({ contract }) => contract));
  provideParticipationPorts({ caseOf: (act, caseId) => closedCaseOf(kernel, act, caseId) });
  const name = opening.name ?? (demonstration ? DEMONSTRATION_NAME : text("政务服务", "Government Services"));
  await connectNetwork(kernel, { trust, name: operatorOf(demonstration) });
  const messages = await messageSpool(join(dataFolder, "outgoing"));
  provideDataRightsPorts({
    lookOf: (act, entryId) => lookOnRecord(kernel, act, entryId),
    concernedIn: (act, caseNumber) => concernedIn(kernel, act, caseNumber),
    remind: remindHolders(kernel, { posts, messages, name }),
  });
  provideIdentityMail({ messages, name });
  providePasskeySite(publicUrl, name);
  const site: Site = {
    kernel,
    hosts,
    name,
    demonstration,
    publicUrl,
    signer: trust.signer,
    scanner: await installedScanner(),
    messages,
    addresses: { emailOf: (about) => emailOf(kernel, about), hasAccount: (about) => hasAccount(kernel, about) },
    posts,
    documents,
    typesetter: typesetting.typesetter,
    certificates: certificateSource(kernel),
    verifier: offeredVerifier,
    afterSignOut: [],
    ...(upstream && { upstream: upstream.title }),
    ...(demonstration && {
      demonstrationCode: (await import("./demonstration/codes.ts")).demonstrationCodes(kernel),
    }),
  };
  return { site, trust, network };
}

/** Certificates from before each was in the ledger by itself are entered at the first start of this version. */
async function enterEarlierCertificates(
  { database }: Kernel,
  doors: { logEarlierCertificates(input: Record<string, never>): Promise<unknown> },
): Promise<void> {
  const isLeft = async () => (await database.query("SELECT 1 FROM trust.unlogged_certificate LIMIT 1")).length > 0;
  while (await isLeft()) if (isRefusal(await doors.logEarlierCertificates({}))) return;
}

/** A case of the acting person, as the room of ratings needs to know it. */
async function closedCaseOf(kernel: Kernel, act: Act, caseId: string) {
  const page = await ownApplication(kernel, act, caseId);
  if (isRefusal(page)) return undefined;
  const view = await kernel.procedures.view(kernel.database, caseId);
  return { number: page.number, authority: page.authority, closed: view !== undefined && view.status !== "running" };
}
