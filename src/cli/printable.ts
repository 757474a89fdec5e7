// Control characters would run on the terminal, the others would turn lines around: names are tenants' text.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/gu

/** A text that stays on its line and does nothing to a terminal: what might is shown as `\u001b`. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, it => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`)
