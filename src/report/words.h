/* The words of a report, the same in text and on the page; private to the
 * report. */
#ifndef LIQMAP_REPORT_WORDS_H
#define LIQMAP_REPORT_WORDS_H

#include "liqmap/report.h"

/*
 * title     of the measure
 * question  what it asks
 * reading   how its figures are read
 */
struct measure_words {
    const char *title, *question, *reading;
};

extern const struct measure_words measure_words[LIQ_MEASURES];

/* How the report was made and what it cannot say, one item a line. */
extern const char *const report_method[];
extern const size_t report_method_n;

#define WORDS_SIZE 240

/* "established", "not established", "a placebo scores", "too few rows"; of a
 * placebo "scores nothing", "below nothing" or "BROKEN"; "" where there is
 * nothing to decide.
 */
const char *figure_verdict(const struct liq_figure *f);
bool figure_is_placebo(const struct liq_figure *f);
/* "+1.2", "[+0.8, +1.6]" and "5 736"; each into a text of WORDS_SIZE, which is
 * returned. */
const char *figure_value(const struct liq_figure *f, double value, char *out);
const char *figure_interval(const struct liq_figure *f, char *out);
const char *words_count(size_t n, char *out);

#define REPORT_SENTENCES 6

/* What the whole report comes to, sentence i; false when it has none. */
bool report_sentence(const struct liq_report *r, size_t i, char *out);

#endif
