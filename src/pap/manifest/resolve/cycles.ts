/** A cycle as people read it. */
const SHOWN = 12;

/** `A → B → A`; of a long one the middle is left out. */
export function describeCycle(nodes: readonly string[], name: (node: string) => string): string {
  const named = (some: readonly string[]): string[] => some.map((node) => `\`${name(node)}\``);
  if (nodes.length <= SHOWN) return named(nodes).join(' → ');
  const half = SHOWN / 2;
  return [...named(nodes.slice(0, half)), `… ${nodes.length - SHOWN} more …`, ...named(nodes.slice(-half))].join(' → ');
}
