import MarkdownIt from 'markdown-it';

/** CommonMark with tables, strikethrough and bare links; HTML in the text stays text. */
export const markdownParser = new MarkdownIt({ html: false, linkify: true });

// "README.md" and "ask.me" are words far more often than addresses.
markdownParser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

const { rules } = markdownParser.renderer;

// A picture from elsewhere would tell its server that the answer was read: it is offered as a link.
rules.image = (tokens, index) => {
  const { escapeHtml } = markdownParser.utils;
  const token = tokens[index];
  const source = String(token?.attrGet('src') ?? '');
  return `<a href="${escapeHtml(source)}">${escapeHtml(token?.content || source)}</a>`;
};

for (const name of ['th_open', 'td_open']) {
  // Alignment comes as a style attribute, which the page's policy blocks.
  rules[name] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    const align = /text-align:(\w+)/.exec(String(token?.attrGet('style') ?? ''))?.[1];
    if (token && align) token.attrs = [['class', `align-${align}`]];
    return self.renderToken(tokens, index, options);
  };
}

for (const name of ['heading_open', 'heading_close']) {
  // The page's own heading is the title of the chat; those of an answer lie below it.
  rules[name] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    if (token) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 1)}`;
    return self.renderToken(tokens, index, options);
  };
}
