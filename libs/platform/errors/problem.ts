import type { DomainError } from '@holdfast/kernel';
import { meaning } from './meaning';

/** An RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly reason: string }[];
  readonly retryable: boolean;
  readonly [member: string]: unknown;
}

/** `type` is the address of the code's page, relative to the API. */
export function problemOf(error: DomainError): Problem {
  const { status, title, retryable } = meaning[error.kind];
  const { fields, extra } = error.details;
  return {
    type: `/problems/${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(fields && fields.length > 0 && { errors: fields }),
    retryable,
    ...extra,
  };
}
