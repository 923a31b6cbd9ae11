#include "table.h"

#include <math.h>
#include <stdlib.h>

const char *const map_name[MAPS] = {"map",
                                    "average map",
                                    "map of 24 h ago",
                                    "map of 72 h ago",
                                    "map of 168 h ago",
                                    "other side",
                                    "map of a random hour"};

enum liq_err table_init(struct table *t, size_t room)
{
    double *all;

    *t = (struct table){.room = room};
    if (room > SIZE_MAX / sizeof *all / COLUMNS)
        return LIQ_ENOMEM;
    all = calloc(room * COLUMNS + 1, sizeof *all);
    t->time_ms = calloc(room + 1, sizeof *t->time_ms);
    t->block = calloc(room + 1, sizeof *t->block);
    if (all == NULL || t->time_ms == NULL || t->block == NULL) {
        free(all);
        table_free(t);
        return LIQ_ENOMEM;
    }
    for (size_t c = 0; c < COLUMNS; c++)
        t->column[c] = all + c * room;
    return LIQ_OK;
}

void table_free(struct table *t)
{
    free(t->column[0]);
    free(t->time_ms);
    free(t->block);
    *t = (struct table){0};
}

enum liq_err table_filter(const struct table *from, enum column c, double min,
                          struct table *out)
{
    const double *by = from->column[c];
    enum liq_err err = table_init(out, from->n);

    for (size_t i = 0; !err && i < from->n; i++) {
        if (!isfinite(by[i]) || by[i] < min)
            continue;
        for (size_t k = 0; k < COLUMNS; k++)
            out->column[k][out->n] = from->column[k][i];
        out->time_ms[out->n] = from->time_ms[i];
        out->block[out->n++] = from->block[i];
    }
    return err;
}
