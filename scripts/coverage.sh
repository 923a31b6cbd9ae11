#!/bin/sh
# Count with gcc which lines of src/ the unit tests, the fuzzers' inputs and the
# end-to-end tests run.  Prints a table by file, the least covered first, and the
# sum as the last line.
#   coverage.sh [--unit]     --unit: without the end-to-end tests
# A process that is killed leaves no counts.
set -u
cd "$(dirname "$0")/.." || exit 2
make -j"$(nproc)" --no-print-directory VARIANT=coverage test-programs vendor || exit 1
find build/coverage -name '*.gcda' -exec rm -f {} +

status=0
make --no-print-directory VARIANT=coverage unit || status=1
if [ "${1-}" != --unit ]; then
    # scripts/run builds and copies this variant too.
    export VARIANT=coverage
    make --no-print-directory all && node --test --test-concurrency=2 tests/e2e/*.half.mjs \
        >build/coverage/e2e.log 2>&1 || {
        echo "coverage.sh: end-to-end tests failed, see build/coverage/e2e.log" >&2
        status=1
    }
    make --no-print-directory VARIANT=release all
fi

find build/coverage -name '*.gcda' -exec gcov --json-format --stdout {} + \
    2>/dev/null >build/coverage/gcov.json
node scripts/coverage.mjs build/coverage/gcov.json || status=1
exit $status
