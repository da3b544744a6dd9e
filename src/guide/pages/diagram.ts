import { Graph, layout } from '@dagrejs/dagre';
import { type Html, html } from '../../html/html.ts';

/** What can be in the diagram: a box with a name and lines below it. */
export interface Box {
  id: string;
  name: string;
  lines: readonly string[];
}

/** An arrow between boxes, with what it is called; from undefined where something begins. */
export interface Arrow {
  from: string | undefined;
  to: string;
  lines: readonly string[];
}

const line = 18;
/** Wide enough for a full-width character, in pixels. */
const wide = 14;
const narrow = 7.2;
const begin = ' begin';

/** A diagram of states as SVG, laid out from left to right. It has no styles of its own: classes name its parts. */
export function diagram(title: string, boxes: readonly Box[], arrows: readonly Arrow[]): Html {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 26, ranksep: 34, edgesep: 14, marginx: 8, marginy: 8 });
  graph.setNode(begin, { width: 14, height: 14 });
  for (const { id, name, lines } of boxes) graph.setNode(id, sizeOf([name, ...lines], 20));
  for (const [at, { from, to, lines }] of arrows.entries())
    graph.setEdge(from ?? begin, to, { ...sizeOf(lines, 4), labelpos: 'c' }, String(at));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return html`<div class="wide"><svg class="diagram" role="img" aria-label="${title}" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}">
<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z"/></marker></defs>
${arrows.map(({ from, to }, at) => edge(graph.edge(from ?? begin, to, String(at)) as Placed & { points: Point[] }))}
${arrows.map(({ from, to, lines }, at) => text(graph.edge(from ?? begin, to, String(at)) as Placed, lines, 'step'))}
${boxes.map(({ id, name, lines }) => box(graph.node(id) as Placed, name, lines))}
<circle cx="${graph.node(begin).x}" cy="${graph.node(begin).y}" r="7"/>
</svg></div>`;
}

interface Point {
  x: number;
  y: number;
}
interface Placed extends Point {
  width: number;
  height: number;
}

function sizeOf(lines: readonly string[], margin: number): { width: number; height: number } {
  const widths = lines.map((text) =>
    [...text].reduce((sum, each) => sum + (each > '\u2e7f' ? wide : narrow), 0),
  );
  return { width: Math.max(0, ...widths) + margin, height: lines.length * line + margin };
}

function edge({ points }: { points: readonly Point[] }): Html {
  const [first, ...others] = points.map(({ x, y }) => `${round(x)} ${round(y)}`);
  return html`<path class="arrow" d="M${first}L${others.join('L')}" marker-end="url(#arrow)"/>
`;
}

function box(place: Placed, name: string, lines: readonly string[]): Html {
  const { x, y, width, height } = place;
  return html`<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}" rx="6"/>
${text({ ...place, y: y - (lines.length * line) / 2, height: line }, [name], 'status')}${text({ ...place, y: y + line / 2, height: lines.length * line }, lines, 'state')}`;
}

function text({ x, y }: Placed, lines: readonly string[], kind: string): Html {
  const top = y - ((lines.length - 1) * line) / 2 + 5;
  return html`${lines.map((each, at) => html`<text class="${kind}" x="${round(x)}" y="${round(top + at * line)}">${each}</text>`)}
`;
}

const round = (value: number) => Math.round(value * 10) / 10;
