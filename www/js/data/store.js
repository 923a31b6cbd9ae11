/* The one state of the page.  A change is one commit: it is merged, what
 * depends on it is derived, and every renderer that reads a part that changed
 * runs once. */

/**
 * @template S
 * @typedef {object} Renderer
 * @property {readonly (keyof S)[]} reads
 * @property {(state: S, before: S | null) => void} render  before: what it was last given; null at first
 */

/** @template {object} S */
export class Store {
    /**
     * @param {S} state
     * @param {(next: S, before: S | null) => Partial<S>} derive  parts that depend on others
     */
    constructor(state, derive) {
        this.derive = derive;
        this.state = { ...state, ...derive(state, null) };
        /** What each renderer was last given. @type {Map<Renderer<S>, S>} */
        this.given = new Map();
        this.committing = false;
    }

    /** @param {Renderer<S>} renderer  runs at once, and after each change of what it reads */
    add(renderer) {
        this.given.set(renderer, this.state);
        renderer.render(this.state, null);
    }

    /**
     * Commit a change.  One made by a renderer is committed after all have
     * run, so that none sees half a change.
     *
     * @param {Partial<S>} change
     */
    set(change) {
        const before = this.state;
        const next = { ...before, ...change };
        this.state = { ...next, ...this.derive(next, before) };
        if (this.committing)
            return;
        this.committing = true;
        try {
            for (let rendered = before; rendered !== this.state;) {
                rendered = this.state;
                this.render(rendered);
            }
        } finally {
            this.committing = false;
        }
    }

    /** @param {S} state */
    render(state) {
        for (const [renderer, before] of this.given) {
            if (renderer.reads.every((key) => state[key] === before[key]))
                continue;
            this.given.set(renderer, state);
            renderer.render(state, before);
        }
    }
}
