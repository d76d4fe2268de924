import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ViewSnapshot } from '../../src/protocol/model.ts';
import { PageHarness } from './support/pageHarness.ts';
import {
  LANE_PARTS,
  openedSnapshot,
  RICH_ANSWER,
  SECOND_ID,
  sampleRow,
  sampleSnapshot,
  sampleTurn,
  THIRD_ID,
} from './support/sampleChats.ts';

const folder = fileURLToPath(new URL('../../out/screenshots/', import.meta.url));
const question = 'How do I set up a pre-commit hook?';
const states: Record<string, ViewSnapshot> = {
  empty: sampleSnapshot(),
  short: openedSnapshot([sampleTurn('a', question, RICH_ANSWER)]),
  streaming: openedSnapshot([
    sampleTurn('a', question, 'Create `.git/hooks/pre-commit` and make it executable. It runs before each commit.'),
    sampleTurn('b', 'And how do I share it with the team?', 'Git does not copy hooks when a repository is cloned, so', {
      state: 'running',
      reasoning: 'They ask about sharing hooks.',
    }),
  ]),
  lanes: openedSnapshot([
    sampleTurn('a', 'Can an annual plan be refunded?', '', { parts: [...LANE_PARTS] }),
    sampleTurn('b', 'And a monthly one?', '', { state: 'running', steps: ['Planning', 'Searching the handbook'] }),
  ]),
  failed: openedSnapshot(
    [
      sampleTurn('a', question, '', {
        state: 'failed',
        error: {
          code: 'missing-key',
          message: 'The model key ROCKETRIDE_OPENAI_KEY is not set. Set it, then ask again.',
        },
      }),
      sampleTurn('b', 'And after a restart?', 'The hook stays', { state: 'interrupted' }),
    ],
    {
      notices: [
        {
          id: 'unsaved',
          severity: 'info',
          message: 'This pipeline does not save its chats.',
          actions: [{ action: 'enable-saving', label: 'Enable Saving' }],
        },
      ],
    },
  ),
};

states.listed = openedSnapshot([sampleTurn('a', question, 'Make it executable.')], {
  chats: [
    sampleRow(SECOND_ID, 'Refund policy for annual plans', { isPinned: true }),
    ...openedSnapshot([]).chats.slice(0, 1),
    sampleRow(THIRD_ID, 'Angry customer', { problem: "The transcript of this chat can't be read." }),
    sampleRow('55555555-5555-4555-8555-555555555555', 'Old', { isArchived: true }),
  ],
  notices: [
    {
      id: 'waiting',
      severity: 'info',
      message: 'Another window is writing to these chats. Waiting for it…',
      actions: [],
    },
  ],
});

const away = openedSnapshot([], {
  chats: [],
  unlisted: 'unavailable',
  notices: [
    {
      id: 'server/refused',
      severity: 'error',
      message:
        'The server does not accept the key. Set another one. 12 chats on RocketRide server rocket.example.com:5565 can not be listed.',
      actions: [
        { action: 'set-server-key', label: 'Set Server Key…' },
        { action: 'connect-server', label: 'Connect to Server…' },
      ],
    },
    {
      id: 'server/outdated',
      severity: 'warning',
      message:
        'The server runs an earlier version of this pipeline, which answers. A restart ends what is being answered there.',
      actions: [
        { action: 'restart-pipeline', label: 'Restart with Changes' },
        { action: 'keep-running', label: 'Keep Running' },
      ],
    },
  ],
});
states.loading = { ...away, chat: { ...away.chat, isLoading: true } };

const harness = await PageHarness.start();
await mkdir(folder, { recursive: true });
for (const theme of ['light', 'dark', 'hc-black', 'hc-light']) {
  for (const width of [320, 480, 900]) {
    for (const [state, snapshot] of Object.entries(states)) {
      const { page } = await harness.open(snapshot, { theme, width, height: 720 });
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${folder}${state}-${theme}-${width}.png` });
      await page.close();
    }
  }
}
await harness.close();
