/* What a Redis server replies: scripts of ours, or anything else. */
#include "hosts/redis.c"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
    const char *name, *reply;
    enum redis_said said;
    int64_t token, age_ms;
    const char *message;
} cases[] = {
    {"have", "*3\r\n:0\r\n:1500\r\n$2\r\nab\r\n", REDIS_HAVE, 0, 1500, "ab"},
    {"lead", "*3\r\n:1\r\n:77\r\n$0\r\n\r\n", REDIS_LEAD, 77, 0, ""},
    {"wait", "*3\r\n:2\r\n:0\r\n$0\r\n\r\n", REDIS_WAIT, 0, 0, ""},
    {"what no script says", "*3\r\n:4\r\n:0\r\n$0\r\n\r\n", REDIS_ODD, 0, 0,
     ""},
    {"of the future", "*3\r\n:0\r\n:-1\r\n$2\r\nab\r\n", REDIS_ODD, 0, 0, ""},
    {"older than anything", "*3\r\n:0\r\n:9223372036854775807\r\n$2\r\nab\r\n",
     REDIS_ODD, 0, 0, ""},
    {"a negative token", "*3\r\n:1\r\n:-5\r\n$0\r\n\r\n", REDIS_ODD, 0, 0, ""},
    {"an error", "-ERR no\r\n", REDIS_ODD, 0, 0, ""},
    {"nil", "$-1\r\n", REDIS_ODD, 0, 0, ""},
    {"too few", "*2\r\n:0\r\n:1\r\n", REDIS_ODD, 0, 0, ""},
    {"an array within", "*3\r\n*1\r\n:0\r\n:1\r\n$0\r\n\r\n", REDIS_ODD, 0, 0,
     ""},
    {"beyond the ceiling", "*3\r\n:0\r\n:1\r\n$9\r\nabcdefghi\r\n", REDIS_ODD,
     0, 0, ""},
};

static void replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct redis_found found = {0};
        redisReader *reader = redisReaderCreate();
        void *reply = NULL;

        print_message("%s\n", cases[i].name);
        liq_buf_init(&found.message, 8);
        assert_int_equal(
            redisReaderFeed(reader, cases[i].reply, strlen(cases[i].reply)),
            REDIS_OK);
        assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
        assert_non_null(reply);
        read_found(reply, &found);
        assert_int_equal(found.said, cases[i].said);
        assert_true(found.token == cases[i].token);
        assert_true(found.age_ms == cases[i].age_ms);
        if (found.said == REDIS_HAVE)
            assert_memory_equal(found.message.data, cases[i].message,
                                strlen(cases[i].message));
        freeReplyObject(reply);
        redisReaderFree(reader);
        liq_buf_free(&found.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(replies)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
