// Colours of what is drawn on canvases and in exported files; page.css has the same for what the browser lays out.
// The hues are those of Okabe and Ito (2008), which people with any kind of colour blindness tell apart; yellow is left out,
// and blue is lighter on dark ground. A dash goes with each hue, so that a chart is readable without colour.

export const LIGHT = {
  ink: '#1b1f24', muted: '#57616c', line: '#e3e7ec', surface: '#ffffff', thin: [72, 82, 94], shade: 'rgba(87,97,108,0.10)',
  hues: ['#d55e00', '#0072b2', '#009e73', '#b5508a', '#c28600', '#3a9bd9', '#444444'],
};
export const DARK = {
  ink: '#e6eaef', muted: '#9aa5b1', line: '#29313a', surface: '#171c22', thin: [168, 180, 193], shade: 'rgba(154,165,177,0.13)',
  hues: ['#ff8533', '#4da6e8', '#1fbf92', '#e08bbd', '#e6a91f', '#8cccf5', '#c9c9c9'],
};
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [14, 4], [1, 3]];

const dark = matchMedia('(prefers-color-scheme: dark)');

/** What the page is shown in now. */
export const theme = () => (dark.matches ? DARK : LIGHT);

/** Calls back when the reader turns the lights on or off. */
export const onTheme = call => dark.addEventListener('change', call);

/** A tone is the number of a hue, or the name of one of the plain colours. */
export const colour = (tone, colours = theme()) => (typeof tone === 'number' ? colours.hues[tone % colours.hues.length] : colours[tone]);

/** The dash that goes with the hue. */
export const dash = tone => (typeof tone === 'number' ? DASHES[tone % DASHES.length] : []);

/** Diverging, white in the middle on light ground and near black on dark; 512 steps from −1 to 1 as 0xAABBGGRR. */
export function diverging(colours = theme()) {
  const middle = colours === DARK ? [23, 28, 34] : [255, 255, 255];
  const ends = colours === DARK ? [[86, 180, 233], [255, 133, 51]] : [[0, 90, 150], [190, 75, 0]];
  const tones = new Uint32Array(513);
  for (let i = 0; i <= 512; i++) {
    const at = (i - 256) / 256;
    const end = ends[at < 0 ? 0 : 1];
    const [r, g, b] = middle.map((m, c) => Math.round(m + (end[c] - m) * Math.abs(at) ** 0.85));
    tones[i] = 0xff000000 | (b << 16) | (g << 8) | r;
  }
  return tones;
}
