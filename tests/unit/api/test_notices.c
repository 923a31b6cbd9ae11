/* What the health route and /metrics say of notifications. */
#include "server.h"

#include "liqmap/notices.h"

static struct liq_notices notices;

static void give(void *arg, struct liq_notices *out)
{
    assert_ptr_equal(arg, &notices);
    *out = notices;
}

/* Two of three ways are on; one of them failed last. */
static struct server *with_notices(void)
{
    static const char *const kinds[] = {"approached", "touched", "swept",
                                        "faded"};
    static const char *const ways[] = {"webhook", "command", "telegram"};
    struct server *s = server_new(1);

    memset(&notices, 0, sizeof notices);
    notices.on = true;
    for (size_t i = 0; i < LIQ_NOTICE_KINDS; i++) {
        notices.kind[i].name = kinds[i];
        notices.kind[i].events = 10 + i;
    }
    for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++)
        notices.way[i].name = ways[i];
    notices.way[0].on = notices.way[2].on = true;
    notices.way[0].delivered = 7;
    notices.way[0].failed = 3;
    notices.way[2].dropped = 2;
    notices.way[2].queued = 5;
    snprintf(notices.way[2].error, sizeof notices.way[2].error, "HTTP 429");
    liq_api_set_notices(s->api, give, &notices);
    return s;
}

static void health_names_each_way(void **state)
{
    struct server *s = with_notices();
    cJSON *doc = ask_json(s, "health", NULL, 200);

    (void)state;
    assert_true(number(doc, "notifications.webhook.delivered") == 7.0);
    assert_true(number(doc, "notifications.webhook.failed") == 3.0);
    expect_null(doc, "notifications.webhook.last_error");
    assert_true(number(doc, "notifications.telegram.dropped") == 2.0);
    assert_true(number(doc, "notifications.telegram.queued") == 5.0);
    assert_string_equal(text(doc, "notifications.telegram.last_error"),
                        "HTTP 429");
    expect_null(doc, "notifications.last_error");
    assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(doc, "notifications"),
                                    "command"));
    cJSON_Delete(doc);
    snprintf(notices.error, sizeof notices.error, "no levels");
    doc = ask_json(s, "health", NULL, 200);
    assert_string_equal(text(doc, "notifications.last_error"), "no levels");
    cJSON_Delete(doc);
    server_free(s);
}

static void metrics_have_a_line_for_each_way(void **state)
{
    static const char *const there[] = {
        "liqmap_notifications_events_total{event=\"touched\"} 11\n",
        "liqmap_notifications_delivered_total{to=\"webhook\"} 7\n",
        "liqmap_notifications_failed_total{to=\"webhook\"} 3\n",
        "liqmap_notifications_dropped_total{to=\"telegram\"} 2\n",
        "liqmap_notifications_queued{to=\"telegram\"} 5\n",
    };
    struct server *s = with_notices();
    struct liq_api_response res = finish(start(s, "../../metrics", NULL));

    (void)state;
    assert_non_null(res.body);
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        assert_non_null(strstr(res.body, there[i]));
    assert_null(strstr(res.body, "{to=\"command\"}"));
    liq_api_response_free(&res);
    server_free(s);
}

static void without_notifications_it_is_null(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "health", NULL, 200);

    (void)state;
    expect_null(doc, "notifications");
    cJSON_Delete(doc);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_names_each_way),
        cmocka_unit_test(metrics_have_a_line_for_each_way),
        cmocka_unit_test(without_notifications_it_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
