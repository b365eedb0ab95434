# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# machine.sh - how invented machines are made of files, in the folder machine; to be sourced by
# what has one

# put PATH TEXT: a file of it
put() {
	mkdir -p "machine${1%/*}"
	printf '%s\n' "$2" >"machine$1"
}

# le BYTES VALUE: little endian
le() {
	n=$1 value=$2
	while [ "$n" -gt 0 ]; do
		# shellcheck disable=SC2059  # escapes on purpose
		printf "\\$(printf '%o' $((value & 255)))"
		value=$((value >> 8)) n=$((n - 1))
	done
}
