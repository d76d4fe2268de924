import type { ChatPage } from './chatPage.ts';
import { ChatWorld } from './chatWorld.ts';
import { shown } from './projectPaths.ts';

const QUESTION = 'What is a pipeline?';
const ANSWER = 'scripted demo model';
const NEXT_TITLE = 'Kept over a crash';

/** Does the main job once, in a window nobody sees. Returns the line to print. */
export async function smoke(): Promise<{ isWell: boolean; line: string }> {
  const started = Date.now();
  const world = await ChatWorld.start();
  try {
    const window = await world.openWindow();
    try {
      const stepCount = await doMainJob(world, window);
      return { isWell: true, line: `smoke: ok ${stepCount} steps in ${((Date.now() - started) / 1000).toFixed(1)} s` };
    } catch (error) {
      const picture = await window.screenshot('smoke-failed');
      return { isWell: false, line: `smoke: failed: ${firstLine(error)} (see ${shown(picture)})` };
    }
  } finally {
    await world.close();
  }
}

async function doMainJob(world: ChatWorld, window: ChatPage): Promise<number> {
  const steps: [string, () => Promise<unknown>][] = [
    ['open the pipeline', () => window.openPipeline('assistant.pipe')],
    ['open the chat beside it', () => window.openChatBeside()],
    ['ask', () => window.ask(QUESTION)],
    ['get the answer', () => window.waitForAnswer(ANSWER)],
    ['crash and reload', () => world.crash(window)],
    ['find the question again', () => window.waitForQuestion(QUESTION)],
    ['find the answer again', () => window.waitForAnswer(ANSWER)],
    ['rename the chat', () => window.renameChat(QUESTION, NEXT_TITLE)],
    ['delete the chat', () => window.deleteChat(NEXT_TITLE)],
  ];
  for (const [title, work] of steps) {
    try {
      await work();
      console.log(`smoke: ${title}`);
    } catch (error) {
      throw new Error(`could not ${title}: ${firstLine(error)}`, { cause: error });
    }
  }
  return steps.length;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
