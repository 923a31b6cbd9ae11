/* The table, in 80 columns, and the JSON. */
#include "doctor.h"

#include <math.h>
#include <string.h>
#include "field.h"

#define WIDTH 79

/* --- words ---------------------------------------------------------------- */

/* Text after an indented mark, broken between words. */
static void wrapped(FILE *out, const char *mark, const char *text)
{
    int indent = (int)strlen(mark), at = indent;

    fputs(mark, out);
    while (*text) {
        int n = (int)strcspn(text, " ");

        if (at > indent && at + 1 + n > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
        }
        at += fprintf(out, "%s%.*s", at > indent ? " " : "", n, text);
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void findings(FILE *out, const struct cli_doctor *d, bool wrong)
{
    char mark[48];

    for (size_t i = 0; i < d->n; i++) {
        const struct cli_check *c = &d->check[i];

        for (size_t j = 0; j < c->n_finding; j++) {
            if (c->finding[j].wrong != wrong)
                continue;
            snprintf(mark, sizeof mark, "  %-12s  ", c->info->name);
            wrapped(out, mark, c->finding[j].text);
        }
    }
}

static size_t count(const struct cli_doctor *d, bool wrong)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n; i++) {
        for (size_t j = 0; j < d->check[i].n_finding; j++)
            n += d->check[i].finding[j].wrong == wrong;
    }
    return n;
}

/* --- one line for each exchange ------------------------------------------- */

static size_t good_routes(const struct cli_check *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n_route; i++)
        n += cli_route_is_good(&c->route[i]);
    return n;
}

/* "-" for NaN. */
static const char *number(char *out, double x, int digits, const char *unit)
{
    if (isfinite(x))
        snprintf(out, CLI_TEXT, "%.*g%s", digits, x, unit);
    else
        snprintf(out, CLI_TEXT, "-");
    return out;
}

static const char *offset(const struct cli_check *c, char *out)
{
    if (c->offset_known)
        snprintf(out, CLI_TEXT, "%+.1f s", (double)c->offset_ms / 1000.0);
    else
        snprintf(out, CLI_TEXT, "-");
    return out;
}

static void line(FILE *out, const struct cli_check *c)
{
    char weight[CLI_TEXT], routes[CLI_TEXT], clock[CLI_TEXT], last[CLI_TEXT];
    char usd[CLI_TEXT], limit[CLI_TEXT], ms[CLI_TEXT], candles[CLI_TEXT];
    bool reached = good_routes(c) > 0;

    snprintf(weight, sizeof weight, "%d/%d", c->weight, c->info->limit);
    snprintf(routes, sizeof routes, "%zu/%zu", good_routes(c), c->n_route);
    number(ms, reached ? (double)c->ms : (double)NAN, 9, "");
    number(candles, c->n_candle ? (double)c->n_candle : (double)NAN, 9, "");
    number(last, c->data.ticker.last, 8, "");
    number(limit, c->data.contract.max_leverage, 4, "x");
    cli_short(c->data.statistics.open_interest_usd, usd);
    fprintf(out, "%c %-12s %5s %8s %8s %6s %6s %10s %8s %5s\n",
            cli_check_is_wrong(c) ? '!' : ' ', c->info->name, ms, weight,
            offset(c, clock), routes, candles, last, usd, limit);
}

/* --- one line for each request -------------------------------------------- */

static const char *shape(const struct cli_route *r)
{
    if (!r->sent)
        return "not asked";
    return r->why.code == LIQ_OK ? "as expected" : "WRONG";
}

static void route(FILE *out, const struct cli_route *r)
{
    char status[CLI_TEXT], ms[CLI_TEXT], used[CLI_TEXT];
    const struct cli_response *h = r->http;

    number(status, h && h->status ? (double)h->status : (double)NAN, 9, "");
    number(ms, h ? (double)(h->received_ms - h->sent_ms) : (double)NAN, 9, "");
    number(used, r->used >= 0 ? (double)r->used : (double)NAN, 9, "");
    fprintf(out, "  %-30.30s %6s %5s %6d %5s %8zu %s\n", r->what, status, ms,
            r->weight, used, h ? h->bytes : 0, shape(r));
}

static void routes_of(FILE *out, const struct cli_check *c)
{
    fprintf(out, "\n%s at %s\n", c->info->name, c->base_url);
    fprintf(out, "  %-30s %6s %5s %6s %5s %8s %s\n", "route", "status", "ms",
            "weight", "used", "bytes", "shape");
    for (size_t i = 0; i < c->n_route; i++)
        route(out, &c->route[i]);
}

void cli_doctor_table(FILE *out, const struct cli_doctor *d, bool routes)
{
    char when[CLI_TEXT];

    fprintf(out, "liqmap doctor: %s, %zu exchange%s, %s UTC\n\n", d->symbol,
            d->n, d->n == 1 ? "" : "s", cli_time((double)d->wall_ms, when));
    fprintf(out, "  %-12s %5s %8s %8s %6s %6s %10s %8s %5s\n", "exchange", "ms",
            "weight", "clock", "routes", "candle", "last", "OI, $", "limit");
    for (size_t i = 0; i < d->n; i++)
        line(out, &d->check[i]);
    for (size_t i = 0; routes && i < d->n; i++)
        routes_of(out, &d->check[i]);
    if (count(d, false)) {
        fputs("\nGood to know:\n", out);
        findings(out, d, false);
    }
    if (count(d, true)) {
        fputs("\nWrong:\n", out);
        findings(out, d, true);
    } else {
        fputs("\nNothing is wrong.\n", out);
    }
}

/* --- JSON ----------------------------------------------------------------- */

static void json_page(const struct liq_observed_page *p, struct liq_jsonw *w)
{
    liq_jsonw_key(w, "page");
    liq_jsonw_open_object(w);
    liq_jsonw_key_time(w, "from", p->start_ms);
    liq_jsonw_key_time(w, "to", p->end_ms);
    liq_jsonw_key_time(w, "first", p->first_ms);
    liq_jsonw_key_time(w, "last", p->last_ms);
    liq_jsonw_key_int(w, "rows", (int64_t)p->rows);
    liq_jsonw_key_int(w, "repeated", (int64_t)p->repeated);
    liq_jsonw_key_int(w, "missing", (int64_t)p->missing);
    liq_jsonw_close_object(w);
}

static void json_route(const struct cli_route *r, struct liq_jsonw *w)
{
    const struct cli_response *h = r->http;

    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "route", r->what);
    liq_jsonw_key_string(w, "url", r->url);
    if (r->post[0])
        liq_jsonw_key_string(w, "post", r->post);
    liq_jsonw_key_bool(w, "sent", r->sent);
    liq_jsonw_key_int(w, "status", h ? h->status : 0);
    liq_jsonw_key_number(
        w, "ms", h ? (double)(h->received_ms - h->sent_ms) : (double)NAN);
    liq_jsonw_key_int(w, "bytes", h ? (int64_t)h->bytes : 0);
    liq_jsonw_key_int(w, "weight", r->weight);
    liq_jsonw_key_number(w, "used",
                         r->used >= 0 ? (double)r->used : (double)NAN);
    liq_jsonw_key_int(w, "limit", r->limit);
    liq_jsonw_key_int(w, "window_ms", r->window_ms);
    liq_jsonw_key_bool(w, "good", cli_route_is_good(r));
    liq_jsonw_key_string(w, "reason",
                         cli_route_is_good(r) ? NULL : r->why.text);
    liq_jsonw_key_string(w, "absent", r->absent);
    if (r->page.step_ms != 0)
        json_page(&r->page, w);
    liq_jsonw_close_object(w);
}

static void json_findings(const struct cli_check *c, bool wrong,
                          const char *key, struct liq_jsonw *w)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < c->n_finding; i++) {
        if (c->finding[i].wrong == wrong)
            liq_jsonw_string(w, c->finding[i].text);
    }
    liq_jsonw_close_array(w);
}

static void json_numbers(const struct cli_check *c, struct liq_jsonw *w)
{
    const struct liq_contract *k = &c->data.contract;

    liq_jsonw_key_number(w, "clock_offset_ms",
                         c->offset_known ? (double)c->offset_ms : (double)NAN);
    liq_jsonw_key_int(w, "weight", c->weight);
    liq_jsonw_key_int(w, "limit", c->info->limit);
    liq_jsonw_key_int(w, "window_ms", c->info->window_ms);
    liq_jsonw_key_int(w, "candles", (int64_t)c->n_candle);
    liq_jsonw_key_number(w, "last", c->data.ticker.last);
    liq_jsonw_key_number(w, "open_interest_usd",
                         c->data.statistics.open_interest_usd);
    liq_jsonw_key_number(w, "max_leverage", k->max_leverage);
    liq_jsonw_key_number(w, "maintenance_margin_rate",
                         k->maintenance_margin_rate);
    liq_jsonw_key_string(w, "limits_source", k->source);
    liq_jsonw_key_int(w, "symbols", (int64_t)c->n_symbol);
    liq_jsonw_key_bool(w, "listed", c->listed);
}

static void json_check(const struct cli_check *c, struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "exchange", c->info->name);
    liq_jsonw_key_string(w, "base_url", c->base_url);
    liq_jsonw_key_bool(w, "good", !cli_check_is_wrong(c));
    liq_jsonw_key_bool(w, "reached", good_routes(c) > 0);
    liq_jsonw_key_int(w, "ms", c->ms);
    json_numbers(c, w);
    json_findings(c, true, "wrong", w);
    json_findings(c, false, "notes", w);
    liq_jsonw_key(w, "routes");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < c->n_route; i++)
        json_route(&c->route[i], w);
    liq_jsonw_close_array(w);
    liq_jsonw_close_object(w);
}

void cli_doctor_json(const struct cli_doctor *d, struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "symbol", d->symbol);
    liq_jsonw_key_time(w, "time", d->wall_ms);
    liq_jsonw_key_bool(w, "good", count(d, true) == 0);
    liq_jsonw_key(w, "exchanges");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < d->n; i++)
        json_check(&d->check[i], w);
    liq_jsonw_close_array(w);
    liq_jsonw_close_object(w);
}
