/** Why a bitmap document can't be opened. */

export type BitmapErrorCode = 'invalid_bitmap' | 'unknown_version' | 'expired' | 'not_yet_valid' | 'keys_unavailable';

export class BitmapError extends Error {
  /** stable, for programs */
  readonly code: BitmapErrorCode;

  constructor(code: BitmapErrorCode, message: string, options?: ErrorOptions) {
    super(`the bitmap can't be used: ${message}`, options);
    this.name = 'BitmapError';
    this.code = code;
  }
}
