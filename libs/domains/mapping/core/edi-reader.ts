import { decode } from './decode';
import { type Dialect, encodingOf, type Level } from './edi-dialects';
import type { EdiRecord } from './edi-path';
import { elementOf, parseSegment, type Segment, segmentEnd, type Separators, tagOf } from './edi-segments';
import type { Encoding } from './mapping';
import { type BodyReader, LONGEST_RECORD, type MappingRejection, type Reading, rejected } from './mapped';

type Read = EdiRecord | { readonly rejection: MappingRejection };

/** What is open at one level. */
interface Open {
  readonly start: Segment;
  /** Groups of an interchange, messages of a group, segments of a message. */
  count: number;
}
interface OpenMessage extends Open {
  readonly segments: Segment[];
  length: number;
  wrong: MappingRejection | undefined;
}

export interface EdiOptions {
  readonly dialect: Dialect;
  /** None where the interchange says it. */
  readonly encoding?: Encoding | undefined;
  readonly recordSegment?: string | undefined;
  readonly summarySegment?: string | undefined;
}

const MALFORMED = (reason: string): MappingRejection => ({ code: 'edi_malformed', field: '', reason });
const TOO_LONG: MappingRejection = { code: 'line_too_long', field: '', reason: 'is longer than 1 MiB' };
const SPACE = /[ \t\r\n]*/y;

/**
 * Reads interchanges. A message is known when its trailer is: until then it is held, up to 1 MiB. A message whose trailer says other counts or references
 * than it has is rejected; so is an envelope, as one record, behind the messages that it held.
 */
export class EdiReader implements BodyReader<Read> {
  private text = '';
  /** So much of the text holds no end of a segment. */
  private searched = 0;
  private separators: Separators | undefined;
  private interchange: (Open & { messages: number }) | undefined;
  private group: Open | undefined;
  private message: OpenMessage | undefined;
  private decode: (bytes: Buffer) => string | undefined = (bytes) => bytes.toString('latin1');
  private records: Read[] = [];

  constructor(private readonly options: EdiOptions) {}

  read(chunk: Buffer): Reading<Read> {
    this.text += chunk.toString('latin1');
    const broken = this.segments();
    const { records } = this;
    this.records = [];
    return broken ? { records, broken } : { records };
  }

  end(): Reading<Read> {
    const rest = this.text.trim();
    if (!this.interchange && rest !== '') return { records: [], broken: MALFORMED('an interchange ends too early') };
    this.closeAll();
    return { records: this.records };
  }

  private segments(): MappingRejection | undefined {
    const { dialect } = this.options;
    let at = 0;
    let looked = this.searched;
    this.searched = 0;
    for (;;) {
      SPACE.lastIndex = at;
      SPACE.exec(this.text);
      at = SPACE.lastIndex;
      if (this.interchange) {
        if (this.text.length - at < 3) break;
        if (dialect.begins.some((tag) => this.text.startsWith(tag, at))) this.closeAll();
      }
      if (!this.separators) {
        if (at === this.text.length) break;
        const found = dialect.separators(this.text, at);
        if (found === 'more') break;
        if (!found) return MALFORMED(`an interchange does not begin with ${dialect.begins.join(' or ')} as it must`);
        this.separators = found.separators;
        at += found.skip;
        continue;
      }
      const end = segmentEnd(this.text, at, Math.max(at, looked), this.separators);
      if (end < 0) {
        if (this.text.length - at > LONGEST_RECORD) return MALFORMED('a segment does not end within 1 MiB');
        this.searched = this.text.length - at;
        break;
      }
      const broken = this.take(this.text.slice(at, end), this.separators);
      if (broken) return broken;
      at = end + 1;
      looked = at;
    }
    this.text = this.text.slice(at);
    return undefined;
  }

  private take(raw: string, separators: Separators): MappingRejection | undefined {
    const { dialect } = this.options;
    const text = this.decoded(raw);
    const segment = parseSegment(text ?? raw, separators);
    const tag = tagOf(segment);
    if (!this.interchange) {
      if (tag !== dialect.interchange.start)
        return MALFORMED(`an interchange does not begin with ${dialect.interchange.start}`);
      this.interchange = { start: segment, count: 0, messages: 0 };
      this.decode = this.decoderOf(segment);
      return undefined;
    }
    if (tag === dialect.message.start) this.openMessage(segment);
    else if (tag === dialect.group.start) this.openGroup(segment);
    if (this.message) {
      this.message.count++;
      this.message.length += raw.length + 1;
      if (text === undefined) this.message.wrong ??= { code: 'invalid_utf8', field: tag, reason: 'is not UTF-8' };
      if (this.message.length <= LONGEST_RECORD) this.message.segments.push(segment);
      else this.message.segments.length = 0;
    }
    if (tag === dialect.message.end) this.endMessage(segment);
    else if (tag === dialect.group.end) this.endGroup(segment);
    else if (tag === dialect.interchange.end) this.endInterchange(segment);
    else if (!this.message && tag !== dialect.group.start && !dialect.ignored.includes(tag))
      this.records.push(rejected('unexpected_segment', '', 'a segment stands outside of any message'));
    return undefined;
  }

  private openMessage(segment: Segment): void {
    const { dialect } = this.options;
    this.closeMessage();
    this.interchange!.messages++;
    if (this.group) this.group.count++;
    const wrong =
      this.group || dialect.groupless
        ? undefined
        : missing(dialect.group.start, 'a message stands outside of any group');
    this.message = { start: segment, count: 0, segments: [], length: 0, wrong };
  }

  private openGroup(segment: Segment): void {
    this.closeGroup();
    this.interchange!.count++;
    this.group = { start: segment, count: 0 };
  }

  private endMessage(trailer: Segment): void {
    const { message: level } = this.options.dialect;
    const { message } = this;
    this.message = undefined;
    if (!message) {
      this.records.push(rejected('unexpected_segment', level.end, `stands without ${level.start}`));
      return;
    }
    const wrong =
      message.wrong ??
      disagreement(level, message.start, trailer, message.count) ??
      (message.length > LONGEST_RECORD ? TOO_LONG : undefined);
    if (wrong) this.records.push({ rejection: wrong });
    else this.records.push(...this.recordsOf(message.segments));
  }

  private endGroup(trailer: Segment): void {
    const { group: level } = this.options.dialect;
    this.closeMessage();
    const { group } = this;
    this.group = undefined;
    this.check(level, group, trailer, group?.count ?? 0);
  }

  private endInterchange(trailer: Segment): void {
    const { interchange: level } = this.options.dialect;
    this.closeGroup();
    const { count, messages } = this.interchange!;
    this.check(level, this.interchange, trailer, count > 0 ? count : messages);
    this.interchange = undefined;
    this.separators = undefined;
  }

  private check(level: Level, open: Open | undefined, trailer: Segment, count: number): void {
    const wrong = open
      ? disagreement(level, open.start, trailer, count)
      : ({ code: 'unexpected_segment', field: level.end, reason: `stands without ${level.start}` } as const);
    if (wrong) this.records.push({ rejection: wrong });
  }

  /** What is still open where something else begins or the body ends lacks its trailer; the innermost is told. */
  private closeMessage(): boolean {
    const { end } = this.options.dialect.message;
    if (!this.message) return false;
    this.records.push({ rejection: missing(end, 'a message has no trailer') });
    this.message = undefined;
    return true;
  }

  private closeGroup(): boolean {
    const { end } = this.options.dialect.group;
    const told = this.closeMessage();
    if (!this.group) return told;
    if (!told) this.records.push({ rejection: missing(end, 'a group has no trailer') });
    this.group = undefined;
    return true;
  }

  private closeAll(): void {
    const { end } = this.options.dialect.interchange;
    if (!this.interchange) return;
    if (!this.closeGroup()) this.records.push({ rejection: missing(end, 'an interchange has no trailer') });
    this.interchange = undefined;
    this.separators = undefined;
  }

  private recordsOf(segments: readonly Segment[]): Read[] {
    const { recordSegment, summarySegment } = this.options;
    const headers = [this.interchange?.start, this.group?.start].filter((one) => one !== undefined);
    if (recordSegment === undefined) return [{ own: segments, shared: headers }];
    const starts = segments.flatMap((segment, at) => (tagOf(segment) === recordSegment ? [at] : []));
    if (starts.length === 0) return [{ rejection: missing(recordSegment, 'a message has no such segment') }];
    const behind = segments.findIndex((segment, at) => at > starts[0]! && tagOf(segment) === summarySegment);
    const end = behind < 0 ? segments.length - 1 : behind; // without a summary, the trailer alone is behind
    const shared = [...headers, ...segments.slice(0, starts[0]), ...segments.slice(end)];
    return starts
      .filter((at) => at < end)
      .map((at, index) => ({ own: segments.slice(at, Math.min(starts[index + 1] ?? end, end)), shared }));
  }

  private decoderOf(header: Segment): (bytes: Buffer) => string | undefined {
    const encoding = this.options.encoding ?? encodingOf(elementOf(header, 1));
    if (typeof encoding === 'string') return (bytes) => decode(bytes, encoding);
    const decoder = new TextDecoder(encoding.label);
    return (bytes) => decoder.decode(bytes);
  }

  private decoded(raw: string): string | undefined {
    if (!/[\x80-\xff]/.test(raw)) return raw;
    return this.decode(Buffer.from(raw, 'latin1'));
  }
}

const missing = (tag: string, reason: string): MappingRejection => ({ code: 'missing_segment', field: tag, reason });

/** What a trailer says otherwise than it is. */
function disagreement(
  { end, reference }: Level,
  start: Segment,
  trailer: Segment,
  count: number,
): MappingRejection | undefined {
  const said = elementOf(trailer, 1);
  if (!/^\d{1,10}$/.test(said) || Number(said) !== count)
    return { code: 'wrong_segment_count', field: `${end}.1`, reason: 'is not the number of what was received' };
  if (elementOf(trailer, 2) !== elementOf(start, reference))
    return { code: 'wrong_control_number', field: `${end}.2`, reason: 'is not the reference that it began with' };
  return undefined;
}
