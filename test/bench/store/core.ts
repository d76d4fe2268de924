// What the benches of the store drive, as one entry for the bundler.
export { patchEntry } from '../../../src/chats/catalog.ts';
export { CatalogFile } from '../../../src/chats/catalogFile.ts';
export { ChatLocks } from '../../../src/chats/chatLocks.ts';
export { ChatStore } from '../../../src/chats/chatStore.ts';
export { Conversation } from '../../../src/chats/conversation.ts';
export { scanTranscript } from '../../../src/chats/readTranscript.ts';
export { LocalFileStore } from '../../../src/files/localFileStore.ts';
