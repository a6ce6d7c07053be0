/** CEL counts characters by code points. JavaScript's strings count UTF-16 units; most texts have no more of these than of those. */

const surrogate = /[\ud800-\udfff]/;

/** How many code points a text has. */
export function codePointCount(text: string): number {
  if (!surrogate.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The characters from `start` up to `end`, counted in code points. */
export function codePointSlice(text: string, start: number, end?: number): string {
  return surrogate.test(text) ? Array.from(text).slice(start, end).join("") : text.slice(start, end);
}

/** Turns an offset in code points into one in UTF-16 units. */
export function unitOffset(text: string, codePoints: number): number {
  return surrogate.test(text) ? codePointSlice(text, 0, codePoints).length : codePoints;
}

/** −1, 0 or 1 in the order of code points (which is that of UTF-8). */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  if (!surrogate.test(left) && !surrogate.test(right)) return left < right ? -1 : 1;
  const [a, b] = [Array.from(left), Array.from(right)];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(a.length - b.length);
}
