/** What the project set out to reach, in the order of the summary. Each goal names the figure that answers it. */

export interface Goal {
  /** id of a figure */
  readonly figure: string;
  /** the figure itself, or how it stands to its baseline */
  readonly of: 'value' | 'ratio';
  readonly atLeast?: number;
  readonly atMost?: number;
}

const KIB_PIECES = 512;
/** 1.2 MiB */
const KIB_LARGE_CATALOG = 1_228.8;

export const GOALS: readonly Goal[] = [
  { figure: 'decisions.L', of: 'value', atLeast: 1_000_000 },
  { figure: 'decisions.L.p50', of: 'value', atMost: 1 },
  { figure: 'decisions.L', of: 'ratio', atLeast: 1.5 },
  { figure: 'decisions.M', of: 'ratio', atLeast: 2 },
  { figure: 'decisions.S', of: 'ratio', atLeast: 0.7 },
  { figure: 'http.post.requests', of: 'ratio', atLeast: 0.85 },
  { figure: 'http.post.cpu', of: 'ratio', atMost: 1.25 },
  { figure: 'http.get.requests', of: 'ratio', atLeast: 0.8 },
  { figure: 'batch.L', of: 'value', atLeast: 700_000 },
  { figure: 'publish.full.seconds', of: 'value', atMost: 10 },
  { figure: 'publish.full.memory', of: 'value', atMost: 32 },
  { figure: 'publish.full.operations', of: 'value', atMost: 900 },
  { figure: 'publish.one.milliseconds', of: 'value', atMost: 100 },
  { figure: 'publish.one.blobs', of: 'value', atMost: 3 },
  { figure: 'publish.one.written', of: 'value', atMost: 256 },
  { figure: 'size.L', of: 'value', atMost: 16 },
  { figure: 'cold.S.reads', of: 'value', atMost: 4 },
  { figure: 'cold.M.reads', of: 'value', atMost: 4 },
  { figure: 'cold.L.reads', of: 'value', atMost: 4 },
  { figure: 'cold.catalog.reads', of: 'value', atMost: 4 },
  { figure: 'cold.S.read', of: 'value', atMost: KIB_PIECES },
  { figure: 'cold.M.read', of: 'value', atMost: KIB_PIECES },
  { figure: 'cold.L.read', of: 'value', atMost: KIB_PIECES },
  { figure: 'cold.catalog.read', of: 'value', atMost: KIB_LARGE_CATALOG },
  { figure: 'cold.S.cpu', of: 'value', atMost: 5 },
  { figure: 'cold.M.cpu', of: 'value', atMost: 5 },
  { figure: 'cold.L.cpu', of: 'value', atMost: 5 },
  { figure: 'cold.catalog.cpu', of: 'value', atMost: 5 },
  { figure: 'list.cold', of: 'value', atMost: 1_000 },
  { figure: 'explain.S', of: 'ratio', atMost: 10 },
  { figure: 'explain.M', of: 'ratio', atMost: 10 },
  { figure: 'explain.L', of: 'ratio', atMost: 10 },
  { figure: 'bundle.gzip', of: 'value', atMost: 300 },
  { figure: 'bundle.start', of: 'value', atMost: 50 },
];
