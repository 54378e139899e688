import type { ReadError } from '../core/model/snapshot';
import type { TransportError } from '../host/transport';

/** An error entry's code and sentence for a connection's fault. */
export function errorWords(error: TransportError): Pick<ReadError, 'code' | 'message'> {
  return { code: error.code === 'cancelled' || error.code === 'recorded' ? 'failed' : error.code, message: error.message };
}

/** Transports live in bundles of their own, where the class is another one. */
export function isTransportError(error: unknown): error is TransportError {
  return error instanceof Error && error.name === 'TransportError' && 'code' in error;
}
