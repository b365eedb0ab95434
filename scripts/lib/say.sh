# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154  # self: the script that sources this has set it
#
# say.sh - messages, and how a script ends; to be sourced first
#
# The script sets self to its name. Messages go to standard error as
# "self: object: fact".

quiet=${quiet:-}
verbose=${verbose:-0}

say() {
	printf '%s: %s\n' "$self" "$*" >&2
}

# inform TEXT: what is left out with -q
inform() {
	[ -n "$quiet" ] || say "$*"
}

# detail TEXT: only with -v
detail() {
	[ "$verbose" -lt 1 ] || say "$*"
}

# die STATUS TEXT
die() {
	status=$1
	shift
	say "$*"
	exit "$status"
}
