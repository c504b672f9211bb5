import { exception } from '../engine/exception';

const malformed = (): Error => exception('BAD_ARGUMENTS', 'The multipart body is malformed.');

/**
 * The fields of a multipart/form-data body (RFC 7578): the client sends the statement and parameters that do not fit a URL so.
 * @throws ClickHouseException when it is malformed, or holds a file (external tables are not supported)
 */
export function readMultipart(body: Buffer, contentType: string): [name: string, value: string][] {
  const quoted = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const boundary = quoted?.[1] ?? quoted?.[2];
  if (boundary === undefined) throw malformed();
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line before it: one is put there so that all look alike.
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  const fields: [string, string][] = [];
  let at = text.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    if (text.toString('latin1', start, start + 2) === '--') return fields;
    at = text.indexOf(delimiter, start);
    const headersEnd = text.indexOf('\r\n\r\n', start);
    if (at < 0 || headersEnd < 0 || headersEnd > at) throw malformed();
    fields.push([fieldName(text.toString('utf8', start, headersEnd)), text.toString('utf8', headersEnd + 4, at)]);
  }
  throw malformed();
}

function fieldName(headers: string): string {
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(headers)?.[1] ?? '';
  if (/;\s*filename\*?=/i.test(disposition)) throw exception('NOT_IMPLEMENTED', 'External tables are not supported.');
  const name = /(?:^|;)\s*name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw malformed();
  return name;
}
