# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# dumpfilter.sh - what the cases of dumpfilter share, besides case.sh; to be sourced

# shellcheck source-path=SCRIPTDIR source=case.sh
. "${0%/*}/../case.sh"

# shellcheck disable=SC2034 # for those who source this
PAGE=4096

dumpfilter() {
	"$bin/dumpfilter" "$@"
}

# sound RAW DUMP: headers and pages are what the raw vmcore says
sound() {
	"$tests/pagediff" "$1" "$2" >diff.out 2>&1 || why "$2: $(tail -n 1 diff.out)"
	rm diff.out
}

# sound_incomplete RAW DUMP: so are those it has; the rest is not promised
sound_incomplete() {
	"$tests/pagediff" -i "$1" "$2" >diff.out 2>&1 || why "$2: $(tail -n 1 diff.out)"
	rm diff.out
}

# keeps NAME LEVEL DUMP: exactly the pages that the description means
keeps() {
	"$tests/kept" "$samples/$1.elf.expect" "$2" "$3" >kept.out 2>&1 ||
		why "$1 -d $2: $(head -n 1 kept.out)"
	rm kept.out
}

# background COMMAND...: its process is $job; its messages in err, its output in out
background() {
	"$@" >out 2>err </dev/null &
	job=$!
}

# ends WITHIN STATUS: the process in the background ends in so many seconds
ends() {
	gone() {
		# shellcheck disable=SC2317 # wait_for calls it
		! kill -0 "$job" 2>/dev/null
	}
	began=$(date +%s%N)
	if ! wait_for "$1" gone; then
		kill -KILL "$job"
		why "it does not end within $1 seconds"
	fi
	took=$((($(date +%s%N) - began) / 1000000))
	wait "$job"
	check_status "$2" $? "in the background, ended after $took ms"
}

# $job has written so many bytes
written() {
	[ "$(sed -n 's/^wchar: //p' "/proc/$job/io" 2>/dev/null || printf 0)" -gt "$1" ]
}

# number FILE OFFSET BYTES: what is there, little-endian
number() {
	od -A n -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# bytes NUMBER BYTES: little-endian
bytes() {
	value=$1
	for _ in $(seq "$2"); do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\$(printf '%03o' $((value & 255)))"
		value=$((value >> 8))
	done
}

# patch FILE OFFSET BYTES NUMBER
patch() {
	bytes "$4" "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
