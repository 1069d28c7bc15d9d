/** Names of the window events by which any part of the frame opens a dialog that another part holds. */
export const openPaletteEvent = "gatehouse-open-palette";
export const openShortcutsEvent = "gatehouse-open-shortcuts";

export function openPalette(): void {
  window.dispatchEvent(new Event(openPaletteEvent));
}

export function openShortcuts(): void {
  window.dispatchEvent(new Event(openShortcutsEvent));
}
