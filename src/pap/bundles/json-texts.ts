/** Columns that hold a JSON list of texts, as somebody may have typed them. */

/** The texts of the list; none of what is no list. */
export function textsOf(json: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
