const SEPARATORS = [',', ';', '\t'] as const;

/** The text of a `table` lane as Markdown: a table made of CSV, anything else as it is. */
export function tableMarkdown(text: string): string {
  if (/^\s*\|/m.test(text)) return text;
  for (const separator of SEPARATORS) {
    const rows = csvRows(text, separator);
    const [head, ...body] = rows ?? [];
    if (!head || body.length === 0 || head.length < 2) continue;
    if (body.some((row) => row.length !== head.length)) continue;
    return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
  }
  return text;
}

function line(cells: readonly string[]): string {
  return `| ${cells
    .map((cell) =>
      cell
        .trim()
        .replace(/\\|\|/g, '\\$&')
        .replace(/\s*\n\s*/g, ' '),
    )
    .join(' | ')} |`;
}

/** Rows of cells, which may be quoted; undefined when a quote is left open. */
function csvRows(text: string, separator: string): string[][] | undefined {
  const rows: string[][] = [];
  let row: string[] = [];
  // A cell with what ends it: quoted, with quotes doubled inside, or plain.
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\n]*))(${separator}|\\r?\\n|$)`, 'y');
  const source = text.replace(/^[\r\n]+|[\r\n]+$/g, '');
  while (cell.lastIndex < source.length || row.length > 0) {
    const [, quoted, plain = '', end] = cell.exec(source) ?? [];
    if (end === undefined) return undefined;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === separator) continue;
    rows.push(row);
    row = [];
    if (end === '') break;
  }
  return rows;
}
