import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../../../contracts/version.ts';
import { type MeasuredCall, ModelMeasures } from './modelMeasures.ts';
import { INTERVAL_SECONDS, Series } from './series.ts';

/** What the server asks others for, to measure it. */
export type Sources = {
  engine: string;
  /** Milliseconds that the database takes for an answer. */
  databaseMs: () => Promise<number>;
  spool: () => Promise<{ waiting: number; dead: number }>;
  openStreams: () => number;
  /** Sessions of MCP 2025 that are kept. */
  mcpSessions: () => number;
};

type Answered = { method: string; route: string; status: number; count: number };

const measures = {
  requests: { unit: '1/s', description: 'Requests answered, a second.' },
  failures: { unit: '1/s', description: 'Requests that ended with a 5xx, a second.' },
  request_ms: { unit: 'ms', description: 'Mean time to an answer.' },
  request_ms_max: { unit: 'ms', description: 'Longest time to an answer.' },
  memory_bytes: { unit: 'By', description: 'Resident memory of the process.' },
  heap_bytes: { unit: 'By', description: 'JavaScript heap in use.' },
  cpu_share: { unit: '1', description: 'Processor time used, as a share of one processor.' },
  event_loop_share: { unit: '1', description: 'Share of the time in which the process was busy.' },
  database_ms: { unit: 'ms', description: 'Time of the smallest question to the database.' },
  spool_waiting: { unit: '1', description: 'Captures that wait to be taken in.' },
  streams_open: { unit: '1', description: 'Open streams of events.' },
} as const;
export type MeasureName = keyof typeof measures;

/** What the server measures of itself: for Prometheus, and as series of the last hours. */
export class Metrics {
  readonly #sources: Sources;
  readonly #registry = new Registry();
  readonly #models = new ModelMeasures(this.#registry);
  readonly #seconds: Histogram<'method' | 'route'>;
  /** Answers by method, route and status. */
  readonly #answered = new Map<string, Answered>();
  readonly #series = new Map<string, Series>(
    Object.keys(measures).map((name) => [name, new Series()]),
  );
  #interval = { requests: 0, failures: 0, sumMs: 0, maxMs: 0 };
  #since = performance.now();
  #cpu = process.cpuUsage();
  #loop = performance.eventLoopUtilization();
  #timer: NodeJS.Timeout | undefined;
  #sampling = false;

  constructor(sources: Sources) {
    this.#sources = sources;
    const registers = [this.#registry];
    const answered = this.#answered;
    new Counter({
      name: 'turnkeep_http_requests_total',
      help: 'Requests answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
      collect() {
        this.reset();
        for (const { count, ...labels } of answered.values()) this.inc(labels, count);
      },
    });
    this.#seconds = new Histogram({
      name: 'turnkeep_http_request_duration_seconds',
      help: 'Time to an answer.',
      labelNames: ['method', 'route'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    const gauge = (name: string, help: string, value: () => number | Promise<number>) =>
      new Gauge({
        ...{ name, help, registers },
        async collect() {
          this.set(await value());
        },
      });
    gauge('turnkeep_database_latency_seconds', 'Smallest question to the database.', async () => {
      return (await sources.databaseMs()) / 1000;
    });
    gauge('turnkeep_spool_waiting', 'Captures that wait to be taken in.', async () => {
      return (await sources.spool()).waiting;
    });
    gauge('turnkeep_spool_dead', 'Captures that could not be understood.', async () => {
      return (await sources.spool()).dead;
    });
    gauge('turnkeep_streams_open', 'Open streams of events.', sources.openStreams);
    gauge('turnkeep_mcp_sessions', 'Sessions of MCP 2025-11-25 kept.', sources.mcpSessions);
    gauge('process_active_resources', 'Sockets, timers, threads and requests held.', () => {
      return process.getActiveResourcesInfo().length;
    });
    gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
    gauge('process_heap_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
    gauge('process_uptime_seconds', 'Since the start.', () => process.uptime());
    const cpu = new Counter({
      ...{ name: 'process_cpu_seconds_total', help: 'Processor time used.', registers },
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
    cpu.inc(0);
    new Gauge({
      ...{ name: 'turnkeep_info', help: 'Version and engine.', registers },
      labelNames: ['version', 'engine'],
    }).set({ version: VERSION, engine: sources.engine }, 1);
  }

  /** Begins to keep series. */
  start(): void {
    this.#timer = setInterval(() => void this.sample(), INTERVAL_SECONDS * 1000);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Notes a request that was answered. `route` is a pattern, not an address. */
  observe(method: string, route: string, status: number, ms: number): void {
    const key = `${status} ${method} ${route}`;
    const answered = this.#answered.get(key);
    if (answered) answered.count += 1;
    else this.#answered.set(key, { method, route, status, count: 1 });
    this.#seconds.observe({ method, route }, ms / 1000);
    const interval = this.#interval;
    interval.requests += 1;
    if (status >= 500) interval.failures += 1;
    interval.sumMs += ms;
    interval.maxMs = Math.max(interval.maxMs, ms);
  }

  /** Notes a call of a model that was recorded. */
  observeModel(call: MeasuredCall): void {
    this.#models.observe(call);
  }

  /** The text that Prometheus reads. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  list(): { name: string; unit: string; description: string; last: number | null }[] {
    return Object.entries(measures).map(([name, about]) => ({
      ...{ name, ...about },
      last: this.#series.get(name)?.last ?? null,
    }));
  }

  /** The series of a measure with its unit; undefined for a name that is none. */
  series(name: string): { unit: string; series: Series } | undefined {
    const series = this.#series.get(name);
    return series ? { unit: measures[name as MeasureName].unit, series } : undefined;
  }

  /** Adds one value to every series; what a slow database has not told is left out. */
  async sample(): Promise<void> {
    if (this.#sampling) return;
    this.#sampling = true;
    try {
      this.#ofProcess();
      const [database, spool] = await Promise.allSettled([
        this.#sources.databaseMs(),
        this.#sources.spool(),
      ]);
      if (database.status === 'fulfilled') this.#add('database_ms', database.value);
      if (spool.status === 'fulfilled') this.#add('spool_waiting', spool.value.waiting);
    } finally {
      this.#sampling = false;
    }
  }

  #ofProcess(): void {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#since) / 1000);
    const { requests, failures, sumMs, maxMs } = this.#interval;
    const cpu = process.cpuUsage(this.#cpu);
    const loop = performance.eventLoopUtilization();
    const memory = process.memoryUsage();
    this.#add('requests', requests / seconds);
    this.#add('failures', failures / seconds);
    if (requests > 0) {
      this.#add('request_ms', sumMs / requests);
      this.#add('request_ms_max', maxMs);
    }
    this.#add('memory_bytes', memory.rss);
    this.#add('heap_bytes', memory.heapUsed);
    this.#add('cpu_share', (cpu.user + cpu.system) / 1e6 / seconds);
    this.#add('event_loop_share', performance.eventLoopUtilization(loop, this.#loop).utilization);
    this.#add('streams_open', this.#sources.openStreams());
    this.#interval = { requests: 0, failures: 0, sumMs: 0, maxMs: 0 };
    this.#since = now;
    this.#cpu = process.cpuUsage();
    this.#loop = loop;
  }

  #add(name: MeasureName, value: number): void {
    this.#series.get(name)?.add(Date.now(), Math.round(value * 1000) / 1000);
  }
}
