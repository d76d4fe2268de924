import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** Says what is wrong with a text that is no JSON, and where: `comma expected at 3:7` (line:column, from 1). */
export function jsonProblem(text: string): string {
  if (text.trim() === '') return 'it is empty';
  const error = firstError(text);
  if (error === undefined) return 'its nesting or its characters can not be read';
  const what = printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const before = text.slice(0, error.offset).split(/\r\n|\r|\n/);
  return `${what} at ${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function firstError(text: string): ParseError | undefined {
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    // The parser is recursive: very deep nesting ends it. What it noted before stays true.
  }
  return errors[0];
}
