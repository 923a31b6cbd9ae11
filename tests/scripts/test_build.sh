#!/bin/sh
# A build that cannot get the page's packages says why.
set -u
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/liqmap-build.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM

cp "$root/Makefile" "$root/package.json" "$root/package-lock.json" "$work" || exit 2

# Nobody listens on port 1.
if (cd "$work" && npm_config_registry=http://127.0.0.1:1 npm_config_fetch_retries=0 \
    npm_config_cache=$work/cache make node_modules/.bin/tsc) >"$work/out" 2>&1 </dev/null; then
    echo "FAILED: make ended well without packages"
elif ! grep -q ECONNREFUSED "$work/out"; then
    echo "FAILED: make does not say why there are no packages:"
    sed 's/^/    /' "$work/out"
else
    echo "[  PASSED  ] 1 test(s)."
    exit 0
fi
echo "[  FAILED  ] 1 test(s)."
exit 1
