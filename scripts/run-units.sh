#!/bin/sh
# Run test programs, as many at a time as there are processors, and add up what
# they report.
#   run-units.sh PROGRAM...
# A program reports as cmocka does: "[  PASSED  ] N test(s)." and
# "[  FAILED  ] N test(s)".  One that ends badly without naming a failed test,
# by a signal, a sanitizer or a hang, counts as one failed test.  The output of
# a program that passed is not shown.  The last line is "N passed, N failed".
set -u
limit_s=${LIQ_TEST_LIMIT_S:-300}

# run NUMBER PROGRAM: its report into $RUN_UNITS/NUMBER; called below by xargs
run() {
    log=$RUN_UNITS/$1.log
    timeout -k 5 "$limit_s" "$2" >"$log" 2>&1 </dev/null
    status=$?
    p=$(count PASSED)
    f=$(count FAILED)
    s=$(count SKIPPED)
    if [ "$f" -eq 0 ] && [ "$status" -ne 0 ]; then
        f=1
    elif [ "$((p + f + s))" -eq 0 ]; then
        echo "$2: ran no test" >>"$log"
        f=1
    fi
    if [ "$f" -gt 0 ]; then
        cat "$log"
        echo "FAIL $2 (status $status)"
    fi
    [ "$s" -eq 0 ] || echo "$2: $s skipped"
    echo "$p $f" >"$RUN_UNITS/$1.sum"
}

# The sum of the numbers in the report lines that hold the word.
count() {
    sed -n "s/.*\[ *$1 *\][^0-9]* \([0-9][0-9]*\) test(s).*/\1/p" "$log" |
        awk '{ n += $1 } END { print n + 0 }'
}

if [ "${1-}" = --one ]; then
    run "$2" "$3" >"$RUN_UNITS/$2.report"
    exit 0
fi

RUN_UNITS=$(mktemp -d "${TMPDIR:-/tmp}/liqmap-units.XXXXXX") || exit 2
export RUN_UNITS
trap 'rm -rf "$RUN_UNITS"' EXIT
trap 'exit 2' INT TERM

n=0
for program; do
    n=$((n + 1))
    echo "$n $program"
done | xargs -P "$(nproc)" -L 1 "$0" --one

passed=0
failed=0
n=0
for program; do
    n=$((n + 1))
    [ ! -f "$RUN_UNITS/$n.report" ] || cat "$RUN_UNITS/$n.report"
    p=0
    f=1
    if [ -f "$RUN_UNITS/$n.sum" ]; then
        read -r p f <"$RUN_UNITS/$n.sum"
    else
        echo "FAIL $program (it could not be started)"
    fi
    passed=$((passed + p))
    failed=$((failed + f))
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
