import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallLimit } from './call-limit';
import { serveControl } from './control';
import type { AlertEvent, ChangeEvent } from './event-validation';
import { FaultPlan } from './faults';
import type { EmulatorOptions, PagerDutyEmulator } from './handle';
import {
  answer,
  MAX_EVENT_BYTES,
  parseJson,
  readBody,
  serveEnqueue,
  type EnqueueContext,
  type EventCall,
} from './http';
import { IncidentBook, type AcceptedEvent, type Agent, type Incident } from './incident-book';
import { OrderedQueue } from './ordered-queue';
import { isRest, serveRest, type Note, type RestContext } from './rest';
import { loadState, saveState, type EmulatorState } from './state-file';
import { WebhookSender } from './webhook-sender';

const MAX_CALLS_KEPT = 10_000;

/** Starts an emulator on loopback. @throws when the port is taken or the state file is not readable */
export async function startPagerDutyEmulator(options: EmulatorOptions = {}): Promise<PagerDutyEmulator> {
  const core = new EmulatorCore(options);
  const server = createServer((request, response) => {
    route(request, response, core, emulator).catch(() => {
      // Only a sender that broke off and a stop lead here: nobody is left to be answered.
      request.socket.destroy();
    });
  });
  const emulator = handleOf(core, async () => {
    await core.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  core.resume();
  return Object.assign(emulator, { port, url: `http://127.0.0.1:${port}` });
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  core: EmulatorCore,
  emulator: PagerDutyEmulator,
): Promise<void> {
  const method = request.method ?? '';
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  if (method === 'POST' && path === '/v2/enqueue') return serveEnqueue(request, response, core, 'events');
  if (method === 'POST' && path === '/v2/change/enqueue') return serveEnqueue(request, response, core, 'changes');
  if (isRest(path)) return serveRest(request, response, core);
  const body = parseJson(await readBody(request, MAX_EVENT_BYTES));
  answer(response, await serveControl(emulator, method, path, body));
}

/** What happens behind the HTTP interface. */
class EmulatorCore implements EnqueueContext, RestContext {
  readonly faults = new FaultPlan();
  readonly limit: CallLimit;
  readonly restLimit: CallLimit;
  readonly token: string | undefined;
  readonly now: () => number;
  readonly calls: EventCall[] = [];
  readonly webhooks: WebhookSender;
  readonly book: IncidentBook;
  private readonly queue = new OrderedQueue();
  private readonly state: EmulatorState;

  constructor(private readonly options: EmulatorOptions) {
    this.now = options.now ?? Date.now;
    this.limit = new CallLimit(options.callsPerMinute ?? 120, this.now);
    this.restLimit = new CallLimit(options.restCallsPerMinute ?? 960, this.now);
    this.token = options.token;
    this.state = loadState(options.stateFile);
    this.book = new IncidentBook(this.state);
    this.webhooks = new WebhookSender(options.webhook, this.faults);
  }

  get signal(): AbortSignal {
    return this.queue.signal;
  }

  /** Processes what an earlier emulator on this state file had accepted. */
  resume(): void {
    for (const event of [...this.state.accepted]) void this.process(event);
  }

  accept(event: AlertEvent): { dedupKey: string; processed: Promise<void> } {
    const accepted: AcceptedEvent = { ...event, dedupKey: event.dedupKey ?? randomUUID() };
    this.state.accepted.push(accepted);
    this.save();
    return { dedupKey: accepted.dedupKey, processed: this.process(accepted) };
  }

  acceptChange(event: ChangeEvent): void {
    this.state.changes.push(event);
    this.save();
  }

  changes(): readonly ChangeEvent[] {
    return structuredClone(this.state.changes);
  }

  incidents(): readonly Incident[] {
    return this.book.incidents();
  }

  notes(): readonly Note[] {
    return structuredClone(this.state.notes);
  }

  addNote(incidentId: string, content: string, from: string): Note {
    const id = `N${String(this.state.notes.length + 1).padStart(6, '0')}`;
    const note = { id, incidentId, content, from, at: this.instant() };
    this.state.notes.push(note);
    this.save();
    return note;
  }

  record(call: EventCall): void {
    this.calls.push(call);
    if (this.calls.length > MAX_CALLS_KEPT) this.calls.shift();
  }

  act(action: 'acknowledge' | 'resolve', dedupKey: string, routingKey?: string, agent?: Agent): Incident | undefined {
    const change = this.book.actAsPerson(action, this.instant(), dedupKey, routingKey, agent);
    if (!change) return undefined;
    this.save();
    this.webhooks.send(change);
    return change.incident;
  }

  async idle(): Promise<void> {
    await this.queue.idle();
    await this.webhooks.idle();
  }

  async stop(): Promise<void> {
    await Promise.all([this.queue.stop(), this.webhooks.stop()]);
  }

  private process(event: AcceptedEvent): Promise<void> {
    const key = JSON.stringify([event.routingKey, event.dedupKey]);
    const { processingDelayMs = 5 } = this.options;
    const delayMs = typeof processingDelayMs === 'number' ? processingDelayMs : processingDelayMs();
    return this.queue.push(key, delayMs, () => {
      const change = this.book.apply(event, this.instant());
      this.state.accepted.splice(this.state.accepted.indexOf(event), 1);
      this.save();
      if (change) this.webhooks.send(change);
    });
  }

  private instant(): string {
    return new Date(this.now()).toISOString();
  }

  private save(): void {
    saveState(this.options.stateFile, this.state);
  }
}

function handleOf(core: EmulatorCore, stop: () => Promise<void>): PagerDutyEmulator {
  let stopped: Promise<void> | undefined;
  return {
    url: '',
    port: 0,
    notifications: () => core.book.notifications(),
    incidents: () => core.book.incidents(),
    changes: () => core.changes(),
    notes: () => core.notes(),
    calls: () => structuredClone(core.calls),
    deliveries: () => core.webhooks.deliveries(),
    faults: () => core.faults.list(),
    acknowledge: (dedupKey, routingKey, agent) => core.act('acknowledge', dedupKey, routingKey, agent),
    resolve: (dedupKey, routingKey, agent) => core.act('resolve', dedupKey, routingKey, agent),
    inject: (fault) => core.faults.inject(fault),
    clearFaults: () => core.faults.clear(),
    setWebhook: (webhook) => core.webhooks.setWebhook(webhook),
    idle: () => core.idle(),
    stop: () => (stopped ??= stop()),
  };
}
