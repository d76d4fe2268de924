import type { AnswerPart, ChatSummary, TurnView, ViewSnapshot } from '../../../src/protocol/model.ts';

export const FIRST_ID = '11111111-1111-4111-8111-111111111111';
export const SECOND_ID = '22222222-2222-4222-8222-222222222222';
export const THIRD_ID = '33333333-3333-4333-8333-333333333333';

export function sampleRow(chatId: string, title: string, patch: Partial<ChatSummary> = {}): ChatSummary {
  return {
    chatId,
    title,
    isRenamed: false,
    preview: 'Hooks are configured in .git/hooks and run before each commit.',
    created: '2026-05-04T09:00:00Z',
    updated: minutesAgo(5),
    turnCount: 2,
    pipelineId: 'support',
    isRunning: false,
    isPinned: false,
    isArchived: false,
    ...patch,
  };
}

export function sampleTurn(id: string, question: string, answer: string, patch: Partial<TurnView> = {}): TurnView {
  const parts = answer === '' ? [] : [{ key: 'answer', kind: 'markdown' as const, text: answer }];
  return { id, state: 'done', asked: minutesAgo(6), question, parts, ...patch };
}

export const RICH_ANSWER = `A hook is a script that Git runs at a set moment. Create \`.git/hooks/pre-commit\` and make it executable:

\`\`\`bash
#!/bin/sh
# Refuse the commit when the linter complains.
npm run lint --silent || exit 1
\`\`\`

Then decide **what it checks**:

1. Formatting, because it is quick.
2. Types, because they are cheap with \`--incremental\`.
3. Tests only where they take seconds.

| Hook | Runs | Can refuse |
| :--- | :--- | ---: |
| pre-commit | before the message is asked for | yes |
| post-commit | after the commit | no |

See the [Git documentation](https://git-scm.com/docs/githooks) for all of them.`;

const ONE_PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** An answer of every kind of part. */
export const LANE_PARTS: readonly AnswerPart[] = [
  { key: 'answers/0', label: 'answers 1', kind: 'markdown', text: 'The refund is **pro rata**.' },
  { key: 'answers/1', label: 'answers 2', kind: 'json', text: '{"refund":true}' },
  { key: 'rows/0', label: 'rows', kind: 'markdown', text: '| Plan | Days |\n| --- | --- |\n| Annual | 30 |' },
  {
    key: 'documents/0',
    label: 'documents',
    kind: 'documents',
    text: 'handbook/refunds.md\n\nAnnual plans are refunded pro rata within 30 days of the purchase.',
    documents: [
      {
        name: 'handbook/refunds.md',
        score: 0.91,
        text: 'Annual plans are refunded pro rata within 30 days of the purchase.',
      },
      { name: 'terms.pdf', text: 'Refunds.\n\nMonthly plans are not refunded.' },
    ],
  },
  {
    key: 'image/0',
    label: 'image',
    kind: 'image',
    text: 'Image, image/png, 70 bytes',
    mimeType: 'image/png',
    base64: ONE_PIXEL,
  },
  {
    key: 'audio/0',
    label: 'audio',
    kind: 'file',
    text: 'Audio, audio/mpeg, 1.2 MB. The server does not send it with the answer.',
  },
];

/** An empty, unsaved chat beside three saved ones. */
export function sampleSnapshot(patch: Partial<ViewSnapshot> = {}): ViewSnapshot {
  return {
    rev: 1,
    pipeline: {
      name: 'Support assistant',
      path: 'pipelines/support.pipe',
      model: 'gpt-5-mini',
      canSend: true,
      isDirty: false,
      examples: [
        'How do I set up a pre-commit hook?',
        'Which plan includes single sign-on?',
        'Write a reply to an angry customer',
      ],
    },
    isSaving: true,
    chats: [
      sampleRow(FIRST_ID, 'How do I set up a pre-commit hook?'),
      sampleRow(SECOND_ID, 'Refund policy for annual plans', {
        preview: 'Annual plans are refunded pro rata within 30 days.',
        updated: minutesAgo(190),
      }),
      sampleRow(THIRD_ID, 'Angry customer', {
        preview: 'Dear Ms. Roe, thank you for writing.',
        updated: minutesAgo(4000),
      }),
    ],
    chat: {
      chatId: '44444444-4444-4444-8444-444444444444',
      title: 'New chat',
      isSaved: false,
      isPrivate: false,
      isLoading: false,
      isReadOnly: false,
      turns: [],
      hasOlder: false,
      draft: '',
    },
    notices: [],
    deleteArmedSeconds: 6,
    ...patch,
  };
}

/** The first saved chat, open, with these turns. */
export function openedSnapshot(turns: TurnView[], patch: Partial<ViewSnapshot> = {}): ViewSnapshot {
  const base = sampleSnapshot(patch);
  const title = 'How do I set up a pre-commit hook?';
  return { ...base, chat: { ...base.chat, chatId: FIRST_ID, title, isSaved: true, turns } };
}

function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}
