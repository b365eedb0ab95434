# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# pipe.sh - two commands and a pipe, and the exit status of each; to be sourced after budget.sh
#
# A shell has no pipefail that all of them know. Each side leaves its status in a file of
# its own; one that was killed together with its shell leaves none, which is no success. The
# files are written over, not anew: where the folder has no room meanwhile, these still have theirs.
#
# Expects: work (a folder for these files).

# It runs in a session of its own. TERM is for the two commands; the shells around them
# must live on to tell their statuses.
#
# Where strict is 1 and the left command fails, the right one gets TERM before it sees the
# end of the input: it must not take a beginning for the whole.
# shellcheck disable=SC2016 # the inner shell expands
pipe_script='
words=$1 strict=$2 work=$3
shift 3
alone=$(command -v setsid)
trap : TERM INT
left() {
	all=$# i=0
	while [ $i -lt "$words" ]; do
		set -- "$@" "$1"
		shift
		i=$((i + 1))
	done
	shift $((all - words))
	exec "$@"
}
right() {
	shift "$words"
	[ -z "$alone" ] || exec "$@"
	exec sh -c '"'"'echo $$ >"$0"; exec "$@"'"'"' "$work/right" "$@"
}
{
	trap : TERM INT
	(left "$@")
	status=$?
	echo $status 1<>"$work/made"
	case $strict$status in
	0* | 10 | 16) ;;
	*)
		if [ -n "$alone" ]; then
			kill -TERM -$$
		else
			read -r right <"$work/right"
			kill -TERM "$right"
		fi
		sleep 0.2
		;;
	esac
} | {
	trap : TERM INT
	(right "$@")
	echo $? 1<>"$work/sent"
}'

# pipe_status FILE: what stands there in status; 137 if nothing does
pipe_status() {
	status=
	{ read -r status <"$1"; } 2>/dev/null
	case $status in
	'' | *[!0-9]*) status=137 ;;
	esac
}

# pipe_within SECONDS STRICT N WORD...: the first N words are the command on the left. The
# statuses are in made and sent; over and took as within sets them
pipe_within() {
	pipe_seconds=$1
	pipe_strict=$2
	pipe_words=$3
	shift 3
	echo 1<>"$work/made"
	echo 1<>"$work/sent"
	within "$pipe_seconds" sh -c "$pipe_script" pipe "$pipe_words" "$pipe_strict" "$work" "$@"
	pipe_status "$work/made"
	made=$status
	pipe_status "$work/sent"
	sent=$status
}
