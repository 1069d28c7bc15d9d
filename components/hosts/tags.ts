/** Tags as people type them, apart by blanks or commas; in their order, each once. */
export function tagsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,]+/)
        .filter((tag) => tag !== ""),
    ),
  ];
}
