/* The weights of a sum: held for a display candle, joined by late exchanges,
 * not replaced by those of an older series. */
#include "server.h"

#include "api/weights.h"

#define CANDLE LIQ_HOUR_MS

static void hold(struct server *s, int64_t open_ms, size_t first, size_t n,
                 double *weight)
{
    liq_weights_hold(s->api, "BTCUSDT", CANDLE, open_ms, s->exchange + first,
                     weight, n);
}

static void expect(const double *weight, double a, double b, double c)
{
    assert_true(weight[0] == a);
    assert_true(weight[1] == b);
    assert_true(weight[2] == c);
}

static void weights_hold_within_a_candle(void **state)
{
    struct server *s = server_new(3);
    double first[] = {1.0, 2.0, 3.0}, second[] = {4.0, 5.0, 6.0};
    double next[] = {7.0, 8.0, 9.0};

    (void)state;
    hold(s, NEW_YEAR, 0, 3, first);
    expect(first, 1.0, 2.0, 3.0);
    hold(s, NEW_YEAR, 0, 3, second);
    expect(second, 1.0, 2.0, 3.0);
    hold(s, NEW_YEAR + CANDLE, 0, 3, next);
    expect(next, 7.0, 8.0, 9.0);
    server_free(s);
}

/* Past the close of a candle too, while they move little against one another;
 * an exchange that is missing keeps its weight. */
static void weights_go_on_while_they_move_little(void **state)
{
    struct server *s = server_new(3);
    double first[] = {1.0, 2.0, 3.0}, all[] = {1.2, 2.4, 3.6};
    double two[] = {1.0, 2.04}, back[] = {1.0, 2.0, 2.95};
    double apart[] = {1.0, 2.0, 3.2};

    (void)state;
    hold(s, NEW_YEAR, 0, 3, first);
    hold(s, NEW_YEAR + CANDLE, 0, 3, all);
    expect(all, 1.0, 2.0, 3.0);
    hold(s, NEW_YEAR + 2 * CANDLE, 0, 2, two);
    assert_true(two[0] == 1.0 && two[1] == 2.0);
    hold(s, NEW_YEAR + 3 * CANDLE, 0, 3, back);
    expect(back, 1.0, 2.0, 3.0);
    hold(s, NEW_YEAR + 4 * CANDLE, 0, 3, apart);
    expect(apart, 1.0, 2.0, 3.2);
    server_free(s);
}

/* All alike, but far: one that joins later is to be weighed as they are. */
static void weights_do_not_go_on_for_ever(void **state)
{
    struct server *s = server_new(3);
    double first[] = {1.0, 2.0, 3.0}, next[] = {2.1, 4.2, 6.3};

    (void)state;
    hold(s, NEW_YEAR, 0, 3, first);
    hold(s, NEW_YEAR + CANDLE, 0, 3, next);
    expect(next, 2.1, 4.2, 6.3);
    server_free(s);
}

static void a_late_exchange_joins(void **state)
{
    struct server *s = server_new(3);
    double two[] = {1.0, 2.0}, all[] = {4.0, 5.0, 6.0};
    double again[] = {7.0, 8.0, 9.0};

    (void)state;
    hold(s, NEW_YEAR, 0, 2, two);
    hold(s, NEW_YEAR, 0, 3, all);
    expect(all, 1.0, 2.0, 6.0);
    hold(s, NEW_YEAR, 0, 3, again);
    expect(again, 1.0, 2.0, 6.0);
    server_free(s);
}

/* The series that came late was fetched before the candle closed. */
static void an_older_series_replaces_nothing(void **state)
{
    struct server *s = server_new(3);
    double now[] = {1.0, 2.0}, late[] = {4.0, 5.0, 6.0};
    double again[] = {7.0, 8.0, 9.0};

    (void)state;
    hold(s, NEW_YEAR + CANDLE, 0, 2, now);
    hold(s, NEW_YEAR, 0, 3, late);
    expect(late, 1.0, 2.0, 6.0);
    /* Nor does it add its own. */
    hold(s, NEW_YEAR + CANDLE, 0, 3, again);
    expect(again, 1.0, 2.0, 9.0);
    server_free(s);
}

static void symbols_and_intervals_have_their_own(void **state)
{
    struct server *s = server_new(1);
    double btc = 1.0, eth = 2.0, day = 3.0, again = 4.0;

    (void)state;
    liq_weights_hold(s->api, "BTCUSDT", CANDLE, NEW_YEAR, s->exchange, &btc, 1);
    liq_weights_hold(s->api, "ETHUSDT", CANDLE, NEW_YEAR, s->exchange, &eth, 1);
    liq_weights_hold(s->api, "BTCUSDT", LIQ_DAY_MS, NEW_YEAR, s->exchange, &day,
                     1);
    assert_true(btc == 1.0 && eth == 2.0 && day == 3.0);
    liq_weights_hold(s->api, "ETHUSDT", CANDLE, NEW_YEAR, s->exchange, &again,
                     1);
    assert_true(again == 2.0);
    server_free(s);
}

/* --- in parallel ---------------------------------------------------------- */

struct thread {
    pthread_t id;
    struct server *s;
    size_t i;
    double weight[SERVER_FAKES][200]; /* by exchange and candle */
};

/* Each names its weights differently; what is held must be one of them, and
 * the same for all. */
static void *hold_many(void *arg)
{
    struct thread *t = arg;

    for (size_t k = 0; k < 200; k++) {
        double w[2] = {(double)(t->i + 1), (double)(t->i + 101)};
        size_t x = (t->i + k) % (SERVER_FAKES - 1);

        hold(t->s, NEW_YEAR + (int64_t)k * CANDLE, x, 2, w);
        t->weight[x][k] = w[0];
        t->weight[x + 1][k] = w[1];
    }
    return NULL;
}

/* All threads that hold a candle's weight of an exchange while it is the
 * newest have the same; later ones may have their own. */
static void threads_agree(void **state)
{
    enum { N = 4 };
    static struct thread t[N];
    struct server *s = server_new(SERVER_FAKES);
    double last[SERVER_FAKES], same[SERVER_FAKES];

    (void)state;
    for (size_t i = 0; i < N; i++) {
        t[i].s = s;
        t[i].i = i;
        pthread_create(&t[i].id, NULL, hold_many, &t[i]);
    }
    for (size_t i = 0; i < N; i++)
        pthread_join(t[i].id, NULL);
    for (size_t x = 0; x < SERVER_FAKES; x++)
        last[x] = same[x] = 1000.0;
    hold(s, NEW_YEAR + 199 * CANDLE, 0, SERVER_FAKES, last);
    hold(s, NEW_YEAR + 199 * CANDLE, 0, SERVER_FAKES, same);
    for (size_t x = 0; x < SERVER_FAKES; x++) {
        assert_true(last[x] == same[x]);
        for (size_t i = 0; i < N; i++) {
            if (t[i].weight[x][199] > 0.0)
                assert_true(t[i].weight[x][199] == last[x]);
        }
    }
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_hold_within_a_candle),
        cmocka_unit_test(weights_go_on_while_they_move_little),
        cmocka_unit_test(weights_do_not_go_on_for_ever),
        cmocka_unit_test(a_late_exchange_joins),
        cmocka_unit_test(an_older_series_replaces_nothing),
        cmocka_unit_test(symbols_and_intervals_have_their_own),
        cmocka_unit_test(threads_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
