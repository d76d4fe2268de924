export interface GoldenTranscript {
  readonly name: string;
  readonly text: string;
  /** How many turns can be read. */
  readonly turnCount: number;
  /** The highest number of a turn. */
  readonly lastSeq: number;
  /** Where a client of the SDK can't open it, with us or without. */
  readonly closedTo?: readonly ('typescript' | 'python')[];
  readonly isNewer?: boolean;
}

export const GOLDEN_CHAT = '9b6d1f2e-5a44-4c0e-8d37-0e6f6a2b7c11';

const header = `{"type":"header","schema_version":1,"guid":"${GOLDEN_CHAT}","created":"2026-05-26T09:14:03.512Z","pipeline_id":"p"}`;
const pythonHeader = `{"type": "header", "schema_version": 1, "guid": "${GOLDEN_CHAT}", "created": "2026-05-26T09:14:03.512604+00:00", "pipeline_id": "p"}`;

function turn(seq: number, text: string, created = '2026-05-26T09:14:21.007Z', extra = ''): string {
  const question = JSON.stringify({ type: 'prompt', history: [], questions: [{ text }], chat_id: GOLDEN_CHAT });
  const answer = JSON.stringify({ result_types: { answers: 'answers' }, answers: [`Answer to ${text}`] });
  return `{"type":"turn","schema_version":1,"seq":${seq},"created":"${created}","question":${question},"answer":${answer}${extra}}`;
}

function lines(...all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

const torn = turn(3, 'Never to be finished').slice(0, 150);

/** Transcripts as other writers, crashes and people leave them. */
export const GOLDEN_TRANSCRIPTS: readonly GoldenTranscript[] = [
  {
    name: 'times of the TypeScript SDK',
    text: lines(header, turn(1, 'Eins'), turn(2, 'Zwei – 二')),
    turnCount: 2,
    lastSeq: 2,
  },
  {
    name: 'times of the Python SDK',
    text: lines(pythonHeader, turn(1, 'One', '2026-05-26T09:14:21.007093+00:00'), turn(2, '\\u00e9')),
    turnCount: 2,
    lastSeq: 2,
  },
  { name: 'a torn last line', text: lines(header, turn(1, 'One'), turn(2, 'Two')) + torn, turnCount: 2, lastSeq: 2 },
  {
    name: 'a torn line in the middle',
    text: lines(header, turn(1, 'One'), torn, turn(2, 'Two')),
    turnCount: 2,
    lastSeq: 2,
  },
  {
    name: 'a last line without its newline',
    text: lines(header, turn(1, 'One')) + turn(2, 'Two'),
    turnCount: 1,
    lastSeq: 2,
  },
  {
    name: 'unknown types',
    text: lines(header, '{"type":"later","seq":9}', turn(1, 'One'), '{"no":"type"}', '"text"', '7', '[1]'),
    turnCount: 1,
    lastSeq: 1,
  },
  {
    name: 'unknown keys',
    text: lines(header.replace('}', ',"mood":"✓"}'), turn(1, 'One', undefined, ',"stars":{"n":5}')),
    turnCount: 1,
    lastSeq: 1,
  },
  {
    name: 'a duplicate seq',
    text: lines(header, turn(1, 'One'), turn(2, 'Two'), turn(2, 'Also two'), turn(1, 'One again')),
    turnCount: 4,
    lastSeq: 2,
  },
  {
    name: 'git conflict markers',
    text: lines(header, turn(1, 'One'), '<<<<<<< HEAD', turn(2, 'Ours'), '=======', turn(2, 'Theirs'), '>>>>>>> other'),
    turnCount: 3,
    lastSeq: 2,
  },
  {
    name: 'null lines',
    text: lines(header, 'null', turn(1, 'One'), 'null', ''),
    turnCount: 1,
    lastSeq: 1,
    closedTo: ['typescript'],
  },
  {
    name: 'a byte order mark',
    text: `\uFEFF${lines(header, turn(1, 'One'))}`,
    turnCount: 1,
    lastSeq: 1,
    closedTo: ['typescript', 'python'],
  },
  {
    name: 'Windows line ends',
    text: lines(header, turn(1, 'One'), turn(2, 'Two')).replaceAll('\n', '\r\n'),
    turnCount: 2,
    lastSeq: 2,
  },
  {
    name: 'a damaged header',
    text: lines(header.slice(0, 40), turn(1, 'One')),
    turnCount: 1,
    lastSeq: 1,
    closedTo: ['typescript', 'python'],
  },
  {
    name: 'schema_version 2',
    text: lines(header.replace('"schema_version":1', '"schema_version":2'), turn(1, 'One')),
    turnCount: 1,
    lastSeq: 1,
    isNewer: true,
  },
];
