import { userInfo } from 'node:os';
import { databaseFingerprint } from '../../contracts/fingerprint.ts';
import type { Discovery, Health } from '../../contracts/server.ts';
import { VERSION } from '../../contracts/version.ts';
import { aiHandlers } from '../ai/endpoints.ts';
import { Ai } from '../ai/service.ts';
import { ensureHomeToken } from '../auth/homeToken.ts';
import { Auth } from '../auth/service.ts';
import { Capture } from '../capture/service.ts';
import { captureTools } from '../capture/tools.ts';
import { contextHandlers } from '../context/endpoints.ts';
import { deleteEverywhere } from '../conversations/deletingEverywhere.ts';
import { conversationHandlers } from '../conversations/endpoints.ts';
import { redactStored } from '../conversations/redacting.ts';
import { RetentionUpkeep } from '../conversations/retentionUpkeep.ts';
import { conversationTools } from '../conversations/tools.ts';
import { openDatabase, setAsideData } from '../database/open.ts';
import { evaluationHandlers } from '../evaluation/endpoints.ts';
import { Evaluations } from '../evaluation/service.ts';
import { evaluationTools } from '../evaluation/tools.ts';
import { fileTools } from '../files/tools.ts';
import { auditHandlers, integrationHandlers } from '../integrations/endpoints.ts';
import { Integrations } from '../integrations/service.ts';
import { MemoryEmbeddings } from '../memory/embeddings/embeddings.ts';
import { memoryHandlers } from '../memory/endpoints.ts';
import { MemoryUpkeep } from '../memory/index/upkeep.ts';
import { moveIndexed } from '../memory/service.ts';
import { memoryTools } from '../memory/tools.ts';
import { vectorHandlers } from '../memory/vectors/endpoints.ts';
import { modelHandlers } from '../models/endpoints.ts';
import { modelPerformanceHandlers } from '../models/performanceEndpoints.ts';
import { modelPerformanceToolHandlers } from '../models/performanceTools.ts';
import { Models } from '../models/service.ts';
import { registryTools } from '../models/tools.ts';
import { authHandlers, authTools } from '../platform/authTools.ts';
import { createApp } from '../platform/http/app.ts';
import type { EndpointHandlers } from '../platform/http/endpoint.ts';
import { openStreams } from '../platform/http/events.ts';
import { IdleWatch } from '../platform/idle.ts';
import { openLog } from '../platform/logging.ts';
import { LogFeed } from '../platform/logs/feed.ts';
import { createMcpEndpoint } from '../platform/mcp.ts';
import { Metrics } from '../platform/metrics/metrics.ts';
import { observationHandlers } from '../platform/observation.ts';
import { serverTools } from '../platform/serverTools.ts';
import type { Handlers } from '../platform/tool.ts';
import { projectTools } from '../projects/tools.ts';
import { redactionTools } from '../redaction/tools.ts';
import { Trust } from '../trust/service.ts';
import { trustTools } from '../trust/tools.ts';
import { webhookHandlers, webhooksIn } from '../webhooks/endpoints.ts';
import { emitHealth, emitViolation, Webhooks } from '../webhooks/service.ts';
import type { ServerConfig } from './config.ts';
import { writeDiscovery } from './discoveryFile.ts';
import { type Counters, databaseLatency, healthOf } from './health.ts';
import { listen } from './listen.ts';
import type { Lock } from './lock.ts';
import { processStart } from './processStart.ts';
import { RunningServer } from './running.ts';

/** A start waits this long for a spool that is not empty. */
const SPOOL_WITHIN_MS = 2_000;

/**
 * Puts the server together and runs it; the caller holds the lock. Database and token are made
 * ready first, so that whoever finds the address finds a server that answers.
 * @throws TurnkeepError of the database, the data folder or the ports; nothing is left running.
 */
export async function assemble(config: ServerConfig, lock: Lock): Promise<Discovery> {
  const { home } = config;
  const startedAt = new Date().toISOString();
  const feed = new LogFeed();
  const log = await openLog(home.logs, config.logLevel, feed);
  if (config.setAsideData) log.info({ moved: await setAsideData(home) }, 'data folder set aside');
  let running: RunningServer | undefined;
  const stop = (reason: string, exitCode = 0) => void running?.stop(reason, exitCode);
  const onLost = (error: Error) => stop(`database lost: ${error.message}`, 1);
  const [token, database] = await Promise.all([
    ensureHomeToken(home.token),
    openDatabase({ home, dsn: config.dsn, env: process.env, log, onLost }),
  ]);
  const person = userInfo().username;
  const files = { home: home.token, keys: home.keys, tokens: home.tokens };
  const auth = await Auth.open({ token, files, user: person, log }).catch(async (error) => {
    await database.close();
    throw error;
  });
  const counters: Counters = { requests: 0, failures: 0 };
  const health = (): Promise<Health> => healthOf(database, counters, capture);
  const memory = new MemoryUpkeep(database, log);
  const models = new Models({
    ...{ database, log, env: process.env },
    observe: (call) => metrics.observeModel(call),
    onViolation: emitViolation,
  });
  const integrations = new Integrations({
    ...{ database, log, keys: models.keys },
    onHealthChanged: emitHealth,
  });
  const idle = new IdleWatch(config.idleExitMinutes);
  const ai = new Ai({ database, models, log, idle, changed: () => embeddings.start() });
  const embeddings = new MemoryEmbeddings({
    ...{ database, log },
    embedder: {
      model: () => ai.memoryModel(),
      embed: (texts, options) => ai.embedForMemory(texts, options),
    },
    used: () => idle.enter()(),
  });
  const webhooks = new Webhooks({
    ...{ database, log, audit: integrations.audit },
    enter: () => idle.enter(),
  });
  const capture = new Capture({
    ...{ home, dsn: config.dsn, database, person, log, idle },
    handlers: () => handlers,
  });
  const keptFor = async () => {
    const { retention } = await capture.settings.current();
    return { maxAgeDays: retention.max_age_days, maxBytes: retention.max_bytes };
  };
  const retention = new RetentionUpkeep(database, keptFor, log, (time) =>
    capture.spool.forgetBefore(time),
  );
  // The person's own redaction rules hold from the first call on.
  await capture.settings.current();
  const trust = new Trust(home.trusted);
  const evaluations = new Evaluations({
    ...{ database, trust, home: home.root, log, embeddings, processStart },
    busy: () => idle.enter(),
  });
  let url = '';
  const places = { home, fingerprint: databaseFingerprint(config.dsn) };
  const handlers: Handlers = {
    ...conversationTools(database, person, places),
    ...memoryTools(database, person, embeddings),
    ...captureTools(capture),
    ...projectTools(database, moveIndexed),
    ...redactionTools(database, redactStored),
    ...authTools(auth),
    ...trustTools(trust),
    ...fileTools(home.root),
    ...evaluationTools(evaluations),
    ...registryTools(models),
    ...modelPerformanceToolHandlers(models),
    ...serverTools(database, {
      home,
      url: () => url,
      startedAt,
      idleExitMinutes: config.idleExitMinutes,
      health,
      embeddings: () => embeddings.progress(),
      restored: () => {
        models.restored();
        ai.restored();
        integrations.restored();
        webhooks.restored();
        memory.start();
        embeddings.start();
      },
      stop,
    }),
  };
  const mcp = createMcpEndpoint(handlers, log, idle);
  auth.onEnded((ended) => mcp.end(ended));
  const metrics = new Metrics({
    engine: database.engine,
    databaseMs: () => databaseLatency(database),
    spool: () => capture.spool.depth(),
    openStreams,
    mcpSessions: mcp.sessionCount,
  });
  const endpoints: EndpointHandlers = {
    ...conversationHandlers(database, person, places),
    ...memoryHandlers(
      database,
      person,
      (input) => deleteEverywhere(database, places, input),
      embeddings,
    ),
    ...contextHandlers(database),
    ...observationHandlers({ logs: home.logs, feed, metrics }),
    ...authHandlers(auth),
    ...evaluationHandlers(database, evaluations),
    ...vectorHandlers(database),
    ...aiHandlers(ai),
    ...modelHandlers(models),
    ...modelPerformanceHandlers(models),
    ...integrationHandlers(integrations),
    ...auditHandlers(integrations),
    ...webhookHandlers(webhooks),
  };
  const { rateLimit } = config;
  const app = createApp({
    ...{ auth, handlers, endpoints, metrics, rateLimit, health, mcp: mcp.serve, idle },
    ...{ counters, log, signed: [webhooksIn(webhooks)] },
  });
  try {
    const listening = await listen(app.fetch, config.port);
    url = listening.url;
    running = new RunningServer({
      http: listening.server,
      home,
      lock,
      log,
      database,
      idle,
      capture,
      evaluations,
      memory,
      embeddings,
      models,
      ai,
      integrations,
      webhooks,
      retention,
      metrics,
      closeMcp: mcp.close,
    });
    const discovery = {
      pid: process.pid,
      url,
      version: VERSION,
      started_at: startedAt,
      database: databaseFingerprint(config.dsn),
    };
    await writeDiscovery(home.discovery, discovery);
    running.run();
    // Whoever has started this server may ask at once for what waited for it.
    await capture.caughtUp(SPOOL_WITHIN_MS);
    log.info({ url, version: VERSION, engine: database.engine }, 'server ready');
    return discovery;
  } catch (error) {
    await database.close();
    throw error;
  }
}
