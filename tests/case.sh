# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# case.sh - what scripts of test cases share; to be sourced
#
# A case is a function test_NAME, run in a subshell and a folder of its own. It fails
# by calling why, skips by calling skip, and is well if it returns. The script says
#
#	. "${0%/*}/../case.sh"
#	test_one() { expect 2 tool --nonsense; says usage; }
#	run_cases "$@"
#
# and is called: [TESTS=DIR] SCRIPT BUILD_DIR/bin BUILD_DIR/samples [CASE...]. A line is printed
# for each: ok NAME, not ok NAME: why, skip NAME: why. Exit 1 if any failed.

set -u
bin='' samples='' tests=''
umask 022
LC_ALL=C
export LC_ALL

# the case is wrong, for this reason
why() {
	printf 'why: %s\n' "$*"
	exit 1
}

skip() {
	printf 'why: %s\n' "$*"
	exit 77
}

# for what cannot be done to programs with sanitizers
unsanitized() {
	[ -z "${SANITIZED:-}" ] || skip 'not possible with sanitizers'
}

# expect STATUS COMMAND...: run it; standard output in the file out, error in err
expect() {
	wanted=$1
	shift
	timeout -k 5 "${TIMEOUT:-120}" "$@" >out 2>err </dev/null
	check_status "$wanted" $? "$@"
}

# check_status WANTED GOT COMMAND...
check_status() {
	wanted=$1
	got=$2
	shift 2
	case " $wanted " in
	*" $got "*) return ;;
	esac
	[ "$got" -ne 124 ] || why "$*: hangs"
	why "$*: exit $got, not $wanted; $(tail -n 1 err 2>/dev/null)"
}

# says TEXT...: the messages hold each
says() {
	for text; do
		grep -q -F -e "$text" err || why "no \"$text\" in: $(cat err)"
	done
}

says_nothing() {
	[ ! -s err ] || why "says: $(cat err)"
}

# lines N: so many lines of messages
lines() {
	[ "$(wc -l <err)" -eq "$1" ] || why "not $1 lines: $(cat err)"
}

same() {
	cmp "$1" "$2" >cmp.out 2>&1 || why "$(cat cmp.out)"
}

# only FILE...: besides what the helpers above leave, no other file is here
only() {
	for file in * .[!.]*; do
		[ -e "$file" ] || [ -L "$file" ] || continue
		case " $* out err cmp.out " in
		*" $file "*) ;;
		*) why "$file was left behind" ;;
		esac
	done
}

# byte FILE OFFSET: its value
byte() {
	od -A n -t u1 -j "$2" -N 1 "$1" | tr -d ' '
}

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for() {
	tries=$(($1 * 20))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

run_case() {
	mkdir "$work/$1" || exit 2
	(
		cd "$work/$1" || exit 2
		"test_$1"
	) >"$work/log" 2>&1
	case $? in
	0) printf 'ok %s\n' "$1" ;;
	77) printf 'skip %s: %s\n' "$1" "$(sed -n 's/^why: //p' "$work/log" | tail -n 1)" ;;
	*)
		reason=$(sed -n 's/^why: //p' "$work/log" | head -n 1)
		printf 'not ok %s: %s\n' "$1" "${reason:-$(tail -n 1 "$work/log")}"
		failed=1
		;;
	esac
	rm -rf "${work:?}/$1"
}

# run_cases BIN SAMPLES [CASE...]
run_cases() {
	if [ $# -lt 2 ]; then
		printf 'usage: %s BIN SAMPLES [CASE...]\n' "${0##*/}" >&2
		exit 2
	fi
	bin=$(cd "$1" && pwd) || exit 2
	samples=$(cd "$2" && pwd) || exit 2
	tests=${TESTS:-${bin%/*}/tests}
	export bin samples tests
	shift 2
	failed=0
	work=$(mktemp -d "${TMPDIR:-/tmp}/${0##*/}.XXXXXX") || exit 2
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	if [ $# -eq 0 ]; then
		# shellcheck disable=SC2046 # one word each
		set -- $(sed -n 's/^test_\([a-z0-9_]*\)() *{.*/\1/p' "$0")
	fi
	for name; do
		run_case "$name"
	done
	exit "$failed"
}
