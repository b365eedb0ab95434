# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # lib is set by the script, conf by up-disk.sh
#
# up-net.sh - in the capture kernel: the network as capture.conf says; to be sourced
# after say.sh and up-disk.sh, which reads capture.conf (conf)
#
# The lines "target N net" are done in their order; every step may be done twice, so that
# another target over the same card, or the same once more, does only what is missing.
# RESOLV names another file than /etc/resolv.conf.

link_wait=${link_wait:-60}
lease_wait=${lease_wait:-60}
RESOLV=${RESOLV:-/etc/resolv.conf}
export RESOLV

# net_lines WORD [NAME]: what follows in the target's lines "net WORD [NAME]"
net_lines() {
	sed -n "s/^$1${2:+ $2}\( \|\$\)//p" "/run/crashpipe/net.$net_n"
}

# net_card MAC: the name of the card with that address. What lies over a card, or is
# managed by another one, may have the same.
net_card() {
	for dir in /sys/class/net/*; do
		read -r mac 2>/dev/null <"$dir/address" || continue
		if [ "$mac" != "$1" ] || [ -e "$dir/master" ]; then
			continue
		fi
		# a veth pair has no device either
		if [ ! -e "$dir/device" ] && { [ -d "$dir/bonding" ] || [ -d "$dir/bridge" ] ||
			grep -q DEVTYPE= "$dir/uevent"; }; then
			continue
		fi
		printf '%s\n' "${dir##*/}"
		return
	done
	return 1
}

net_there() {
	net_found=$(net_card "$1")
}

# net_link NAME MAC: the card gets the name it had
net_link() {
	# a bond gives its ports its own address
	[ ! -e "/sys/class/net/$1/master" ] || return 0
	if ! up_wait "$link_wait" net_there "$2"; then
		say "$1: no card with address $2 after $link_wait seconds: there is $(net_cards)"
		return 1
	fi
	if [ "$net_found" != "$1" ]; then
		if [ -e "/sys/class/net/$1" ]; then
			ip link set "$1" down
			ip link set "$1" name "other$(cat "/sys/class/net/$1/ifindex")" || return 1
		fi
		ip link set "$net_found" down
		ip link set "$net_found" name "$1" || return 1
	fi
	net_quiet "$1"
	ip link set "$1" up
}

net_cards() {
	net_found=
	for dir in /sys/class/net/*; do
		[ "${dir##*/}" = lo ] || net_found="$net_found ${dir##*/}=$(cat "$dir/address")"
	done
	printf '%s\n' "${net_found:- none}" | cut -c 2-
}

# net_setting DEVICE NAME VALUE: of IPv6
net_setting() {
	printf '%s' "$3" 2>/dev/null >"/proc/sys/net/ipv6/conf/$1/$2" || :
}

# net_quiet DEVICE: no addresses from routers unless they are wanted, and no test
# whether somebody else has the address that was ours until the crash
net_quiet() {
	grep -q "^target [0-9a-z]* net slaac $1\$" "$conf" || net_setting "$1" autoconf 0
	net_setting "$1" accept_dad 0
}

# net_bond NAME mode MODE [OPTION VALUE]... ports NAME...: through sysfs, in the order
# that Documentation/networking/bonding.rst asks for
net_bond() {
	bond=$1
	[ -d "/sys/class/net/$bond/bonding" ] ||
		printf '+%s' "$bond" >/sys/class/net/bonding_masters || return 1
	dir=/sys/class/net/$bond/bonding
	shift
	ports="$*"
	ports=${ports##*ports }
	net_ready=yes
	for port in $ports; do
		[ -e "/sys/class/net/$port/master" ] || net_ready=
	done
	[ -z "$net_ready" ] || return 0
	primary=
	ip link set "$bond" down
	while [ $# -ge 2 ] && [ "$1" != ports ]; do
		case $1 in
		*[!a-z_]*) ;;
		primary) primary=$2 ;;
		*) printf '%s' "$2" 2>/dev/null >"$dir/$1" || say "$bond: $1 $2: not taken" ;;
		esac
		shift 2
	done
	for port in $ports; do
		[ ! -e "/sys/class/net/$port/master" ] || continue
		ip link set "$port" down
		printf '+%s' "$port" 2>/dev/null >"$dir/slaves" || say "$bond: $port: not taken"
	done
	[ -z "$primary" ] || printf '%s' "$primary" 2>/dev/null >"$dir/primary" || :
	net_quiet "$bond"
	ip link set "$bond" up
}

# net_bridge NAME ports NAME...: without waiting for loops to be found. BusyBox has brctl, and
# most systems that are without BusyBox have not
net_bridge() {
	[ -d "/sys/class/net/$1/bridge" ] || brctl addbr "$1" 2>/dev/null ||
		ip link add name "$1" type bridge || return 1
	printf 0 2>/dev/null >"/sys/class/net/$1/bridge/forward_delay" || :
	bridge=$1
	shift 2
	for port; do
		[ -e "/sys/class/net/$port/master" ] || brctl addif "$bridge" "$port" 2>/dev/null ||
			ip link set "$port" master "$bridge" || return 1
		ip link set "$port" up
	done
	net_quiet "$bridge"
	ip link set "$bridge" up
}

# net_vlan NAME link NAME id N
net_vlan() {
	if [ ! -e "/sys/class/net/$1" ]; then
		ip link add link "$3" name "$1" type vlan id "$5" || return 1
	fi
	net_quiet "$1"
	ip link set "$3" up
	ip link set "$1" up
}

net_carrier() {
	read -r net_state 2>/dev/null <"/sys/class/net/$1/carrier" && [ "$net_state" = 1 ]
}

# net_wait_carrier DEVICE: once for each
net_wait_carrier() {
	up_wait "$link_wait" net_carrier "$1" && return
	say "$1: no link after $link_wait seconds: is the cable in, and the switch up?"
	return 1
}

# net_has DEVICE FAMILY: an address that can be used
net_has() {
	case $2 in
	4) ip -4 -o address show dev "$1" | grep -q 'inet ' ;;
	6) ip -6 -o address show dev "$1" scope global | grep -v tentative | grep -q 'inet6 ' ;;
	esac
}

# net_dhcp DEVICE [ADDRESS]: the client stays and renews the lease
net_dhcp() {
	! net_has "$1" 4 || return 0
	mkdir -p /run/crashpipe
	# shellcheck disable=SC2016  # as it stands
	printf '#!/bin/sh\n. "%s"\ndhcp_event "$1"\n' "$lib/dhcp.sh" >/run/crashpipe/dhcp &&
		chmod 755 /run/crashpipe/dhcp || return 1
	# in a system that is not ours programs may be forbidden there
	/run/crashpipe/dhcp '' 2>/dev/null || mount -o remount,exec /run
	KEEP_MTU=$(net_lines mtu "$1")
	export KEEP_MTU
	if udhcpc -i "$1" -s /run/crashpipe/dhcp -n -T 2 -t $((lease_wait / 2)) \
		-O staticroutes -O mtu -O search ${2:+-r "$2"} -p "/run/udhcpc.$1.pid" \
		</dev/null >/dev/null 2>&1 && net_has "$1" 4; then
		return
	fi
	if command -v udhcpc >/dev/null || command -v busybox >/dev/null; then
		say "$1: no answer from a DHCP server after $lease_wait seconds"
	else
		say "$1: there is no udhcpc to ask a DHCP server"
	fi
	# shellcheck disable=SC2046  # words on purpose
	set -- "$1" $(net_lines last "$1")
	[ $# -ge 2 ] || return 1
	say "$1: taking the address it had before the crash, $2"
	net_address "$1" "$2"
	[ $# -lt 4 ] || net_route "$1" default via "$4"
}

# net_slaac DEVICE: an address of the kernel's own making, from what a router says
net_slaac() {
	net_setting "$1" accept_ra 1
	net_setting "$1" autoconf 1
	up_wait "$lease_wait" net_has "$1" 6 && return
	say "$1: no IPv6 router has told an address after $lease_wait seconds"
	return 1
}

# net_address DEVICE ADDRESS/LENGTH
net_address() {
	case $2 in
	*:*) net_said=$(ip address add "$2" dev "$1" 2>&1) ;;
	*) net_said=$(ip address add "$2" broadcast + dev "$1" 2>&1) ;;
	esac && return
	case $net_said in
	*'File exists'*) return ;;
	esac
	say "$1: $2: $net_said"
	return 1
}

# net_route DEVICE DESTINATION [via ADDRESS]
net_route() {
	net_family=-4
	case $2$4 in
	*:*) net_family=-6 ;;
	esac
	# shellcheck disable=SC2086  # words or none
	net_said=$(ip $net_family route replace "$2" ${4:+via "$4"} dev "$1" 2>&1) && return
	say "$1: route $2${4:+ via $4}: $net_said"
	return 1
}

# net_names: as far as no server has told better ones
net_names() {
	[ ! -s "$RESOLV" ] || return 0
	net_lines search | sed -n '1s/^/search /p' >"$RESOLV.new"
	net_lines nameserver | sed 's/^/nameserver /' >>"$RESOLV.new"
	[ ! -s "$RESOLV.new" ] || mv "$RESOLV.new" "$RESOLV"
	rm -f "$RESOLV.new"
}

# net_line WORDS...: one line of capture.conf without "net"
net_line() {
	word=$1
	shift
	case $word in
	link) net_link "$1" "$3" ;;
	bond) net_bond "$@" ;;
	bridge) net_bridge "$@" ;;
	vlan) net_vlan "$@" ;;
	mtu) ip link set "$1" mtu "$2" ;;
	dhcp) net_wait_carrier "$1" && net_dhcp "$@" ;;
	slaac) net_wait_carrier "$1" && net_slaac "$1" ;;
	address) net_wait_carrier "$1"; net_address "$@" ;;
	route) net_route "$1" "$2" "${3:-}" "${4:-}" ;;
	last | nameserver | search) ;;
	*)
		say "net $word: not known"
		return 1
		;;
	esac
}

# net_host N: the server's name or address, of its URL
net_host() {
	net_url=$(up_value "$1" url)
	net_url=${net_url#*://}
	net_url=${net_url%%/*}
	net_url=${net_url##*@}
	case $net_url in
	\[*) net_url=${net_url#\[} net_url=${net_url%%\]*} ;;
	*) net_url=${net_url%%:*} ;;
	esac
	printf '%s\n' "$net_url" | sed 's/%25.*//'
}

# net_reach HOST: is there a way to it? Names are in /etc/hosts
net_reach() {
	net_to=$1
	case $1 in
	*:*) ;;
	*[!0-9.]*)
		net_to=$(awk -v name="$1" '$2 == name { print $1; exit }' /etc/hosts 2>/dev/null)
		[ -n "$net_to" ] || return 0
		;;
	esac
	ip route get "$net_to" >/dev/null 2>&1
}

# net_addresses: what there is, for a message
net_addresses() {
	ip -o address | awk '$2 != "lo" && $4 !~ /^fe80/ { line = line " " $2 " " $4 }
		END { print line == "" ? "no address" : substr(line, 2) }'
}

# net_up N: the network for target N
net_up() {
	ip link set lo up
	net_n=$1 net_failed=
	mkdir -p /run/crashpipe
	if [ ! -e "/run/crashpipe/net-up.$1" ]; then
		sed -n "s/^target $1 net //p" "$conf" >"/run/crashpipe/net.$1"
		while read -r net_words; do
			# shellcheck disable=SC2086  # words on purpose
			net_line $net_words || net_failed=yes
		done <"/run/crashpipe/net.$1"
		net_names
		[ -n "$net_failed" ] || : >"/run/crashpipe/net-up.$1"
	fi
	net_target=$(net_host "$1")
	if ! net_reach "$net_target"; then
		say "target $1: no way to $net_target: $(net_addresses)"
		return 1
	fi
	say "target $1: $(net_addresses)"
}
