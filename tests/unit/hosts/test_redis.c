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

/* The connection is not encrypted. */
static const struct {
    const char *address;
    bool near;
} addresses[] = {
    {"127.0.0.1", true},
    {"127.255.255.255", true},
    {"128.0.0.0", false},
    {"126.255.255.255", false},
    {"10.0.0.0", true},
    {"10.255.255.255", true},
    {"11.0.0.0", false},
    {"172.15.255.255", false},
    {"172.16.0.0", true},
    {"172.31.255.255", true},
    {"172.32.0.0", false},
    {"192.168.0.1", true},
    {"192.167.255.255", false},
    {"192.169.0.0", false},
    {"169.254.1.1", true},
    {"169.255.0.0", false},
    {"100.64.0.0", true},
    {"100.127.255.255", true},
    {"100.63.255.255", false},
    {"100.128.0.0", false},
    {"8.8.8.8", false},
    {"::1", true},
    {"fe80::1", true},
    {"fec0::1", false},
    {"fc00::1", true},
    {"fdff::1", true},
    {"fe00::1", false},
    {"2001:db8::1", false},
    {"::ffff:10.0.0.1", true},
    {"::ffff:8.8.8.8", false},
    {"::", false},
};

static void only_private_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const char *text = addresses[i].address;
        struct in_addr v4;
        struct in6_addr v6;
        bool near;

        print_message("%s\n", text);
        if (inet_pton(AF_INET, text, &v4) == 1) {
            near = near_v4(ntohl(v4.s_addr));
        } else {
            assert_int_equal(inet_pton(AF_INET6, text, &v6), 1);
            near = near_v6(&v6);
        }
        assert_int_equal(near, addresses[i].near);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies), cmocka_unit_test(only_private_addresses)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
