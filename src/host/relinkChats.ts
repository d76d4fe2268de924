import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import { isMovedFrom, type OrphanGroup, orphanGroups } from './chatOrphans.ts';
import type { FoundChat } from './chatStores.ts';
import { shownTitle } from './chatSummary.ts';
import { giveChats } from './givenChats.ts';
import { pipelineName } from './pipelineFile.ts';
import { readPipelineKey } from './readPipelineKey.ts';
import { shownChats } from './shownCounts.ts';
import type { StorageServices } from './storageServices.ts';
import { nodeOf } from './treeNodes.ts';

type Orphans = OrphanGroup<FoundChat>;
type Pipelines = ReadonlyMap<string, readonly vscode.Uri[]>;

/**
 * Gives chats whose pipeline is not in this window to one that is.
 * @param argument their row of the tree, or the pipeline that gets them; what is not given is asked for
 */
export async function relinkChats({ stores, index }: StorageServices, argument?: unknown): Promise<void> {
  const [{ chats }, pipelines] = await Promise.all([stores.list(), index.byKey()]);
  const groups = orphanGroups(chats, pipelines);
  const group = groups.find(({ key }) => key === nodeOf(argument, 'pipeline')?.key) ?? (await pickGroup(groups));
  if (!group) return;
  const taken = new Set(chats.map(({ entry }) => entry.pipeline_id));
  const target = argument instanceof vscode.Uri ? argument : await pickTarget(group, pipelines, taken);
  if (!target) return;
  const { key, hasId } = await readPipelineKey(target);
  const home = await stores.forPipeline(target);
  if (!hasId && group.chats.some(({ store }) => store !== home)) {
    throw new ChatError(
      'invalid',
      `These chats lie in another folder than those of ${key}, which has no project_id to find them by. Give it one first.`,
    );
  }
  const message = vscode.l10n.t('Gave {0} to {1}.', shownChats(group.chats.length), pipelineName(target));
  await giveChats([{ chats: group.chats, from: group.key, to: key }], message);
}

async function pickGroup(groups: readonly Orphans[]): Promise<Orphans | undefined> {
  if (groups.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Every saved chat belongs to a pipeline of this window.'));
    return undefined;
  }
  const count = groups.reduce((sum, { chats }) => sum + chats.length, 0);
  const picked = await vscode.window.showQuickPick(
    groups.map((group) => ({
      label: shownKey(group.key),
      description: shownChats(group.chats.length),
      detail: someTitles(group),
      group,
    })),
    {
      title: vscode.l10n.t('{0} whose pipeline is not in this window', shownChats(count)),
      placeHolder: vscode.l10n.t('Which chats do you want to give to another pipeline?'),
      matchOnDetail: true,
    },
  );
  return picked?.group;
}

/** Pipelines that may be the one that was moved come first. */
async function pickTarget(
  group: Orphans,
  pipelines: Pipelines,
  taken: ReadonlySet<string>,
): Promise<vscode.Uri | undefined> {
  const items = [...pipelines].flatMap(([key, files]) =>
    files.map((file) => {
      const path = vscode.workspace.asRelativePath(file, false);
      const isLikely = !taken.has(key) && isMovedFrom(group.key, path);
      const detail = isLikely ? vscode.l10n.t('Has the same file name, and no chats yet') : undefined;
      return { label: pipelineName(file), description: path, ...(detail ? { detail } : {}), isLikely, file };
    }),
  );
  if (items.length === 0) {
    throw new ChatError('not-found', 'There is no pipeline file (*.pipe) in this window. Open a folder that has one.');
  }
  const picked = await vscode.window.showQuickPick(
    items.sort((a, b) => Number(b.isLikely) - Number(a.isLikely) || a.description.localeCompare(b.description)),
    {
      title: vscode.l10n.t('Give {0} of {1} to which pipeline?', shownChats(group.chats.length), shownKey(group.key)),
      matchOnDescription: true,
    },
  );
  return picked?.file;
}

/** A path as it is; of an id enough to tell it from others. */
function shownKey(key: string): string {
  if (key === '') return vscode.l10n.t('Unknown pipeline');
  return key.includes('.') || key.includes('/') ? key : key.slice(0, 8);
}

function someTitles({ chats }: Orphans): string {
  return chats
    .slice(0, 3)
    .map(({ entry }) => shownTitle(entry))
    .join(' · ');
}
