import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { BODY_TYPES_OF, type MappingDefinition } from '@holdfast/domains/mapping/core/mapping';
import { MappingService } from '@holdfast/domains/mapping/mapping.service';
import type { z } from 'zod';
import type { Rejection } from './core/event';
import { isPreparedRejection } from './intake/committer';
import { IntakePreparation } from './intake/preparation';
import { readByMapping } from './intake/read-body';
import { readPiece } from './intake/read-record';
import { BrokenBody, type Piece } from './intake/split-records';
import type { PreviewRequest } from './tracking.schemas';

/** Shows what intake would make of a body by a mapping. */
@Injectable()
export class MappingPreviewService {
  constructor(
    private readonly mappings: MappingService,
    private readonly preparation: IntakePreparation,
  ) {}

  /**
   * @returns the answer in JSON, as text: numbers of events keep their digits
   * @throws DomainError `not_found` when there is no such mapping, `invalid` when it cannot be used, `unsupported_media_type`
   */
  async preview({ mapping, body, bodyBase64, contentType, limit }: z.output<typeof PreviewRequest>): Promise<string> {
    const definition = typeof mapping === 'string' ? (await this.mappings.mapping(mapping)).body : mapping;
    this.mappings.check(definition);
    const bytes = body === undefined ? Buffer.from(bodyBase64 ?? '', 'base64') : Buffer.from(body);
    const { pieces, broken } = await this.read(definition, contentType, bytes, limit);
    const now = Date.now() * 1000;
    const records = await Promise.all(pieces.map((piece, index) => this.recordText(piece, index + 1, now)));
    const end = broken && { line: pieces.length + 1, code: broken.code, reason: broken.reason };
    return `{"records":[${records.join()}]${end ? `,"broken":${JSON.stringify(end)}` : ''}}`;
  }

  private async read(
    definition: MappingDefinition,
    contentType: string | undefined,
    bytes: Buffer,
    limit: number,
  ): Promise<{ readonly pieces: Piece[]; readonly broken?: BrokenBody }> {
    const type = contentType ?? BODY_TYPES_OF[definition.format.kind][0];
    const read: Piece[] = [];
    const mapper = this.mappings.readerOf(definition);
    try {
      for await (const some of readByMapping({ definition, mapper }, type, once(bytes))) {
        read.push(...some);
        if (read.length >= limit) break;
      }
    } catch (error) {
      if (!(error instanceof BrokenBody)) throw error;
      return { pieces: read.slice(0, limit), ...(read.length < limit && { broken: error }) };
    }
    return { pieces: read.slice(0, limit) };
  }

  private async recordText(piece: Piece, line: number, now: Micros): Promise<string> {
    if (piece.skipped === true) return JSON.stringify({ line, skipped: true });
    const rejection = await this.rejectionOf(piece, line, now);
    const event = piece.bytes.length > 0 ? `,"event":${piece.bytes.toString()}` : '';
    return `{"line":${line}${event}${rejection ? `,"rejection":${JSON.stringify(rejection)}` : ''}}`;
  }

  private async rejectionOf(piece: Piece, line: number, now: Micros): Promise<Rejection | undefined> {
    const [record] = await this.preparation.of([readPiece(piece, line, now, 'event')], now);
    return isPreparedRejection(record!) ? record.rejection : record!.refusal?.rejection;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
