# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with resolve.sh
#
# resolve-fence.sh - fence_kdump_nodes: the nodes of a cluster that are told, at the crash, not
# to reset this machine while it dumps; to be sourced by resolve.sh
#
# What tells them is fence_kdump_send(8) of the fence agents, as on RHEL; the nodes listen with
# fence_kdump(8). The way to them is "target fence", of which nothing is ever saved to.

# resolve_fence_program: where the distributions have it
resolve_fence_program() {
	for resolve_at in /usr/libexec /usr/libexec/fence-agents /usr/lib /usr/lib/fence-agents \
		/usr/sbin /usr/bin; do
		resolve_at=$resolve_at/fence_kdump_send
		[ -x "${KDUMP_ROOT:-}$resolve_at" ] || continue
		printf '%s\n' "$resolve_at"
		return
	done
	say 'fence_kdump_nodes: fence_kdump_send: not found: is fence-agents (fence-agents-kdump) installed?'
	return 1
}

# resolve_is_here HOST: this machine itself? All nodes may have the same kdump.conf. Its own name
# may lead to an address that it has not got yet
resolve_is_here() {
	[ "$1" != "$(uname -n)" ] || return 0
	for resolve_at in $(route_addresses "$1"); do
		[ "$(route_get "$resolve_at")" != 'is this machine itself' ] || return 0
	done
	return 1
}

# resolve_pacemaker: on RHEL such a cluster needs no line in kdump.conf: it asks Pacemaker
resolve_pacemaker() {
	resolve_at=${KDUMP_ROOT:-}/var/lib/pacemaker/cib/cib.xml
	grep -q 'type="fence_kdump"' "$resolve_at" 2>/dev/null || return 0
	resolve_nodes=$(sed -n 's/.*<node [^>]*uname="\([A-Za-z0-9._-]*\)".*/ \1/p' "$resolve_at" | tr -d '\n')
	inform "Pacemaker has a fence_kdump device, and the nodes are not told that this machine dumps:" \
		"write fence_kdump_nodes$resolve_nodes into kdump.conf"
}

# resolve_fence: nothing where no nodes are named; 1 when one of them would not be told
resolve_fence() {
	resolve_nodes=$(conf_get fence_kdump_nodes)
	if [ -z "$resolve_nodes" ]; then
		resolve_pacemaker
		return 0
	fi
	resolve_program=$(resolve_fence_program) || return
	resolve_n=fence resolve_missed=0 resolve_told='' resolve_first=''
	: >"$resolve_dir/ground"
	: >"$resolve_dir/target"
	for resolve_node in $resolve_nodes; do
		resolve_address=
		! resolve_is_here "$resolve_node" || continue
		resolve_server "$resolve_node"
		resolve_status=$?
		if [ $resolve_status -ne 0 ] || [ -z "$resolve_address" ]; then
			say "fence_kdump_nodes: $resolve_node: will not be told that this machine dumps"
			[ $resolve_status -eq 1 ] || resolve_later=1
			resolve_missed=1
			continue
		fi
		resolve_told="$resolve_told $resolve_address"
		resolve_first=${resolve_first:-$resolve_urlhost}
	done
	[ -n "$resolve_told" ] || return $resolve_missed
	resolve_put needs "$resolve_needs"
	resolve_put url "udp://$resolve_first/"
	cat "$resolve_dir/target" >>"$resolve_dir/targets"
	awk '!seen[$0]++' "$resolve_dir/ground" >>"$resolve_dir/targets"
	printf '%s\n' "$resolve_program" >>"$resolve_dir/programs"
	printf 'fence %s%s%s\n' "$resolve_program" "$(conf_get fence_kdump_args | sed 's/./ &/')" \
		"$resolve_told" >>"$resolve_dir/general"
	return $resolve_missed
}
