/* The crests of the bands as lines of one pixel. */

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
        target.useBitmapCoordinateSpace(({ context, bitmapSize: { width }, horizontalPixelRatio: rx, verticalPixelRatio: ry }) => {
            context.fillStyle = COLOUR;
            for (const { row, from, to } of this.runs) {
                const left = Math.max(0, Math.round((first + (from - 0.5) * columnPx) * rx));
                const right = Math.min(width, Math.round((first + (to + 0.5) * columnPx) * rx));
                if (right > left)
                    context.fillRect(left, Math.round(this.y(grid.priceMin + (row + 0.5) * grid.priceStep) * ry), right - left, Math.max(1, Math.floor(ry)));
            }
        });
    }
}
