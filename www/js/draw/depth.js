/* The order book beside the profile: bars of what waits at each price, and the
 * walls among them, marked where they lie in a level of liquidations.
 *
 * Loaded when somebody switches it on, and bundled by itself, as panes.js is.
 * It asks while it is shown in a tab that is seen, and never otherwise. */

import { barsOf, depthQuery, linesOf, metBy, parseDepth } from '../data/depth.js';
import { Primitive } from './primitive.js';

/**
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/depth.js').Depth} Book
 * @typedef {import('../data/depth.js').Wall} Wall
 * @typedef {import('../data/answers.js').Level} Level
 * @typedef {import('./primitive.js').Target} Target
 */

/** As often as the server has a newer book. */
const FRESH_MS = 5000;
/** What waited a minute ago says nothing. */
const KEEP_MS = 60000;

/** Lower bars cannot be told apart. */
const BAR_PX = 2;
/** Of the profile's width; without a profile all of it. */
const SHARE = 0.4;

/** Of a narrower map, a whole caption would cover four lines. */
const SHORT_PX = 500;

const BIDS = '#3f9fe8';
const ASKS = '#e8913a';
const WALL = '#ffffff';
const EDGE = '#0b0d14';
const EDGE_PX = 4;

const STYLE = `
.depth-caption { position: absolute; left: 0; z-index: 2; max-width: calc(100% - var(--axis, 4rem) - var(--depth, 0px)); padding: 1px 8px 2px; background: color-mix(in srgb, var(--ground) 80%, transparent); color: var(--soft); font-size: .6875rem; line-height: 1.35; pointer-events: none; }
.depth-caption[data-problem] { color: var(--text); }
@media (max-width: 47.5em) { .depth-caption { font-size: .65625rem; } }
`;

/**
 * @typedef {object} Shown  what is on the chart
 * @property {Book} book
 * @property {readonly Level[]} levels
 * @property {number} width   CSS pixels at the right edge, for it and the profile
 * @property {boolean} alone  there is no profile
 */

class DepthBars extends Primitive {
    /** @param {(name: string) => string} colour  of the theme */
    constructor(colour) {
        super({ normal: (target) => this.draw(target), top: (target) => this.drawWalls(target) });
        this.colour = colour;
        /** @type {Shown | null} */
        this.shown = null;
        /** Dollars of the longest bar in sight. */
        this.longest = 0;
    }

    /** @param {Shown | null} shown */
    set(shown) {
        const { shown: before } = this;
        /* A redraw is of the whole chart. */
        if (shown?.book === before?.book && shown?.levels === before?.levels && shown?.width === before?.width && shown?.alone === before?.alone)
            return;
        this.shown = shown;
        this.redraw();
    }

    /** Where bars begin and how long one may be. @param {number} width  of the pane */
    strip(width) {
        const { width: px = 0, alone = false } = this.shown ?? {};
        return { left: width - px, room: alone ? px : SHARE * px };
    }

    /** Both sides as far as they are in sight. @param {Book} book @param {number} height */
    inSight({ step, bids, asks }, height) {
        const series = this.host?.series;
        const low = series?.coordinateToPrice(height) ?? NaN;
        const high = series?.coordinateToPrice(0) ?? NaN;
        const px = this.y(bids.min) - this.y(bids.min + step);
        const block = px > 0 ? Math.max(1, Math.ceil(BAR_PX / px)) : 1;
        const [down, up] = [bids, asks].map((side) => barsOf(side, step, block, Number(low), Number(high)));
        this.longest = Math.max(0, ...down.map((bar) => bar.usd), ...up.map((bar) => bar.usd));
        return { down, up };
    }

    /** @param {Target} target */
    draw(target) {
        const { shown } = this;
        if (!shown || !this.host)
            return;
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
            const { left, room } = this.strip(width);
            const { down, up } = this.inSight(shown.book, height);
            context.save();
            if (shown.alone) {
                context.fillStyle = this.colour('--ground');
                context.globalAlpha = 0.7;
                context.fillRect(left, 0, room, height);
            }
            context.globalAlpha = 0.9;
            for (const [bars, colour] of /** @type {const} */ ([[down, BIDS], [up, ASKS]])) {
                context.fillStyle = colour;
                context.beginPath();
                for (const { from, to, usd: dollars } of bars) {
                    const top = this.y(to);
                    const high = this.y(from) - top;
                    context.rect(left, top, Math.max(1, room * dollars / this.longest), Math.max(1, high - (high >= 3 ? 1 : 0)));
                }
                context.fill();
            }
            context.restore();
        });
    }

    /** Nothing is written here: the labels of levels are at the same prices. @param {Target} target */
    drawWalls(target) {
        const { shown } = this;
        if (!shown || !this.host || !(this.longest > 0))
            return;
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
            const { left, room } = this.strip(width);
            context.save();
            for (const wall of shown.book.walls) {
                const y = (this.y(wall.from) + this.y(wall.to)) / 2;
                if (y >= 0 && y <= height)
                    drawWall(context, left, left + room * Math.min(1, wall.usd / this.longest), y, metBy(wall, shown.levels) !== null);
            }
            context.restore();
        });
    }
}

/** A line to the bar's end and a triangle there; larger and full where a level is met. @param {CanvasRenderingContext2D} context @param {number} left @param {number} end @param {number} y @param {boolean} met */
function drawWall(context, left, end, y, met) {
    const arm = met ? 5 : 3;
    context.fillStyle = WALL;
    context.strokeStyle = met ? EDGE : WALL;
    context.lineWidth = 1;
    if (met)
        context.fillRect(left, Math.round(y) - 1, end - left, 2);
    context.beginPath();
    context.moveTo(end + 1, y);
    context.lineTo(end + 1 + 1.6 * arm, y - arm);
    context.lineTo(end + 1 + 1.6 * arm, y + arm);
    context.closePath();
    if (met)
        context.fill();
    context.stroke();
}

export class Depth {
    /** @param {import('../tools.js').Host} host */
    constructor({ store, chart, colour, feed }) {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'view', 'theme', 'visible', 'clock', 'kind', 'hidden'];
        this.store = store;
        this.chart = chart;
        this.bars = new DepthBars(colour);
        chart.attach(this.bars);
        this.feed = feed({ read: (json) => parseDepth(json), freshMs: () => FRESH_MS, changed: () => this.show(store.state) });
        this.written = '';
        this.caption = document.createElement('div');
        this.caption.className = 'depth-caption';
        this.caption.dataset.testid = 'depth-caption';
        this.caption.hidden = true;
        chart.element.after(this.caption);
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        document.adoptedStyleSheets.push(sheet);
    }

    /** @param {State} state */
    render(state) {
        const { map, view, hidden } = state;
        this.feed.setHidden(hidden);
        this.feed.follow(view.depth && map && map.query.end === 0 ? 'api/v1/depth' + depthQuery(map.query, map.snapshot) : '');
        this.show(state);
    }

    /** The book of the map on the screen, and how old it is. @returns {{book: Book, age: number} | null} */
    loaded() {
        const { last, wanted } = this.feed;
        const age = last ? performance.now() - last.at : Infinity;
        return last?.of === wanted && age < KEEP_MS ? { book: last.value, age } : null;
    }

    /** @param {State} state */
    show({ map, view, visible, kind }) {
        const on = view.depth && map !== null;
        const loaded = on ? this.loaded() : null;
        this.bars.set(loaded && map ? { book: loaded.book, levels: map.snapshot.levels, width: visible?.profileWidth ?? 0, alone: kind === 'off' } : null);
        this.chart.element.dataset.depth = loaded ? String(loaded.book.walls.length) : '';
        this.write(on ? this.textOf(map, loaded) : []);
        /* Above the panes under the map. */
        if (!visible)
            return;
        this.caption.style.bottom = `${this.chart.element.clientHeight - visible.height + EDGE_PX}px`;
        this.caption.style.setProperty('--depth', `${visible.profileWidth}px`);
    }

    /** @param {import('../data/state.js').LoadedMap} map @param {ReturnType<Depth["loaded"]>} loaded */
    textOf({ snapshot, query }, loaded) {
        if (query.end > 0)
            return ['No order book: not known for the past.'];
        const { problem } = this.feed;
        if (!loaded)
            return [problem ? `No order book: ${problem}` : 'Loading the order book'];
        const { book, age } = loaded;
        const met = book.walls.flatMap((wall) => {
            const level = metBy(wall, snapshot.levels);
            return level ? [{ wall, level }] : [];
        });
        const { width, height } = this.store.state.visible ?? { width: 0, height: 0 };
        if (width > 0)
            this.bars.inSight(book, height);
        return [...problem ? [`Not renewed: ${problem}`] : [], ...linesOf(book, age, this.bars.longest, met, width < SHORT_PX)];
    }

    /** @param {string[]} lines */
    write(lines) {
        const text = lines.join(' · ');
        if (text === this.written)
            return;
        this.written = text;
        this.caption.hidden = text === '';
        this.caption.toggleAttribute('data-problem', this.feed.problem !== '');
        this.caption.textContent = text;
    }
}
