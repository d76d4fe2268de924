/** Begins each line of test output, to tell it from what VS Code itself writes to the same console. */
export const TEST_LINE = '[test] ';

/** The test output in `text`, which may be one line or many. */
export function testLines(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const start = line.indexOf(TEST_LINE);
    return start === -1 ? [] : [line.slice(start + TEST_LINE.length)];
  });
}
