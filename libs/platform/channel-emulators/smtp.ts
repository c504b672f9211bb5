import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { selfSigned } from './self-signed';

/**
 * What goes wrong next, once.
 * - `reply`: this code at this point of the conversation
 * - `drop_after`: the mail is taken, then the connection breaks without an answer
 * - `silent`: the mail is taken, and never answered
 */
export type MailFault =
  | { readonly kind: 'reply'; readonly code: number; readonly at: 'connect' | 'recipient' | 'data' }
  | { readonly kind: 'drop_after' | 'silent' };

export interface ReceivedMail {
  readonly recipients: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  /** Header fields by lower-case name, unfolded. */
  readonly headers: Readonly<Record<string, string>>;
  /** The mail as it came. */
  readonly raw: string;
}

export interface MailServerEmulator {
  readonly port: number;
  /** Its certificate in PEM, to be believed. */
  readonly ca: string;
  mails(): readonly ReceivedMail[];
  inject(fault: MailFault): void;
  stop(): Promise<void>;
}

export interface MailServerOptions {
  /** Logins that it takes, `user:password`; none: it asks for none. */
  readonly logins?: readonly string[];
  readonly tls?: 'starttls' | 'implicit' | 'none';
}

/** Starts a mail server on loopback. */
export async function startMailServer({
  logins = [],
  tls = 'starttls',
}: MailServerOptions = {}): Promise<MailServerEmulator> {
  const { cert, key } = selfSigned();
  const mails: ReceivedMail[] = [];
  const faults: MailFault[] = [];
  const replyAt = (at: string): Error | null => {
    const [fault] = faults;
    if (fault?.kind !== 'reply' || fault.at !== at) return null;
    faults.shift();
    return Object.assign(new Error('not now'), { responseCode: fault.code });
  };
  const server = new SMTPServer({
    ...{ cert, key, secure: tls === 'implicit', logger: false },
    ...(tls === 'none' && { disabledCommands: ['STARTTLS'] }),
    authOptional: logins.length === 0,
    allowInsecureAuth: tls === 'none',
    onConnect: (_session, done) => done(replyAt('connect')),
    onAuth({ username, password }, _session, done) {
      const isKnown = logins.includes(`${username}:${password}`);
      if (isKnown) done(null, { user: username });
      else done(Object.assign(new Error('no'), { responseCode: 535 }));
    },
    onRcptTo: (_address, _session, done) => done(replyAt('recipient')),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refused = replyAt('data');
        if (refused) return done(refused);
        const raw = Buffer.concat(chunks).toString('utf8');
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({
          recipients,
          isEncrypted: session.secure,
          user: session.user as string | undefined,
          headers: headersOf(raw),
          raw,
        });
        const [fault] = faults;
        if (fault?.kind === 'drop_after' || fault?.kind === 'silent') faults.shift();
        if (fault?.kind === 'drop_after') for (const { _socket: socket } of server.connections) socket.destroy();
        else if (fault?.kind !== 'silent') done();
      });
    },
  });
  server.on('error', () => undefined); // clients that break off
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    ca: cert,
    mails: () => [...mails],
    inject: (fault) => void faults.push(fault),
    async stop() {
      for (const { _socket: socket } of server.connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function headersOf(raw: string): Record<string, string> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return Object.fromEntries(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
