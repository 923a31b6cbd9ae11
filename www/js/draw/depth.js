/* The order book beside the profile: bars of what waits at each price, and the
 * walls among them, marked where they lie in a level of liquidations.
 *
 * Loaded when somebody switches it on, and bundled by itself, as panes.js is.
 * It asks while it is shown in a tab that is seen, and never otherwise. */

import { barsOf, depthQuery, linesOf, metBy, parseDepth } from '../data/depth.js';
import { priceDecimals, usd } from '../data/format.js';
import { Primitive } from './primitive.js';

/**
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/depth.js').Depth} Book
 * @typedef {import('../data/depth.js').Wall} Wall
 * @typedef {import('../data/answers.js').Level} Level
 * @typedef {import('./primitive.js').Target} Target
 */

/** As often as the server has a newer book. */
const POLL_MS = 5000;
/** After failures twice as long each time, up to this. */
const POLL_MOST_MS = 60000;

/** Lower bars cannot be told apart. */
const BAR_PX = 2;
/** Of the profile's width; and the width where there is no profile. */
const SHARE = 0.4;
const ALONE_PX = 64;

const BIDS = '#3f9fe8';
const ASKS = '#e8913a';
const WALL = '#ffffff';
const EDGE = '#0b0d14';
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
const LABEL_PX = 17;
const LABEL_GROUND = 'rgb(11 13 20 / .82)';
const LABEL_TEXT = 'rgb(255 255 255 / .95)';

const STYLE = `
.depth-caption { position: absolute; right: calc(var(--axis, 64px) + 4px); bottom: 34px; z-index: 2; max-width: 210px; padding: 2px 6px 3px; border-radius: 4px; background: color-mix(in srgb, var(--ground) 84%, transparent); color: var(--soft); font-size: 10.5px; line-height: 1.35; text-align: right; pointer-events: none; }
.depth-caption[data-problem] { color: var(--text); }
`;

/**
 * @typedef {object} Shown  what is on the chart
 * @property {Book} book
 * @property {readonly Level[]} levels
 * @property {number} profileWidth
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
        if (shown?.book === before?.book && shown?.levels === before?.levels && shown?.profileWidth === before?.profileWidth)
            return;
        this.shown = shown;
        this.redraw();
    }

    /** Where bars begin and how long one may be. @param {number} width  of the pane */
    strip(width) {
        const beside = this.shown?.profileWidth ?? 0;
        return beside > 0 ? { left: width - beside, room: SHARE * beside } : { left: width - ALONE_PX, room: ALONE_PX };
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
            if (shown.profileWidth === 0) {
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

    /** @param {Target} target */
    drawWalls(target) {
        const { shown } = this;
        if (!shown || !this.host)
            return;
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
            const { left } = this.strip(width);
            context.save();
            context.font = FONT;
            context.textBaseline = 'middle';
            /** @type {number[]} */
            const taken = [];
            for (const wall of shown.book.walls) {
                const y = (this.y(wall.from) + this.y(wall.to)) / 2;
                if (!(y >= 0 && y <= height))
                    continue;
                const level = metBy(wall, shown.levels);
                drawTip(context, left, y, level !== null);
                if (level)
                    writeWall(context, `${usd(wall.usd)} ${wall.side === 'bid' ? 'bids' : 'asks'} on ${level.side === 'long' ? 'longs' : 'shorts'}`, left - 12, y, taken);
            }
            context.restore();
        });
    }
}

/** A triangle at the bar's foot; larger and full where a level is met. @param {CanvasRenderingContext2D} context @param {number} left @param {number} y @param {boolean} met */
function drawTip(context, left, y, met) {
    const arm = met ? 5 : 3;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left - 1.6 * arm, y - arm);
    context.lineTo(left - 1.6 * arm, y + arm);
    context.closePath();
    context.lineWidth = 1.5;
    context.strokeStyle = met ? EDGE : WALL;
    context.fillStyle = WALL;
    if (met)
        context.fill();
    context.stroke();
}

/** A label that ends at right, unless another is there. @param {CanvasRenderingContext2D} context @param {string} text @param {number} right @param {number} y @param {number[]} taken */
function writeWall(context, text, right, y, taken) {
    if (taken.some((other) => Math.abs(other - y) < LABEL_PX + 1))
        return;
    taken.push(y);
    const wide = context.measureText(text).width + 10;
    context.fillStyle = LABEL_GROUND;
    context.beginPath();
    context.roundRect(right - wide, y - LABEL_PX / 2, wide, LABEL_PX, 4);
    context.fill();
    context.fillStyle = LABEL_TEXT;
    context.fillText(text, right - wide + 5, y + 0.5);
}

export class Depth {
    /** @param {import('../tools.js').Host} host */
    constructor({ store, chart, colour, fetchJson }) {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'view', 'theme', 'visible', 'clock'];
        this.store = store;
        this.chart = chart;
        this.fetchJson = fetchJson;
        this.bars = new DepthBars(colour);
        chart.attach(this.bars);
        /** What is asked for; "" while nothing is; and what was last. */
        this.query = '';
        this.last = '';
        /** @type {{book: Book, at: number} | null} at: when it came, as performance.now() */
        this.loaded = null;
        this.problem = '';
        this.failures = 0;
        this.loading = new AbortController();
        /** @type {ReturnType<typeof setTimeout> | undefined} */
        this.due = undefined;
        this.written = '';
        this.caption = document.createElement('div');
        this.caption.className = 'depth-caption';
        this.caption.dataset.testid = 'depth-caption';
        this.caption.hidden = true;
        chart.element.after(this.caption);
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        document.adoptedStyleSheets.push(sheet);
        document.addEventListener('visibilitychange', () => this.follow(store.state));
    }

    /** @param {State} state */
    render(state) {
        this.follow(state);
        this.show(state);
    }

    /** Whether, and for what, the server is asked. @param {State} state */
    follow({ map, view }) {
        const wanted = view.depth && map && map.query.end === 0 && !document.hidden ? depthQuery(map.query, map.snapshot) : '';
        if (wanted === this.query)
            return;
        this.loading.abort();
        clearTimeout(this.due);
        /* The same book goes on when the tab is seen again. */
        if (wanted !== '' && wanted !== this.last) {
            this.loaded = null;
            this.problem = '';
        }
        this.query = wanted;
        this.last = wanted || this.last;
        this.failures = 0;
        if (wanted)
            this.load();
    }

    async load() {
        this.loading = new AbortController();
        const { signal } = this.loading;
        let wait = POLL_MS;
        try {
            const book = parseDepth(await this.fetchJson('api/v1/depth' + this.query, signal));
            if (signal.aborted)
                return;
            this.loaded = { book, at: performance.now() };
            this.problem = '';
            this.failures = 0;
        } catch (error) {
            if (signal.aborted)
                return;
            const { message = String(error), final = false, retryAfterMs = NaN } = /** @type {Partial<import('../net/api.js').ApiError>} */ (error);
            this.problem = `No order book: ${message}`;
            this.failures++;
            wait = final ? Infinity : Math.min(POLL_MOST_MS, Math.max(POLL_MS * 2 ** this.failures, retryAfterMs || 0));
            /* What waited a minute ago says nothing. */
            if (final || (this.loaded && performance.now() - this.loaded.at > POLL_MOST_MS))
                this.loaded = null;
        }
        if (wait < Infinity)
            this.due = setTimeout(() => this.load(), wait);
        this.show(this.store.state);
    }

    /** @param {State} state */
    show({ map, view, visible }) {
        const on = view.depth && map !== null;
        const book = on && map.query.end === 0 ? this.loaded?.book ?? null : null;
        this.bars.set(book && map ? { book, levels: map.snapshot.levels, profileWidth: visible?.profileWidth ?? 0 } : null);
        this.chart.element.dataset.depth = book ? String(book.walls.length) : '';
        this.write(on ? this.textOf(map.snapshot, map.query.end, book) : []);
    }

    /** @param {import('../data/snapshot.js').Snapshot} snapshot @param {number} end @param {Book | null} book */
    textOf(snapshot, end, book) {
        if (end > 0)
            return ['No order book: not known for the past.'];
        if (!book || !this.loaded)
            return [this.problem || 'Loading the order book'];
        const met = book.walls.flatMap((wall) => {
            const level = metBy(wall, snapshot.levels);
            return level ? [{ wall, level }] : [];
        });
        const age = book.age + performance.now() - this.loaded.at;
        const { width, height } = this.store.state.visible ?? { width: 0, height: 0 };
        if (width > 0)
            this.bars.inSight(book, height);
        const lines = linesOf(book, age, this.bars.longest, met, priceDecimals(snapshot));
        return this.problem ? [this.problem, ...lines] : lines;
    }

    /** @param {string[]} lines */
    write(lines) {
        const text = lines.join('\n');
        if (text === this.written)
            return;
        this.written = text;
        this.caption.hidden = text === '';
        this.caption.toggleAttribute('data-problem', this.problem !== '');
        this.caption.replaceChildren(...lines.map((line) => {
            const element = document.createElement('div');
            element.textContent = line;
            return element;
        }));
    }
}
