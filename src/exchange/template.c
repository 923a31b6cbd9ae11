/* Requests are written in the rows as templates; this fills them. */
#include "table.h"

#include <stdio.h>
#include <string.h>
#include "liqmap/interval.h"

#define VALUE_SIZE sizeof(((struct liq_query *)NULL)->cursor)

struct fill {
    const struct liq_query *q;
    const struct liq_page *page;
};

static const char *interval_name(const struct liq_interval *i)
{
    if (i == NULL)
        return "";
    return i->name != NULL ? i->name : liq_interval_name(i->ms);
}

/* The numbers that a template can name; -1 for another name. */
static int64_t number_of(const struct fill *f, const char *name, size_t n)
{
    static const struct liq_page none;
    const struct liq_page *p = f->page != NULL ? f->page : &none;
    int64_t hour = liq_interval_floor(f->q->now_ms, LIQ_HOUR_MS);
    int64_t to = f->q->to_ms;
    int64_t since = to > LIQ_HISTORY_AGE_MS ? to - LIQ_HISTORY_AGE_MS : 0;
    const struct {
        const char *name;
        int64_t value;
    } table[] = {
        {"start", p->start_ms},
        {"start_s", p->start_ms / 1000},
        {"before", p->start_ms - 1},
        {"end", p->end_ms},
        {"end_s", p->end_ms / 1000},
        {"after", p->end_ms != 0 ? p->end_ms + 1 : 0},
        {"rows", p->rows},
        {"to", to},
        {"to_s", to / 1000},
        {"since", since},
        {"since_s", since / 1000},
        {"day", hour - LIQ_DAY_MS},
        {"day_end", hour + LIQ_DAY_MS},
    };
    size_t i;

    for (i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strlen(table[i].name) == n && memcmp(table[i].name, name, n) == 0)
            return table[i].value;
    return -1;
}

/* The value of name[n] as text into out[VALUE_SIZE]; false for a name that is
 * none.  *zero: it is 0 or "". */
static bool value_of(const struct fill *f, const char *name, size_t n,
                     char *out, bool *zero)
{
    int64_t value;

    if (n == 6 && memcmp(name, "symbol", n) == 0) {
        snprintf(out, VALUE_SIZE, "%s", f->q->symbol);
        return true;
    }
    if (n == 4 && memcmp(name, "base", n) == 0) {
        snprintf(out, VALUE_SIZE, "%s", f->q->base);
        return true;
    }
    if (n == 5 && memcmp(name, "quote", n) == 0) {
        snprintf(out, VALUE_SIZE, "%s", f->q->quote);
        return true;
    }
    if (n == 8 && memcmp(name, "category", n) == 0) {
        snprintf(out, VALUE_SIZE, "%s",
                 strcmp(f->q->quote, "USD") == 0 ? "inverse" : "linear");
        return true;
    }
    if (n == 8 && memcmp(name, "interval", n) == 0) {
        snprintf(out, VALUE_SIZE, "%s", interval_name(f->q->interval));
        return true;
    }
    if (n == 6 && memcmp(name, "cursor", n) == 0) {
        snprintf(out, VALUE_SIZE, "%s", f->q->cursor);
        *zero = *zero || out[0] == '\0';
        return true;
    }
    value = number_of(f, name, n);
    if (value < 0)
        return false;
    snprintf(out, VALUE_SIZE, "%lld", (long long)value);
    *zero = *zero || value == 0;
    return true;
}

static bool add(char *out, size_t size, size_t *at, const char *text, size_t n)
{
    if (n >= size - *at)
        return false;
    memcpy(out + *at, text, n);
    *at += n;
    out[*at] = '\0';
    return true;
}

bool liq_template_fill(const char *pattern, const struct liq_query *q,
                       const struct liq_page *page, char *out, size_t size)
{
    struct fill f = {q, page};
    char value[VALUE_SIZE];
    size_t at = 0, bracket = 0;
    bool zero = false;
    const char *p, *close;

    out[0] = '\0';
    for (p = pattern; *p != '\0'; p++) {
        if (*p == '[') {
            bracket = at;
            zero = false;
        } else if (*p == ']') {
            if (zero)
                out[at = bracket] = '\0';
        } else if (*p == '<') {
            close = strchr(p, '>');
            if (close == NULL ||
                !value_of(&f, p + 1, (size_t)(close - p) - 1, value, &zero) ||
                !add(out, size, &at, value, strlen(value)))
                return false;
            p = close;
        } else if (!add(out, size, &at, p, 1)) {
            return false;
        }
    }
    return true;
}
