/** Types of resources and subjects: never empty, no colon, so that `type:id` splits into what it was made of. */
import { LIMITS } from '../../../core/terms/limits.ts';
import { type Problems, quote } from '../problems.ts';

export function checkTypes(types: readonly string[], path: string, problems: Problems): void {
  for (const [i, type] of types.entries()) {
    if (type === '' || type.includes(':') || type.length > LIMITS.nameChars) {
      problems.add(
        'invalid_type',
        `${path}[${i}]`,
        `${quote(type)} is no type: a type has 1 to ${LIMITS.nameChars} characters and no colon`,
      );
    }
  }
}
