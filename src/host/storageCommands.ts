import { carryChats } from './carryChats.ts';
import { checkChats } from './checkChats.ts';
import { duplicateChat } from './duplicateChat.ts';
import { importChats } from './importChats.ts';
import { relinkChats } from './relinkChats.ts';
import { removeText } from './removeText.ts';
import { revealStorage } from './revealStorage.ts';
import { keepChatsOutOfGit, shareChatsInGit } from './shareInGit.ts';
import { showChatSizes } from './showChatSizes.ts';
import type { StorageServices } from './storageServices.ts';

/** The commands around what lies on disk: whether it is whole, whose it is, how much, and who can read it. */
export function storageCommands(services: StorageServices) {
  return {
    'pipelineChat.checkChats': () => checkChats(services),
    'pipelineChat.duplicateChat': (argument?: unknown) => duplicateChat(services, argument),
    'pipelineChat.copyChats': (argument?: unknown, selection?: unknown) =>
      carryChats(services, 'copy', argument, selection),
    'pipelineChat.moveChats': (argument?: unknown, selection?: unknown) =>
      carryChats(services, 'move', argument, selection),
    'pipelineChat.importChats': (argument?: unknown) => importChats(services, argument),
    'pipelineChat.relinkChats': (argument?: unknown) => relinkChats(services, argument),
    'pipelineChat.removeText': (argument?: unknown) => removeText(services, argument),
    'pipelineChat.showSizes': () => showChatSizes(services),
    'pipelineChat.revealStorage': () => revealStorage(services),
    'pipelineChat.shareInGit': () => shareChatsInGit(services),
    'pipelineChat.keepOutOfGit': () => keepChatsOutOfGit(services),
  };
}
