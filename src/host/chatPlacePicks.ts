import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import type { ChatPlace, ChatStores } from './chatStores.ts';

/** Lets the user choose one of the chat folders that pass; does not ask when there is one. @throws `not-found` without any. */
export async function pickPlace(
  stores: ChatStores,
  title: string,
  passes: (place: ChatPlace) => Promise<boolean>,
): Promise<ChatPlace | undefined> {
  const all = await stores.places();
  const places: ChatPlace[] = [];
  for (const place of all) if (await passes(place)) places.push(place);
  if (places.length === 0) throw new ChatError('not-found', 'There are no saved chats here yet.');
  if (places.length === 1) return places[0];
  const picked = await vscode.window.showQuickPick(
    places.map((place) => ({ label: stores.placeOf(place.store), description: place.store.files.location, place })),
    { title },
  );
  return picked?.place;
}

/** Whether there is a folder on disk yet. */
export async function isThere({ store }: ChatPlace): Promise<boolean> {
  return (await store.files.stat('')) !== undefined;
}
