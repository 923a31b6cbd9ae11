#!/bin/bash
# Install the packages that liqmap needs on Debian or Ubuntu.
#
#   scripts/install-deps.sh run     to build and run
#   scripts/install-deps.sh test    the same, and the tools of the tests
#
# A tool is present when its command is found, a library when its package is
# installed.  Only missing packages are installed, with apt as root (through sudo
# for other users).  When nothing is missing, the network is not used.
set -euo pipefail

purpose=${1:-run}
case $purpose in
run | test) ;;
*)
	echo "usage: scripts/install-deps.sh run|test" >&2
	exit 2
	;;
esac

missing=()

need_command() { # PACKAGE COMMAND...: one of the commands is enough
	local package=$1 command
	shift
	for command; do
		# Web servers are in sbin, which not every PATH contains.
		PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null && return
	done
	missing+=("$package")
}

installed=
need_package() { # PACKAGE...: one is enough; the first is installed
	local package
	# One query for all packages, since each reads the whole list of them.
	[ -n "$installed" ] ||
		installed=$(dpkg-query -W -f '|${Package} ${Status}|' 2>/dev/null || true)
	for package; do
		[[ $installed != *"|$package install ok installed|"* ]] || return 0
	done
	missing+=("$1")
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "install-deps.sh: no apt; install the packages listed in $0 yourself" >&2
	exit 0
fi

need_command gcc gcc
need_command make make
need_command lighttpd lighttpd
need_command nodejs node
need_command npm npm
need_command curl curl
need_package libc6-dev
need_package ca-certificates
need_package libfcgi-dev
need_package libcurl4-openssl-dev libcurl4-gnutls-dev libcurl4-nss-dev
need_package libssl-dev
need_package libcjson-dev
need_package libcairo2-dev
need_package libinih-dev
need_package zlib1g-dev
need_package libdeflate-dev
need_package libhiredis-dev
need_package libsqlite3-dev
need_package libwebsockets-dev
if [ "$purpose" = test ]; then
	need_command clang clang
	need_command clang-format clang-format
	need_command clang-tidy clang-tidy
	need_command cppcheck cppcheck
	need_command binutils readelf
	need_command lld ld.lld
	need_command perl perl
	need_command nginx nginx
	need_command redis-server redis-server
	need_command chromium chromium chromium-browser google-chrome
	# The page's tests take half the time with it; not every system has it.
	! apt-cache show chromium-headless-shell >/dev/null 2>&1 ||
		need_command chromium-headless-shell chromium-headless-shell
	need_package libcmocka-dev
	need_package fonts-dejavu-core
fi

[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "Missing packages; as root, run: apt-get install ${missing[*]}" >&2
		exit 1
	fi
	root=(sudo)
fi

echo "Installing with apt: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt=(${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get
	-o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -q -y)

# Installing a web server's package would start it on port 80.  Only the programs
# are needed: status 101 forbids starts while apt runs.
policy=/usr/sbin/policy-rc.d
held=
allow_services() {
	[ -z "$held" ] || ${root[@]+"${root[@]}"} rm -f "$policy"
}
trap allow_services EXIT
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' |
		${root[@]+"${root[@]}"} tee "$policy" >/dev/null
	${root[@]+"${root[@]}"} chmod 755 "$policy"
	held=1
fi

log=$(mktemp)
if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends \
	"${missing[@]}"; } >"$log" 2>&1 </dev/null; then
	tail -n 30 "$log" >&2
	rm -f "$log"
	echo "apt could not install: ${missing[*]}" >&2
	exit 1
fi
rm -f "$log"

# Nor may they start at the next boot.
if [ -d /run/systemd/system ]; then
	for package in "${missing[@]}"; do
		case $package in
		lighttpd | nginx)
			${root[@]+"${root[@]}"} systemctl disable --quiet "$package" || true
			;;
		esac
	done
fi
