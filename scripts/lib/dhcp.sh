# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# dhcp.sh - in the capture kernel: take a lease as udhcpc gets it; to be sourced by what
# udhcpc runs, which then calls dhcp_event with udhcpc's word
#
# A lease that is lost takes nothing away: the address was ours, and a dump on its way
# needs it. RESOLV names another file than /etc/resolv.conf.

# shellcheck disable=SC2154  # interface, ip, mask and so on come from udhcpc

# dhcp_address TEXT: numbers and dots only: what a server says is no shell's business
dhcp_address() {
	case $1 in
	*[!0-9./]* | '') return 1 ;;
	esac
}

dhcp_routes() {
	# option 121 replaces option 3 (RFC 3442): pairs of network and gateway
	# shellcheck disable=SC2086  # words on purpose
	set -- ${staticroutes:-}
	if [ $# -eq 0 ] && [ -n "${router:-}" ]; then
		set -- 0.0.0.0/0 "${router%% *}"
	fi
	while [ $# -ge 2 ]; do
		if dhcp_address "$1" && dhcp_address "$2"; then
			if [ "$2" = 0.0.0.0 ]; then
				ip route replace "$1" dev "$interface"
			else
				# a gateway outside of the network that came with the address
				ip route replace "$1" via "$2" dev "$interface" 2>/dev/null || {
					ip route replace "$2" dev "$interface"
					ip route replace "$1" via "$2" dev "$interface"
				}
			fi
		fi
		shift 2
	done
}

dhcp_names() {
	[ -n "${dns:-}" ] || return 0
	{
		case ${search:-${domain:-}} in
		'' | *[!A-Za-z0-9._\ -]*) ;;
		*) printf 'search %s\n' "${search:-$domain}" ;;
		esac
		for server in $dns; do
			! dhcp_address "$server" || printf 'nameserver %s\n' "$server"
		done
	} >"$RESOLV.new" && mv "$RESOLV.new" "$RESOLV"
}

# dhcp_event bound|renew|deconfig|nak|leasefail
dhcp_event() {
	RESOLV=${RESOLV:-/etc/resolv.conf}
	case ${1:-} in
	bound | renew) ;;
	*) return 0 ;;
	esac
	dhcp_address "${ip:-}" || return 1
	case ${mask:-} in
	'' | *[!0-9]*) mask=32 ;;
	esac
	case ${mtu:-} in
	'' | *[!0-9]*) ;;
	*)
		# what the configuration says stands
		[ -n "${KEEP_MTU:-}" ] || [ "$mtu" -lt 576 ] || ip link set "$interface" mtu "$mtu"
		;;
	esac
	ip address add "$ip/$mask" broadcast + dev "$interface" 2>/dev/null || :
	dhcp_routes
	dhcp_names
}
