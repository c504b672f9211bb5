import { decode } from './core/decode';
import { isNamed, type XmlElement, type XmlRecord, xmlSteps } from './core/xml-path';
import type { XmlFormat } from './core/mapping';
import { type BodyReader, LONGEST_RECORD, type MappingRejection, type Reading, rejected } from './core/mapped';
import { SaxesParser, type SaxesTagNS } from 'saxes';

type Read = XmlRecord | { readonly rejection: MappingRejection };

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

type Decode = (bytes: Buffer, isEnd: boolean) => string;

const MOST_LEVELS = 64;
/** Characters within which an XML declaration ends. */
const DECLARATION = 200;
const broken = (code: MappingRejection['code'], reason: string): MappingRejection => ({ code, field: '', reason });
const NOT_WELL_FORMED = broken('xml_not_well_formed', 'the XML is not well formed');
const NOT_ENCODED = broken('invalid_utf8', 'the body is not encoded as its declaration says');
const TOO_LONG = rejected('line_too_long', '', 'is longer than 1 MiB');

/**
 * Reads the elements of one path out of a document (XML 1.0, Namespaces in XML 1.0). Nothing of a DTD is ever read: a document type declaration refuses the
 * body. Held is one record at most; a single text or tag of more than 1 MiB ends the body.
 */
export class XmlReader implements BodyReader<Read> {
  private readonly parser = new SaxesParser({ xmlns: true });
  private readonly path;
  private decoder: Decode | undefined;
  private head = Buffer.alloc(0);
  /** Elements that are open, from the root. */
  private readonly open: OpenElement[] = [];
  private depth = 0;
  /** Levels of the open elements that are steps to the record. */
  private matched = 0;
  private recordStart = 0;
  private tokenStart = 0;
  private records: Read[] = [];
  private broken: MappingRejection | undefined;

  constructor({ record, namespaces }: XmlFormat) {
    this.path = xmlSteps(record, namespaces)?.steps ?? [];
    this.parser.on('error', () => (this.broken ??= NOT_WELL_FORMED));
    this.parser.on('doctype', () => {
      this.broken ??= broken('xml_entity_refused', 'the document declares a type or entities, which are never read');
    });
    this.parser.on('opentag', (tag) => this.begin(tag));
    this.parser.on('closetag', () => this.finish());
    for (const kind of ['text', 'cdata'] as const) this.parser.on(kind, (text) => this.addText(text));
    for (const kind of ['comment', 'processinginstruction'] as const) this.parser.on(kind, () => this.token());
  }

  read(chunk: Buffer): Reading<Read> {
    let bytes = chunk;
    if (!this.decoder) {
      this.head = Buffer.concat([this.head, chunk]);
      if (this.head.length < DECLARATION && !this.head.includes('?>')) return { records: [] };
      bytes = this.head;
      this.start();
    }
    return this.write(bytes, false);
  }

  end(): Reading<Read> {
    const bytes = this.decoder ? Buffer.alloc(0) : this.head;
    if (!this.decoder && bytes.length === 0) return { records: [] };
    this.start();
    return this.write(bytes, true);
  }

  private start(): void {
    this.decoder ??= decoderOf(this.head);
    this.head = Buffer.alloc(0);
  }

  private write(bytes: Buffer, isEnd: boolean): Reading<Read> {
    const text = this.decoder!(bytes, isEnd);
    // A replacement character stands where bytes were none of their encoding, or were none before they were sent: the text is damaged from here on.
    const damage = text.indexOf('\ufffd');
    this.parser.write(damage < 0 ? text : text.slice(0, damage));
    if (damage >= 0) this.broken ??= NOT_ENCODED;
    if (isEnd && !this.broken) this.parser.close();
    if (this.parser.position - this.tokenStart > LONGEST_RECORD)
      this.broken ??= broken('line_too_long', 'a text or tag is longer than 1 MiB');
    const { records } = this;
    this.records = [];
    return this.broken ? { records, broken: this.broken } : { records };
  }

  private token(): void {
    this.tokenStart = this.parser.position;
  }

  private begin({ local, uri, attributes }: SaxesTagNS): void {
    this.token();
    if (this.broken) return;
    this.depth++;
    if (this.depth > MOST_LEVELS) {
      this.broken = broken('too_deep', `elements are nested deeper than ${MOST_LEVELS} levels`);
      return;
    }
    const element: OpenElement = {
      name: local,
      uri,
      attributes: Object.values(attributes).map((one) => ({ name: one.local, uri: one.uri, value: one.value })),
      children: [],
      text: '',
    };
    const step = this.path[this.depth - 1];
    if (this.matched === this.path.length) {
      if (!this.isTooLong()) this.open.at(-1)?.children.push(element);
    } else if (this.matched === this.depth - 1 && step && isNamed(element, step)) {
      if (++this.matched === this.path.length) this.recordStart = this.parser.position;
    }
    this.open.push(element);
  }

  private isTooLong(): boolean {
    return this.parser.position - this.recordStart > LONGEST_RECORD;
  }

  private addText(text: string): void {
    this.token();
    const element = this.open.at(-1);
    if (element && this.matched === this.path.length && !this.isTooLong()) element.text += text;
  }

  private finish(): void {
    this.token();
    if (this.broken) return;
    const element = this.open.pop()!;
    if (this.depth === this.matched) {
      if (this.matched === this.path.length)
        this.records.push(this.isTooLong() ? TOO_LONG : { element, above: [...this.open] });
      this.matched--;
    }
    this.depth--;
  }
}

const UTF16 = { be: Buffer.from([0xfe, 0xff]), le: Buffer.from([0xff, 0xfe]) } as const;
/** Further encodings that a declaration may name; UTF-16 is told by its first bytes (XML 1.0, appendix F). */
const LABELS: ReadonlySet<string> = new Set(['utf-8', 'us-ascii', 'iso-8859-15']);

/** Of an encoding that is not read, everything is damage. */
function decoderOf(head: Buffer): Decode {
  const start = head.subarray(0, 2);
  if (start.equals(UTF16.be) || start.equals(UTF16.le))
    return streamed(start.equals(UTF16.be) ? 'utf-16be' : 'utf-16le');
  const [, named = 'utf-8'] =
    /^(?:\xef\xbb\xbf)?<\?xml[^>]{1,150}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(
      head.toString('latin1', 0, DECLARATION),
    ) ?? [];
  const label = named.toLowerCase();
  if (label === 'iso-8859-1') return (bytes) => decode(bytes, 'latin1')!; // a decoder of this label reads Windows-1252
  if (label === 'windows-1252') return (bytes) => decode(bytes, 'windows-1252')!;
  if (LABELS.has(label)) return streamed(label === 'us-ascii' ? 'utf-8' : label);
  return () => '\ufffd';
}

function streamed(label: string): Decode {
  const decoder = new TextDecoder(label);
  return (bytes, isEnd) => decoder.decode(bytes, { stream: !isEnd });
}
