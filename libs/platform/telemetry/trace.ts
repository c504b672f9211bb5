import { randomBytes } from 'node:crypto';

const SHAPE = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace id of a W3C traceparent, or undefined when it is none of version 00. */
export const traceIdOf = (traceparent: string | undefined): string | undefined => SHAPE.exec(traceparent ?? '')?.[1];

/** A child of the caller's trace, or the start of one. Source: W3C Trace Context, level 1. */
export function newTraceparent(parent: string | undefined): string {
  return `00-${traceIdOf(parent) ?? randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
