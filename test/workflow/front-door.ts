import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What clients of an API go through, and what stands behind: systems that pass probes on, and a service outside that hears that Holdfast lives. */
export interface FrontDoor {
  readonly url: string;
  /** Address of the API. */
  target: string;
  /** Answers 503 to everything that is for the API. */
  isShut: boolean;
  /** Stages whose systems pass a probe on as soon as it is taken in. */
  passOn: readonly string[];
  /** Whether they keep its mark. */
  isMarked: boolean;
  /** Calls of `/outside`, by method. */
  readonly heard: string[];
  stop(): Promise<void>;
}

export async function openFrontDoor(): Promise<FrontDoor> {
  const door = { target: '', isShut: false, passOn: [] as readonly string[], isMarked: true, heard: [] as string[] };
  const server: Server = createServer((request, reply) => {
    void (async () => {
      const { url = '', method = 'GET', headers } = request;
      const body = await text(request);
      if (url === '/outside') {
        door.heard.push(method);
        reply.end('heard');
        return;
      }
      if (door.isShut) {
        reply.writeHead(503).end();
        return;
      }
      const pass = (sent: string) =>
        fetch(`${door.target}${url}`, {
          method,
          headers: {
            ...(headers.authorization !== undefined && { authorization: headers.authorization }),
            ...(sent !== '' && { 'content-type': 'application/json' }),
          },
          ...(sent !== '' && { body: sent }),
        });
      const answer = await pass(body);
      const answered = await answer.text();
      if (method === 'POST' && answer.ok)
        for (const stage of door.passOn) {
          const probe = JSON.parse(body) as { id: string };
          const passed = { ...probe, id: `${probe.id}-${stage}`, source: stage, stage, synthetic: door.isMarked };
          await pass(JSON.stringify(passed));
        }
      reply.writeHead(answer.status, { 'content-type': 'application/json' }).end(answered);
    })().catch(() => reply.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(door, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** A key as the configuration gives it to probes. */
export const PROBE_KEY = `hf_${'ab'.repeat(10)}_${'k'.repeat(43)}`;
