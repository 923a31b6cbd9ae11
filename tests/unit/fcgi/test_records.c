#include "fcgi/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "guard.h"

#define BEGIN "\1\1\0\1\0\x08\0\0\0\1\0\0\0\0\0\0"
#define BEGIN_OTHER "\1\1\0\2\0\x08\0\0\0\1\0\0\0\0\0\0"
#define BEGIN_PADDED "\1\1\0\1\0\x08\2\0\0\1\0\0\0\0\0\0\0\0"
#define PARAM "\1\4\0\1\0\4\0\0\1\1Xy"
#define PADDED "\1\4\0\1\0\4\3\0\1\1Xy\0\0\0"
#define PARAM_REST "\1\4\0\1\0\2\0\0yz"
#define LONG "\1\4\0\1\0\x0a\0\0\x80\0\0\1\x80\0\0\1Xy"
#define LONG_IN_TWO                                                            \
    "\1\4\0\1\0\2\0\0\x80\0"                                                   \
    "\1\4\0\1\0\5\0\0\0\1\1Xy"
#define CLAIMED "\1\4\0\1\0\7\0\0\1\xff\xff\xff\xffXy"
#define END "\1\4\0\1\0\0\0\0"
#define END_PADDED "\1\4\0\1\0\0\2\0\0\0"
#define END_OTHER "\1\4\0\2\0\0\0\0"
#define STDIN "\1\5\0\1\0\0\0\0"
#define STDIN_PADDED "\1\5\0\1\0\0\1\0\0"
#define BODY "\1\5\0\1\xff\xff\0\0"
#define VALUES "\1\x09\0\0\0\0\0\0"

#define CASE(name, bytes, found)                                               \
    {                                                                          \
        name, bytes, sizeof(bytes) - 1, found                                  \
    }

static void checks(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
        enum liq_records found;
    } cases[] = {
        CASE("nothing", "", LIQ_RECORDS_PART),
        CASE("smallest", BEGIN END STDIN, LIQ_RECORDS_WHOLE),
        CASE("usual", BEGIN PARAM PADDED END STDIN, LIQ_RECORDS_WHOLE),
        CASE("padded end", BEGIN PARAM END_PADDED STDIN, LIQ_RECORDS_WHOLE),
        CASE("body", BEGIN PARAM END BODY, LIQ_RECORDS_BODY),
        CASE("only begin", BEGIN, LIQ_RECORDS_PART),
        CASE("no body's end", BEGIN PARAM END, LIQ_RECORDS_PART),
        CASE("no parameters' end", BEGIN PARAM STDIN, LIQ_RECORDS_PART),
        CASE("end of another", BEGIN PARAM END_OTHER STDIN, LIQ_RECORDS_BAD),
        CASE("end of another, then a parameter",
             BEGIN END_OTHER PARAM END STDIN, LIQ_RECORDS_BAD),
        CASE("second begin", BEGIN BEGIN_OTHER STDIN, LIQ_RECORDS_PART),
        CASE("padded begin", BEGIN_PADDED PARAM END STDIN, LIQ_RECORDS_BAD),
        CASE("parameter in the padding of begin",
             "\1\1\0\1\0\x08\x0f\0\0\1\0\0\0\0\0\0" CLAIMED END STDIN,
             LIQ_RECORDS_BAD),
        CASE("no begin", PARAM END STDIN, LIQ_RECORDS_PART),
        CASE("of the connection", VALUES BEGIN END STDIN, LIQ_RECORDS_BAD),
        CASE("parameter in two records",
             BEGIN "\1\4\0\1\0\3\0\0\1\2X" PARAM_REST END STDIN,
             LIQ_RECORDS_WHOLE),
        CASE("long lengths", BEGIN LONG END STDIN, LIQ_RECORDS_WHOLE),
        CASE("lengths in two records", BEGIN LONG_IN_TWO END STDIN,
             LIQ_RECORDS_WHOLE),
        CASE("parameter of 2 GiB", BEGIN CLAIMED END STDIN, LIQ_RECORDS_BAD),
        CASE("parameter of 2 GiB, body", BEGIN CLAIMED END BODY,
             LIQ_RECORDS_BAD),
        CASE("parameter cut", BEGIN "\1\4\0\1\0\3\0\0\1\2X" END STDIN,
             LIQ_RECORDS_BAD),
        CASE("lengths cut", BEGIN "\1\4\0\1\0\1\0\0\1" END STDIN,
             LIQ_RECORDS_BAD),
        CASE("http", "GET / HTTP/1.0\r\n\r\n", LIQ_RECORDS_BAD),
        CASE("version 2", "\2", LIQ_RECORDS_BAD),
        CASE("bad behind good", BEGIN PARAM "\0", LIQ_RECORDS_BAD),
        CASE("length not there", "\1\1\0\1\xff\xff\0\0", LIQ_RECORDS_PART),
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guard g = guard_new(cases[i].bytes, cases[i].n);

        print_message("  %s\n", cases[i].name);
        assert_int_equal(
            liq_records_check((const unsigned char *)g.bytes, cases[i].n),
            cases[i].found);
        guard_free(&g);
    }
}

/* It is whole with the last byte of its last record, and not before. */
static void every_length(void **state)
{
    static const char all[] = BEGIN PARAM PADDED END_PADDED STDIN_PADDED;

    (void)state;
    for (size_t n = 0; n < sizeof all; n++) {
        struct guard g = guard_new(all, n);

        assert_int_equal(liq_records_check((const unsigned char *)g.bytes, n),
                         n == sizeof all - 1 ? LIQ_RECORDS_WHOLE
                                             : LIQ_RECORDS_PART);
        guard_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks),
        cmocka_unit_test(every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
