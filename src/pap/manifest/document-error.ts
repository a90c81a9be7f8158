/** The refusals of a text that is no document, with the place in the text. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';

/** Line and column, both from 1; the column counts UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export function placeOf(text: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

export function malformed(message: string, place: Place): BitgateError {
  return new BitgateError('malformed_document', 400, `line ${place.line}, column ${place.column}: ${message}`, { ...place });
}

export function tooDeep(place: Place): BitgateError {
  const message = `line ${place.line}, column ${place.column}: nested deeper than ${LIMITS.jsonDepth} levels`;
  return new BitgateError('document_too_deep', 422, message, { ...place });
}

export function tooMany(most: number, place: Place): BitgateError {
  return new BitgateError('too_many', 422, `line ${place.line}, column ${place.column}: more than ${most} values`, { ...place });
}
