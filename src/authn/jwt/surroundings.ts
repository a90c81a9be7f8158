/** The world outside, as arguments. */
export interface TokenSurroundings {
  fetch(uri: string, init: RequestInit): Promise<Response>;
  /** ms since 1970 */
  now(): number;
  sleep(ms: number): Promise<void>;
}
