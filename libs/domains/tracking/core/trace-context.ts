const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;

/** The trace id of a `traceparent` (W3C Trace Context, section 3.2); undefined when it is not a valid one, which is then to be ignored. */
export function traceIdOf(traceParent: string): string | undefined {
  const isLonger = traceParent.length > 55 && traceParent.startsWith('00'); // later versions may say more
  return isLonger ? undefined : TRACE_PARENT.exec(traceParent)?.[1];
}
