const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Text as it stands in HTML. */
export const htmlText = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one]!);

/** A page of its own, without scripts. @param body HTML */
export const htmlPage = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${htmlText(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em}
td{padding:.2em 1em .2em 0;vertical-align:top}</style></head><body>${body}</body></html>`;
