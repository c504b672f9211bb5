import { DeliveryError, type DeliveryErrorKind } from '@holdfast/platform/delivery';
import { createTransport } from 'nodemailer';

/** Where mail is handed in. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `starttls`: nothing is said before the connection is encrypted, and nothing at all where it cannot be. */
  readonly tls: 'starttls' | 'implicit' | 'none';
  /** `user:password`; none for a server that asks for none. */
  readonly login?: string | undefined;
  /** Certificates to believe, in PEM, instead of those of the system. */
  readonly ca?: string | undefined;
  /** For the whole message, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Mail {
  /** With its angle brackets; the same for a repeat of the same mail. */
  readonly messageId: string;
  /** Mails that it belongs to, the one that it answers last. */
  readonly references: readonly string[];
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * `smtp://host:587` has STARTTLS (port 587 unless said otherwise), `smtps://host` TLS from the start (465); `smtp://host?starttls=off` none at all.
 * @returns undefined when the address is none of these
 */
export function smtpServerOf(address: string): Pick<SmtpServer, 'host' | 'port' | 'tls'> | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, port, searchParams } = new URL(address);
  if (hostname === '') return undefined;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'smtps:') return { host, port: Number(port || 465), tls: 'implicit' };
  if (protocol !== 'smtp:') return undefined;
  return { host, port: Number(port || 587), tls: searchParams.get('starttls') === 'off' ? 'none' : 'starttls' };
}

/**
 * Hands in one mail. Who receives a part of what was sent to counts as reached.
 * @throws DeliveryError by the class of what went wrong
 */
export async function sendMail(server: SmtpServer, mail: Mail): Promise<void> {
  const { host, port, tls, login, ca, timeoutMs } = server;
  const colon = login?.indexOf(':') ?? -1;
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(ca !== undefined && { tls: { ca } }),
    ...(login !== undefined && { auth: { user: login.slice(0, colon), pass: login.slice(colon + 1) } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { references, ...rest } = mail;
  const inReplyTo = references.at(-1);
  const sent = transport.sendMail({
    ...rest,
    to: [...mail.to],
    ...(inReplyTo !== undefined && { inReplyTo, references: [...references] }),
  });
  try {
    await inTime(sent, timeoutMs);
  } catch (error) {
    throw deliveryErrorOf(error);
  } finally {
    transport.close();
  }
}

/** Each wait within the conversation has a limit of its own; this is that of all of them. */
async function inTime(sent: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeliveryError('unreachable', 'no answer in time')), timeoutMs);
  });
  try {
    await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
    sent.catch(() => undefined); // it may still fail after that
  }
}

/** Replies that concern the login: RFC 4954, section 6. */
const LOGIN: ReadonlySet<number> = new Set([530, 534, 535, 538]);

function deliveryErrorOf(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const { responseCode: status, code } = error as { readonly responseCode?: number; readonly code?: string };
  return new DeliveryError(kindOf(status, code), `mail not taken (${status ?? code ?? 'fault'})`, { status });
}

/** By RFC 5321, section 4.2.1: 4yz may pass, 5yz will not. 421 is the server's own trouble; other 4yz, such as greylisting, ask to wait. */
function kindOf(status: number | undefined, code: string | undefined): DeliveryErrorKind {
  if (status === undefined)
    return code === 'ETLS' || code === 'EENVELOPE' || code === 'ENOAUTH' ? 'refused' : 'unreachable';
  if (LOGIN.has(status)) return 'unauthorized';
  if (status === 421) return 'failing';
  return status >= 400 && status < 500 ? 'rate_limited' : 'refused';
}
