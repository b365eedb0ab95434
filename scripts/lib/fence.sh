# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # names are shared with capture and the other parts of it
#
# fence.sh - tell the nodes of a cluster that this machine dumps, so that they do not reset it;
# to be sourced after reach.sh
#
# fence_kdump_send goes on with that until the machine ends.

# seconds: for the network, without which nobody is told; the dump does not wait longer
fence_limit=${fence_limit:-40}

# fence_network: what is there by itself is not brought up
fence_network() {
	ask_target fence needs nothing
	[ "$value" = net ] || return 0
	within "$fence_limit" sh -c "$up_script" up fence net $((fence_limit / 2))
	status=$?
	[ $status -ne 0 ] || return 0
	why_over
	[ -n "$words" ] || last_words $status
	say "the nodes of the cluster cannot be reached: $words"
	worse 6
}

# tell_nodes: the first thing of all, because they wait but a minute, or less
tell_nodes() {
	ask fence || return 0
	tell=$value
	if [ -n "$dry_run" ]; then
		say "would run $tell"
		return
	fi
	fence_network
	say "$tell"
	# shellcheck disable=SC2086 # words on purpose
	$session $tell </dev/null >&2 7<&- 8<&- 9>&- &
	teller=$!
	nap 0.2
	! alive "$teller" || return 0
	wait "$teller"
	status=$?
	show_log
	# one that was to tell it a few times only
	[ $status -ne 0 ] || return 0
	say "the nodes of the cluster are not told: ${tell%% *}: exit $status"
	worse 6
}
