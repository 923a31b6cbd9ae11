/* The crests of the bands as lines of one pixel. */

import { PriceScaleMode } from '../../vendor/lightweight-charts.mjs';
import { ridgesOf } from '../data/ridges.js';
import { Primitive } from './primitive.js';

const COLOUR = 'rgb(255 255 255 / .5)';

export class RidgeLines extends Primitive {
    constructor() {
        super({ bottom: (target) => this.draw(target) });
        /** @type {import('../data/snapshot.js').Grid | null} */
        this.grid = null;
        /** @type {import('../data/ridges.js').Run[]} */
        this.runs = [];
    }

    /** @param {import('../data/snapshot.js').Snapshot | null} snapshot  null: none are drawn */
    set(snapshot) {
        this.grid = snapshot?.grid ?? null;
        this.runs = snapshot ? ridgesOf(snapshot.grid, snapshot.candles.close[Math.max(0, snapshot.grid.columns - 2)]) : [];
        this.redraw();
    }

    /** @param {import('./primitive.js').Target} target */
    draw(target) {
        const { grid } = this;
        const [first, after] = grid ? [this.x(0), this.x(grid.columns)] : [NaN, NaN];
        if (!grid || Number.isNaN(first + after))
            return;
        const columnPx = (after - first) / grid.columns;
        const y = this.rulerOf(grid);
        target.useBitmapCoordinateSpace(({ context, bitmapSize: { width, height }, horizontalPixelRatio: rx, verticalPixelRatio: ry }) => {
            context.fillStyle = COLOUR;
            /* One path: hundreds of rectangles by themselves cost more. */
            context.beginPath();
            for (const { row, from, to } of this.runs) {
                const left = Math.max(0, Math.round((first + (from - 0.5) * columnPx) * rx));
                const right = Math.min(width, Math.round((first + (to + 0.5) * columnPx) * rx));
                const top = Math.round(y(row + 0.5) * ry);
                if (right > left && top >= 0 && top < height)
                    context.rect(left, top, right - left, Math.max(1, Math.floor(ry)));
            }
            context.fill();
        });
    }

    /** @param {import('../data/snapshot.js').Grid} grid @returns {(row: number) => number} CSS pixels */
    rulerOf(grid) {
        const at = (/** @type {number} */ row) => this.y(grid.priceMin + row * grid.priceStep);
        if (this.host?.series.priceScale().options().mode === PriceScaleMode.Logarithmic)
            return at;
        /* The library takes longer for each price than the canvas for its line. */
        const [low, high] = [at(0), at(grid.rows)];
        return (row) => low + (high - low) * row / grid.rows;
    }
}
