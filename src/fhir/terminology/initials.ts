/** What makes pinyin of Chinese is large: it is loaded when somebody first types letters. */
let loading: Promise<(text: string) => string> | undefined;

/** What gives the first letters of the pinyin of a text, e.g. `gxy` of 高血压. Its tables are loaded once. */
export function loadInitials(): Promise<(text: string) => string> {
  loading ??= import('pinyin-pro').then(
    ({ pinyin }) =>
      (text) =>
        pinyin(text, { pattern: 'first', toneType: 'none', nonZh: 'consecutive', type: 'array' })
          .join('')
          .toLowerCase()
          .replace(/[^\da-z]/g, ''),
  );
  return loading;
}
