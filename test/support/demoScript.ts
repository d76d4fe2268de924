/** What the demo model answers, and how. */
export interface Script {
  readonly status: number;
  readonly text: string;
  /** The text in the pieces that are streamed. */
  readonly pieces: readonly string[];
  readonly reasoning: readonly string[];
  readonly delayMs: number;
  /** The socket is dropped before this piece; undefined for an answer that arrives whole. */
  readonly breakAfter: number | undefined;
}

interface Message {
  readonly role: string;
  readonly content: string;
}

const slowWordMs = 150;
const slowWords = 100;
const longParagraphs = 60;
const wordMs = 15;
const longWordMs = 1;

const code = `Here is a function that adds up numbers:

\`\`\`ts
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
\`\`\`

Call it as \`sum([1, 2, 3])\`, and it gives **6**.`;

const table = `| Planet | Moons | Year in days |
| --- | ---: | ---: |
| Earth | 1 | 365 |
| Mars | 2 | 687 |
| Jupiter | 95 | 4333 |`;

/** The answer to the last user message, chosen by a word in it. */
export function scriptFor(messages: readonly Message[]): Script {
  const question = messages.findLast((message) => message.role === 'user')?.content ?? '';
  const has = (word: string) => new RegExp(`\\b${word}\\b`, 'i').test(question);
  if (has('error')) return failing(500, 'The demo model was asked to fail.');
  if (has('unauthorized')) return failing(401, 'Incorrect API key provided.');
  if (has('limit')) return failing(429, 'Too many questions. Please slow down.');
  if (has('code')) return answering(code);
  if (has('table')) return answering(table);
  if (has('long')) return answering(numbered(longParagraphs), { delayMs: longWordMs });
  if (has('slow')) return answering(counted(slowWords), { delayMs: slowWordMs });
  if (has('break')) return answering('This answer will break off before it', { breakAfter: 4 });
  const friendly = greeting(question, messages);
  if (!has('think')) return answering(friendly);
  return answering(friendly, { reasoning: words('First I read the question. Then I look for words that I know.') });
}

function greeting(question: string, messages: readonly Message[]): string {
  const earlier = messages.filter((message) => message.role !== 'system').length - 1;
  const quoted = question.trim().replace(/^/gm, '> ');
  const memory = earlier === 1 ? '1 earlier message' : `${earlier} earlier messages`;
  return `You asked:\n\n${quoted}\n\nI am a *scripted demo model*, so I can't know the answer. With your question came **${memory}**.`;
}

function answering(text: string, options: Partial<Script> = {}): Script {
  return { status: 200, text, pieces: words(text), reasoning: [], delayMs: wordMs, breakAfter: undefined, ...options };
}

function failing(status: number, text: string): Script {
  return { ...answering(text), status };
}

function words(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

function counted(count: number): string {
  return Array.from({ length: count }, (_, index) => `word-${index + 1}`).join(' ');
}

function numbered(count: number): string {
  const sentence = 'A pipeline takes a question in at one end, and what its nodes make of it comes out at the other.';
  return Array.from({ length: count }, (_, index) => `**Paragraph ${index + 1}.** ${sentence}`).join('\n\n');
}
