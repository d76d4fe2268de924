/** Hands every click on a link below `root` to `open`, with the address as it is written; the page itself never navigates. */
export function interceptLinkClicks(root: HTMLElement, open: (href: string) => void): void {
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link) return;
    event.preventDefault();
    // VS Code opens links that reach the document by itself: that would be a second time.
    event.stopPropagation();
    const href = link.getAttribute('href');
    if (href && event.button < 2) open(href);
  };
  root.addEventListener('click', onClick, { capture: true });
  root.addEventListener('auxclick', onClick, { capture: true });
}
