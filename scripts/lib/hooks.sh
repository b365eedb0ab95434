# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# hooks.sh - the programs that run before and after the dump; to be sourced after budget.sh
#
#	pre		before it. A status other than 0 means: no dump, as RHEL has it, but
#			those of /etc/kdump/pre.d are only told of. One that cannot be run
#			(126, 127), is killed or takes too long does not cost the dump.
#	post		after it, with the status of the dump as argument
#	emergency	the same where no whole dump was saved, before the failure action
#
# Each has hook_limit seconds. What it says is kept in memory: no more than 128 KiB of it.

hook_limit=${hook_limit:-600} hook_count=0

# hook_listen: from a hook to the log, in pieces, so that each line is there at once. It goes on
# until all that the hook has left running is gone, too.
hook_listen() {
	dd bs=128 count=1024 >&2 2>/dev/null
	dd bs=1 count=1 of="$hook_ear.more" 2>/dev/null
	[ ! -s "$hook_ear.more" ] || say 'what the hook says more than that is left out'
	exec cat >/dev/null
}

# hook_within PROGRAM [ARGUMENT]: as within
hook_within() {
	hook_count=$((hook_count + 1))
	hook_ear=$work/said.$hook_count
	if ! mkfifo "$hook_ear" 2>/dev/null; then
		within "$hook_limit" "$@"
		return
	fi
	(console='' && hook_listen <"$hook_ear") 7<&- 8<&- 9>&- &
	hook_listener=$!
	# shellcheck disable=SC2016 # the inner shell expands
	within "$hook_limit" sh -c 'exec "$@" >"$0" 2>&1' "$hook_ear" "$@"
	hook_status=$?
	# what it said last
	job=$hook_listener
	! job_ends 1 || wait "$job" 2>/dev/null
	job=
	rm -f "$hook_ear" "$hook_ear.more"
	show_log
	return $hook_status
}

# run_hook WHAT PROGRAM [ARGUMENT]: its status, or 255 if it is of no account
run_hook() {
	what=$1
	shift
	if [ ! -x "$1" ]; then
		say "$1: kdump_$what cannot be run: going on without"
		worse 6
		return 255
	fi
	if [ -n "$dry_run" ]; then
		say "would run $*"
		return 0
	fi
	say "$*"
	hook_within "$@"
	hook_status=$?
	if [ -n "$over" ]; then
		why_over
		say "$1: kdump_$what was ended: $words"
		worse 6
		return 255
	fi
	[ "$hook_status" -eq 0 ] || say "$1: exit $hook_status"
	[ "$hook_status" -lt 126 ] || {
		worse 6
		return 255
	}
	return "$hook_status"
}

# run_pre: 1 if one of them wants no dump
run_pre() {
	ask_all pre
	wanted=0
	while [ -n "$values" ]; do
		hook=${values%%"$nl"*}
		values=${values#*"$nl"}
		run_hook pre "$hook"
		case $?$hook in
		0/* | 255/*) ;;
		*/etc/kdump/pre.d/*) worse 6 ;;
		*)
			say "$hook: wants no dump: none will be made"
			wanted=1
			;;
		esac
	done
	return $wanted
}

# run_with WHAT: all of these hooks, with result as argument; a failure is not hidden by them
run_with() {
	ask_all "$1"
	status=$result
	while [ -n "$values" ]; do
		hook=${values%%"$nl"*}
		values=${values#*"$nl"}
		run_hook "$1" "$hook" "$status" || worse 6
	done
}
