import type { Finding, StoreReport } from './checkStore.ts';

/** A report as Markdown for people: counts first, then what was found, chat by chat. @param titles of chats, by id */
export function reportMarkdown(report: StoreReport, titles: ReadonlyMap<string, string>): string {
  const { chatCount, turnCount, byteCount, trash, findings } = report;
  const mendable = findings.filter(({ canRepair }) => canRepair).length;
  return [
    '# Saved Chats',
    '',
    '| | Chats | Turns | Size |',
    '|---|---:|---:|---:|',
    `| Saved | ${number(chatCount)} | ${number(turnCount)} | ${size(byteCount)} |`,
    `| Recently deleted | ${number(trash.chatCount)} | | ${size(trash.byteCount)} |`,
    '',
    verdict(findings.length, mendable),
    ...section(
      'The list and its folder',
      findings.filter(({ chatId }) => chatId === undefined),
    ),
    ...[...byChat(findings)].flatMap(([id, found]) =>
      section(`${escaped(titles.get(id) ?? '')} \`${id}\``.trim(), found),
    ),
    '',
  ].join('\n');
}

function verdict(count: number, mendable: number): string {
  if (count === 0) return 'Everything is in order.';
  if (mendable === 0) return 'There is nothing to repair. What is worth knowing:';
  return `Repair can mend ${number(mendable)} of the ${number(count)} findings; it makes a backup of what it changes first.`;
}

function section(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const lines = findings.map(
    ({ canRepair, message, path }) => `- ${canRepair ? '**Can be repaired.** ' : ''}${escaped(message)} (\`${path}\`)`,
  );
  return ['', `## ${title}`, '', ...lines];
}

function byChat(findings: readonly Finding[]): Map<string, Finding[]> {
  const chats = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.chatId === undefined) continue;
    chats.set(finding.chatId, [...(chats.get(finding.chatId) ?? []), finding]);
  }
  return chats;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** Text of people, as text: what Markdown would take for its own is escaped. */
function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}
