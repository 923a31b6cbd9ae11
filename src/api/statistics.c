/* Statistics of the sources of a response together. */
#include "internal.h"

#include <math.h>
#include "liqmap/interval.h"

double liq_sources_usd(const struct liq_sources *s)
{
    double usd = s->at[0].usd;

    for (size_t i = 1; i < s->n_used; i++)
        usd += s->at[i].usd;
    return usd;
}

/* The share of long accounts, weighed by open interest where it is known. */
static double long_share_of(const struct liq_sources *s)
{
    double sum = 0.0, usd = 0.0;

    for (size_t i = 0; i < s->n_used; i++) {
        double share = s->at[i].series->data.statistics.long_account_share;

        if (!isfinite(share) || !(s->at[i].usd > 0.0))
            continue;
        sum += share * s->at[i].usd;
        usd += s->at[i].usd;
    }
    return usd > 0.0 ? sum / usd : NAN;
}

static double funding_yearly_of(const struct liq_source *p)
{
    const struct liq_statistics *s = &p->series->data.statistics;

    if (s->funding_interval_ms <= 0)
        return NAN;
    return s->funding_rate *
           ((double)(365 * LIQ_DAY_MS) / (double)s->funding_interval_ms);
}

double liq_sources_funding_yearly(const struct liq_sources *s)
{
    double sum = 0.0, usd = 0.0;

    if (s->n_used == 1)
        return funding_yearly_of(&s->at[0]);
    for (size_t i = 0; i < s->n_used; i++) {
        double yearly = funding_yearly_of(&s->at[i]);

        if (!isfinite(yearly))
            continue;
        sum += yearly * s->at[i].usd;
        usd += s->at[i].usd;
    }
    return usd > 0.0 ? sum / usd : NAN;
}

struct liq_statistics liq_sources_statistics(const struct liq_sources *s)
{
    struct liq_statistics t = s->at[0].series->data.statistics;

    t.open_interest_usd = liq_sources_usd(s);
    if (s->n_used == 1)
        return t;
    t.long_account_share = long_share_of(s);
    /* In base units at the first's price. */
    t.open_interest *= t.open_interest_usd / s->at[0].usd;
    return t;
}
