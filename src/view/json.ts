/** JSON that Postgres takes: it has no NUL and no half of a surrogate pair, which stand in it as escapes only. */
export function asJson(value: unknown): string {
  return JSON.stringify(value).replace(/(?<=(?:^|[^\\])(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '\\ufffd');
}
