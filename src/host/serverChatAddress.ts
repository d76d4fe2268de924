/**
 * The page of a server on which anybody can chat with a pipeline. Only a public key is ever put into the address: any
 * other would give away the whole account.
 */
export function serverChatAddress(base: string, publicToken: string | undefined): string {
  const address = new URL('/chat', base);
  if (publicToken?.startsWith('pk_')) address.searchParams.set('auth', publicToken);
  return address.toString();
}
