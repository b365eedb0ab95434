# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # variables of, and for, who includes it
#
# servers.sh - an NFS and an SSH server for a virtual machine, for scripts to include
#
# Both listen on this machine's loopback only; a guest on QEMU's user network finds
# them at 10.0.2.2. The script that includes this sets here to this folder, and calls
# stop_servers whatever happens.

# start_servers DIR: sets what a guest needs to know,
#   nfs, nfs_options   an NFS folder is $nfs/NAME?$nfs_options; here it is $nfs_here/NAME
#   ssh                an SSH folder is $ssh/NAME; here it is $ssh_here/NAME
#   ssh_key            the private key to log in with, a file
#   ssh_known          the server's host keys for ssh_known_hosts, a file
#   ssh_pin            the fingerprint of one of them
start_servers() {
	servers=$1
	mkdir -p "$servers/nfs" "$servers/ssh"
	servers=$(cd "$servers" && pwd)
	stop_servers
	rm -rf "$servers/store"
	mkdir -m 700 "$servers/store"
	start_nfs || return
	"$here/../net/ssh-server" start "$servers/ssh" 0 || return
	port=$(cat "$servers/ssh/port")
	ssh=ssh://root@10.0.2.2:$port$servers/store
	ssh_here=$servers/store
	ssh_key=$servers/ssh/id_ed25519
	ssh_known=$servers/ssh_known_hosts
	sed 's/127\.0\.0\.1/10.0.2.2/' "$servers/ssh/known_hosts" >"$ssh_known"
	ssh_pin=$(ssh-keygen -l -f "$servers/ssh/host_ed25519.pub" | cut -d ' ' -f 2)
}

# on two ports that nobody else has
start_nfs() {
	for tried in 0 1 2 3; do
		port=$((12000 + ($$ + tried * 1009) % 4000 * 2))
		if "$here/../net/nfs-server" start -p $port:$((port + 1)) "$servers/nfs"; then
			nfs=nfs://10.0.2.2/dump
			nfs_options="nfsport=$port&mountport=$((port + 1))"
			nfs_here=$servers/nfs/view/dump
			return 0
		fi
	done
	return 1
}

# also for servers that an earlier run has left
stop_servers() {
	[ -n "${servers:-}" ] || return 0
	"$here/../net/nfs-server" stop "$servers/nfs" 2>/dev/null || :
	"$here/../net/ssh-server" stop "$servers/ssh" 2>/dev/null || :
}
