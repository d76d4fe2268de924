import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setup, suite, teardown, test } from 'mocha';
import { isSharedInGit, keepOutOfGit, shareInGit } from '../../../src/chats/gitSharing.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { TestWindow, until } from '../../support/chatFixture.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;
const windows: TestWindow[] = [];
let folder: string;

setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'git-sharing-'));
});
teardown(async () => {
  for (const window of windows.splice(0)) window.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Runs git as somebody without settings of their own. */
function git(clone: string, ...args: string[]): string {
  const who = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', '-c', 'core.autocrlf=true'];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  return execFileSync('git', [...who, ...args], { cwd: join(folder, clone), env, encoding: 'utf8', stdio: 'pipe' });
}

function commitAll(clone: string): void {
  git(clone, 'add', '--all');
  git(clone, 'commit', '--quiet', '--message', 'Chats');
}

function windowOn(clone: string): TestWindow {
  const window = new TestWindow(join(folder, clone, '.chats'));
  window.engine.isEchoing = true;
  windows.push(window);
  return window;
}

async function ask(window: TestWindow, text: string, chatId?: string): Promise<string> {
  const chat = window.open(chatId, { isSaved: chatId !== undefined });
  await chat.refresh();
  await chat.send(text, window.context());
  await until(chat, () => !chat.isRunning);
  return chat.chatId;
}

async function questions(window: TestWindow, chatId: string): Promise<string[]> {
  const chat = window.open(chatId, { isSaved: true });
  await chat.refresh();
  return chat.turns.map(({ question }) => question);
}

async function readSeqs(clone: string, chatId: string): Promise<unknown[]> {
  const text = await readFile(join(folder, clone, '.chats', chatId, 'chat.jsonl'), 'utf8');
  const records: { type: string; seq?: number }[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return records.filter(({ type }) => type === 'turn').map(({ seq }) => seq);
}

suite('sharing chats in git', () => {
  test('lines that the user added stay, there and back', async () => {
    const files = new LocalFileStore(join(folder, '.chats'));
    await files.write('.gitignore', new TextEncoder().encode('*\r\n# mine\r\nsecret.txt'));
    await files.write('.gitattributes', new TextEncoder().encode('*.txt text\n'));
    await shareInGit(files);
    await shareInGit(files);
    const shared = await readFile(join(folder, '.chats', '.gitignore'), 'utf8');
    assert.match(shared, /^# mine\nsecret\.txt\n/);
    assert.equal(shared.match(/^catalog\.json$/gm)?.length, 1, 'said once');
    assert.equal(await isSharedInGit(files), true);
    assert.match(
      await readFile(join(folder, '.chats', '.gitattributes'), 'utf8'),
      /^\*\.txt text\nchat\.jsonl .*merge=union\nmeta\.jsonl .*merge=union\n$/,
    );
    await keepOutOfGit(files);
    assert.equal(await isSharedInGit(files), false);
    assert.equal(await readFile(join(folder, '.chats', '.gitignore'), 'utf8'), '*\n# mine\nsecret.txt\n');
    assert.equal(await readFile(join(folder, '.chats', '.gitattributes'), 'utf8'), '*.txt text\n');
  });

  test('git sees transcripts and what is said of them, and no cache, lock, partial answer or deleted chat', async function () {
    if (!hasGit) return skip(this, 'there is no git on this machine');
    execFileSync('git', ['init', '--quiet', folder]);
    const window = windowOn('.');
    const kept = await ask(window, 'Kept');
    await window.store.update(kept, { title: 'Kept' });
    await window.store.delete(await ask(window, 'Deleted'));
    await writeFile(join(folder, '.chats', kept, `partial-${kept}.json`), '{}');
    await writeFile(join(folder, '.chats', 'catalog.json.bad-2026-01-01T00-00-00-000Z'), '{');
    git('.', 'add', '--all');
    assert.equal(git('.', 'ls-files'), '', 'hidden at first');
    await shareInGit(window.store.files);
    git('.', 'add', '--all');
    assert.deepEqual(git('.', 'ls-files').trim().split('\n'), [
      '.chats/.gitattributes',
      '.chats/.gitignore',
      `.chats/${kept}/chat.jsonl`,
      `.chats/${kept}/meta.jsonl`,
    ]);
    git('.', 'rm', '-r', '--quiet', '--cached', '.');
    await keepOutOfGit(window.store.files);
    git('.', 'add', '--all');
    assert.equal(git('.', 'ls-files'), '', 'hidden again');
  });

  test('two people who went on with one chat merge without conflict, and have all turns', async function () {
    if (!hasGit) return skip(this, 'there is no git on this machine');
    execFileSync('git', ['init', '--quiet', join(folder, 'ann')]);
    const ann = windowOn('ann');
    const id = await ask(ann, 'Asked before');
    await shareInGit(ann.store.files);
    commitAll('ann');
    git('.', 'clone', '--quiet', 'ann', 'bob');
    const bob = windowOn('bob');

    await ask(ann, 'Asked by Ann', id);
    await ask(ann, 'Asked by Ann again', id);
    await ann.store.update(id, { pinned: true });
    commitAll('ann');
    await ask(bob, 'Asked by Bob', id);
    await bob.store.update(id, { title: 'Named by Bob' });
    commitAll('bob');
    git('ann', 'pull', '--quiet', '--no-rebase', '--no-edit', join(folder, 'bob'));

    const all = ['Asked before', 'Asked by Ann', 'Asked by Ann again', 'Asked by Bob'];
    assert.deepEqual((await questions(ann, id)).toSorted(), all.toSorted());
    await ann.store.check();
    const [entry] = await ann.store.list();
    assert.equal(entry?.title, 'Named by Bob');
    assert.equal(entry?.pinned, true);
    assert.equal(entry?.message_count, 4);

    await ask(ann, 'Asked after', id);
    assert.deepEqual(await questions(ann, id).then((asked) => asked.at(-1)), 'Asked after');
    const seqs = await readSeqs('ann', id);
    const last = seqs.at(-1);
    assert.deepEqual(
      seqs.filter((seq) => seq === last),
      [4],
      `a number of its own: ${seqs}`,
    );
  });
});

function skip(context: Mocha.Context, reason: string): void {
  console.log(`    (not tested: ${reason})`);
  context.skip();
}
