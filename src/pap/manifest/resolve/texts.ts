/** Every text of a document must have a UTF-8 form: two texts with lone surrogates would become one when stored (RFC 7493 §2.1). */
import { isWellFormed } from '../../../core/terms/ref.ts';
import type { Problems } from '../problems.ts';
import { formatPath } from '../shape.ts';

export function checkTexts(document: unknown, problems: Problems): void {
  visit(document, [], problems);
}

function visit(value: unknown, path: (string | number)[], problems: Problems): void {
  if (typeof value === 'string') {
    if (!isWellFormed(value)) problems.add('lone_surrogate', formatPath(path), 'a text must not hold a lone surrogate');
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) descend(value[i], i, path, problems);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      if (!isWellFormed(key)) problems.add('lone_surrogate', formatPath([...path, key]), 'a key must not hold a lone surrogate');
      descend(child, key, path, problems);
    }
  }
}

function descend(child: unknown, part: string | number, path: (string | number)[], problems: Problems): void {
  path.push(part);
  visit(child, path, problems);
  path.pop();
}
