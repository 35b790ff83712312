/** One colour a class, told apart with any colour vision (Okabe, Ito, 2008); plots use shapes as well. */
export const CLASS_COLOURS = ['#0072b2', '#e69f00', '#009e73']

/** Lines, axes and text. */
export const INK = '#24292f'

/** Secondary text and grid lines. */
export const FAINT = '#6e7781'

/** The frame of every plot: white ground, one font, a title for screen readers. */
export function svg (width: number, height: number, title: string, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13" fill="${INK}">\n` +
    `<title>${title}</title>\n<rect width="${width}" height="${height}" fill="#ffffff"/>\n${content}\n</svg>\n`
}

/** Text at a point; `attributes` as in SVG. */
export function text (x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${content}</text>`
}
