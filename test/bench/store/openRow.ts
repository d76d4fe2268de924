import type { Row } from '../interleave.ts';
import type { BenchWindow } from './benchWindow.ts';
import { readTail } from './plainFiles.ts';

const TAIL_BYTES = 256 * 1024;
/** An ask and a turn each for the 50 turns that a view shows at first. */
const SHOWN_LINES = 100;

/** A chat opened anew, as far as a view shows it at first, beside reading the last 256 KiB of its file. */
export function openRow(window: BenchWindow, transcript: string, chatId: string, size: number | string): Row {
  return {
    bench: 'open-tail',
    size,
    value: {
      work: async () => {
        const chat = window.open(chatId);
        await chat.refresh();
        chat.dispose();
      },
    },
    floor: { work: () => readTail(transcript, TAIL_BYTES) },
  };
}

/** Nothing but JSON.parse of the lines that a view shows at first: less than this no reader can do. */
export function parseTailRow(transcript: string, size: number): Row {
  return {
    bench: 'tail-parsed',
    size,
    value: {
      work: async () => {
        const text = new TextDecoder().decode(await readTail(transcript, TAIL_BYTES));
        for (const line of text.trimEnd().split('\n').slice(-SHOWN_LINES)) JSON.parse(line);
      },
    },
    floor: { work: () => readTail(transcript, TAIL_BYTES) },
  };
}
