/** What a publish is asked, and what it answers. */
import type { Problem } from '../../core/terms/problem.ts';

export interface PublishOptions {
  /** the organization's id: the object doesn't know its own name */
  readonly org: string;
  /** compile everything, whatever changed */
  readonly full?: boolean;
}

export interface PublishReport {
  /** the revision that is published now */
  readonly revision: number;
  /** did this publish move the pointer? */
  readonly changed: boolean;
  readonly full: boolean;
  readonly blobs_written: number;
  readonly bytes_written: number;
  readonly ms: number;
  /** what could not be read and grants nothing */
  readonly problems: readonly Problem[];
  readonly problem_count: number;
  /** set when nothing can be published until rows are mended: since when (ms), and which */
  readonly behind?: { readonly since: number; readonly problems: readonly Problem[] };
  /** set while everything, or much, is being compiled, over several invocations: what is committed is published when that is done */
  readonly compiling?: Compiling;
}

/** How far a long compile has come. */
export interface Compiling {
  readonly full: boolean;
  readonly keys_read: number;
  readonly leaves_written: number;
}
