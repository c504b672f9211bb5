/** A piece of a line. */
export type Inline = object;

export const text = (content: string): Inline => ({ type: 'text', text: content === '' ? ' ' : content });
export const link = (content: string, href: string): Inline => ({
  ...text(content),
  marks: [{ type: 'link', attrs: { href } }],
});
export const paragraph = (...content: readonly Inline[]): object => ({ type: 'paragraph', content });

/** A document of the Atlassian Document Format, version 1. */
export const documentOf = (paragraphs: readonly object[]): object => ({ type: 'doc', version: 1, content: paragraphs });
