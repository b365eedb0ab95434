# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# route.sh - the way from here to a server, as it can be set up again in the capture
# kernel; to be sourced after say.sh and stack.sh
#
# The functions print lines as those of stack.sh do: "conf net ...", "module NAME". What
# cannot be set up there is refused with a message and status 1; status 4 is for what may
# work later (a name that is not found, no route). KDUMP_ROOT is put in front of /sys,
# /proc, /etc and /run; ip(8) is asked as it is.

# route_is_address TEXT
route_is_address() {
	case $1 in
	'') return 1 ;;
	*:*) return 0 ;;
	*[!0-9.]*) return 1 ;;
	*.*.*.*) return 0 ;;
	*) return 1 ;;
	esac
}

# route_addresses HOST: its addresses, best first
route_addresses() {
	if route_is_address "$1"; then
		printf '%s\n' "$1"
	elif command -v getent >/dev/null; then
		getent ahosts "$1" | awk '$2 == "STREAM" && !seen[$1]++ { print $1 }'
	else
		nslookup "$1" 2>/dev/null | sed '1,/^Name:/d' | sed -n 's/^Address[^:]*: *\([^ ]*\).*/\1/p'
	fi
}

# route_field NAME LINE: the word behind NAME in what ip prints
route_field() {
	printf ' %s \n' "$2" | sed -n "s/.* $1 \([^ ]*\) .*/\1/p"
}

# route_get ADDRESS: "DEVICE SOURCE [GATEWAY]"; words on standard output and status 1
# where there is no way
route_get() (
	if ! line=$(ip -o route get "${1%%%*}" ${2:+dev "$2"} 2>&1); then
		printf 'no route: %s\n' "$line"
		exit 1
	fi
	line=$(printf '%s' "$line" | tr '\\\n' '  ')
	case " $line " in
	' local '* | *' dev lo '*)
		printf 'is this machine itself\n'
		exit 1
		;;
	*' unreachable '* | *' prohibit '* | *' blackhole '*)
		printf 'no route: %s\n' "$line"
		exit 1
		;;
	esac
	printf '%s %s %s\n' "$(route_field dev "$line")" "$(route_field src "$line")" \
		"$(route_field via "$line" | sed 's/^inet6$//')"
)

# route_kind NAME: physical, vlan, bond, bridge, veth, or what else it is
route_kind() (
	dir=${KDUMP_ROOT:-}/sys/class/net/$1
	kind=$(sed -n 's/^DEVTYPE=//p' "$dir/uevent" 2>/dev/null)
	if [ -e "$dir/wireless" ] || [ -e "$dir/phy80211" ] || [ "$kind" = wlan ]; then
		echo wireless
	elif [ -e "$dir/device" ]; then
		echo physical
	elif [ -d "$dir/bonding" ]; then
		echo bond
	elif [ -d "$dir/bridge" ]; then
		echo bridge
	elif [ "$kind" = vlan ] || [ -e "${KDUMP_ROOT:-}/proc/net/vlan/$1" ]; then
		echo vlan
	else
		# what ip(8) says of its kind stands behind the promiscuity
		line=$(ip -d -o link show dev "$1" 2>/dev/null)
		for kind in team veth tun macvlan ipvlan wireguard openvswitch dummy vxlan gre vrf; do
			case " $line " in
			*" $kind "* | *\\"$kind "*)
				echo "$kind"
				exit
				;;
			esac
		done
		route_is_pair "$dir" && echo veth || echo virtual
	fi
)

# route_is_pair DIRECTORY: Ethernet without hardware whose other end is not in sight: a
# veth, for an ip(8) that does not tell
route_is_pair() {
	[ "$(cat "$1/type" 2>/dev/null)" = 1 ] &&
		[ "$(cat "$1/iflink" 2>/dev/null)" != "$(cat "$1/ifindex" 2>/dev/null)" ] || return 1
	for lower in "$1"/lower_*; do
		! { [ -e "$lower" ] || [ -L "$lower" ]; } || return 1
	done
}

# route_mac NAME: the card's own address: a bond gives its ports another
route_mac() (
	dir=${KDUMP_ROOT:-}/sys/class/net/$1
	mac=
	[ ! -r "$dir/bonding_slave/perm_hwaddr" ] || mac=$(cat "$dir/bonding_slave/perm_hwaddr")
	[ -n "$mac" ] || mac=$(route_field permaddr "$(ip -o link show dev "$1" 2>/dev/null)")
	[ -n "$mac" ] || mac=$(cat "$dir/address")
	printf '%s\n' "$mac" | tr A-F a-f
)

# route_card NAME: a physical one
route_card() {
	card=${KDUMP_ROOT:-}/sys/class/net/$1
	mac=$(route_mac "$1") || return 1
	case $mac in
	??:??:??:??:??:??) ;;
	*)
		say "$1: hardware address $mac: only Ethernet is possible for the way to a server"
		return 1
		;;
	esac
	printf 'conf net link %s mac %s\n' "$1" "$mac"
	[ ! -e "$card/device" ] || stack_drivers "$(readlink -f "$card/device")" | sed '
		p
		s/^module mlx4_core\(?*\)$/module mlx4_en\1/p
		d'
	[ ! -e "$card/phydev" ] || stack_drivers "$(readlink -f "$card/phydev")"
}

# route_lower NAME: the devices right under it
route_lower() {
	for lower in "${KDUMP_ROOT:-}/sys/class/net/$1"/lower_*; do
		if [ -e "$lower" ] || [ -L "$lower" ]; then
			printf '%s\n' "${lower##*/lower_}"
		fi
	done
}

# route_bond NAME: the options that decide who sends; a value of the kernel's is
# followed by its number
route_bond() (
	dir=${KDUMP_ROOT:-}/sys/class/net/$1/bonding
	read -r mode _ <"$dir/mode" || exit 1
	line="conf net bond $1 mode $mode"
	for option in miimon updelay downdelay arp_interval arp_ip_target lacp_rate \
		ad_select xmit_hash_policy fail_over_mac all_slaves_active primary; do
		value=
		[ ! -r "$dir/$option" ] || read -r value _ 2>/dev/null <"$dir/$option" || :
		case $option=$value in
		*= | *=0 | lacp_rate=slow | ad_select=stable | xmit_hash_policy=layer2 | fail_over_mac=none) ;;
		*) line="$line $option $value" ;;
		esac
	done
	ports=
	read -r slaves <"$dir/slaves" || slaves=
	for port in $slaves; do
		route_device "$port" || exit 1
		ports="$ports $port"
	done
	if [ -z "$ports" ]; then
		say "$1: a bond without ports"
		exit 1
	fi
	printf 'module bonding\n%s ports%s\n' "$line" "$ports"
)

# route_bridge NAME: with those ports that lead out of the machine
route_bridge() (
	ports=
	for port in $(route_lower "$1"); do
		case $(route_kind "$port") in
		physical | bond | vlan)
			route_device "$port" || exit 1
			ports="$ports $port"
			;;
		esac
	done
	if [ -z "$ports" ]; then
		say "$1: a bridge without a network card"
		exit 1
	fi
	printf 'module bridge\nconf net bridge %s ports%s\n' "$1" "$ports"
)

route_vlan() (
	parent=$(route_lower "$1" | head -n 1)
	id=$(sed -n 's/.*VID: \([0-9]*\).*/\1/p' "${KDUMP_ROOT:-}/proc/net/vlan/$1" 2>/dev/null)
	[ -n "$id" ] || id=$(route_field id "$(ip -d -o link show dev "$1" 2>/dev/null)")
	if [ -z "$parent" ] || [ -z "$id" ]; then
		say "$1: a VLAN whose card or number is not known"
		exit 1
	fi
	route_device "$parent" || exit 1
	printf 'module 8021q\nconf net vlan %s link %s id %s\n' "$1" "$parent" "$id"
)

# route_device NAME: it and all under it
route_device() (
	case $1 in
	*[!A-Za-z0-9._:@-]* | '')
		say "'$1': not the name of a network device"
		exit 1
		;;
	esac
	kind=$(route_kind "$1")
	case $kind in
	physical | veth) route_card "$1" || exit 1 ;;
	bond) route_bond "$1" || exit 1 ;;
	bridge) route_bridge "$1" || exit 1 ;;
	vlan) route_vlan "$1" || exit 1 ;;
	team)
		say "$1: a team device needs its daemon: not possible in the capture kernel: use a" \
			"bond, or give network ip=... for one of its cards"
		exit 1
		;;
	*)
		say "$1: the way to the server goes over a $kind device: not possible in the" \
			"capture kernel: give network ip=... for a card"
		exit 1
		;;
	esac
	read -r mtu 2>/dev/null <"${KDUMP_ROOT:-}/sys/class/net/$1/mtu" || mtu=1500
	[ "$mtu" = 1500 ] || printf 'conf net mtu %s %s\n' "$1" "$mtu"
)

# route_address DEVICE ADDRESS: the line of ip(8) about that address of the device
route_address() {
	ip -o address show dev "$1" 2>/dev/null |
		awk -v a="$2" '{ split($4, part, "/"); if (part[1] == a) { print; exit } }'
}

# route_default DEVICE GATEWAY: is it the default route?
route_default() {
	case $2 in
	*:*) ip -6 -o route show default 2>/dev/null ;;
	*) ip -4 -o route show default 2>/dev/null ;;
	esac | grep -q "^default .*via $2 .*dev $1 "
}

# route_static DEVICE SOURCE ADDRESS [GATEWAY]
route_static() (
	line=$(route_address "$1" "$2")
	local=$(printf '%s\n' "$line" | awk '{ for (i = 3; i < NF; i++) if ($i ~ /^inet/) print $(i + 1) }')
	peer=$(route_field peer "$line")
	if [ -z "$local" ]; then
		say "$1: has no address $2"
		exit 1
	fi
	case $local in
	*/*) ;;
	*:*) local=$local/128 ;;
	*) local=$local/32 ;;
	esac
	case $local in
	fe80:*) ;;
	*) printf 'conf net address %s %s\n' "$1" "$local" ;;
	esac
	[ -z "$peer" ] || printf 'conf net route %s %s\n' "$1" "${peer%/*}"
	if [ -n "$4" ]; then
		route_in "$local" "$4" || printf 'conf net route %s %s\n' "$1" "$4"
		if route_default "$1" "$4"; then
			printf 'conf net route %s default via %s\n' "$1" "$4"
		else
			printf 'conf net route %s %s via %s\n' "$1" "$3" "$4"
		fi
	elif ! route_in "$local" "$3"; then
		printf 'conf net route %s %s\n' "$1" "$3"
	fi
)

# route_in ADDRESS/LENGTH OTHER: is the other in that network? IPv6: by the kernel's own
# answer, and link-local is
route_in() (
	case $2 in
	fe80:*) exit 0 ;;
	*:*)
		ip -6 -o route get "$2" 2>/dev/null | grep -q ' via ' && exit 1
		[ "${1#*/}" != 128 ]
		exit
		;;
	esac
	length=${1#*/}
	mask=$((length == 0 ? 0 : (0xffffffff << (32 - length)) & 0xffffffff))
	a=$(route_number "${1%/*}") b=$(route_number "$2")
	[ $((a & mask)) -eq $((b & mask)) ]
)

# route_number ADDRESS: an IPv4 address as a number
route_number() {
	printf '%s\n' "$1" | awk -F . '{ printf "%.0f\n", $1 * 16777216 + $2 * 65536 + $3 * 256 + $4 }'
}

# route_dynamic DEVICE SOURCE: slaac, dhcp6 or dhcp, or nothing for a static address
route_dynamic() (
	line=$(route_address "$1" "$2")
	case $line in
	*' inet6 '*' mngtmpaddr'* | *' inet6 '*'proto kernel_ra'* | *' inet6 '*'temporary'*) echo slaac ;;
	*' inet6 '*'/128 '*' dynamic'*) echo dhcp6 ;;
	*' inet6 '*' dynamic'*) echo slaac ;;
	*' inet '*' dynamic'*) echo dhcp ;;
	*' inet '*) route_leased "$1" && echo dhcp ;;
	esac
)

# route_leased DEVICE: a DHCP client that gives its addresses no end, as BusyBox's
route_leased() (
	for file in "${KDUMP_ROOT:-}"/run/udhcpc."$1".pid "${KDUMP_ROOT:-}"/var/run/udhcpc."$1".pid \
		"${KDUMP_ROOT:-}"/run/dhclient."$1".pid; do
		[ -r "$file" ] && read -r pid 2>/dev/null <"$file" && [ -d "/proc/$pid" ] && exit 0
	done
	exit 1
)

# route_names: conf lines for the name servers that can be reached from there
route_names() (
	file=${KDUMP_ROOT:-}/etc/resolv.conf
	if grep -q '^nameserver *127\.0\.0\.5[34]' "$file" 2>/dev/null; then
		file=${KDUMP_ROOT:-}/run/systemd/resolve/resolv.conf
	fi
	[ -r "$file" ] || exit 0
	sed -n 's/#.*//; s/^nameserver[ 	][ 	]*\([0-9A-Fa-f.:%a-z]*\).*/conf net nameserver \1/p
		s/^\(search\|domain\)[ 	][ 	]*\([A-Za-z0-9._ -]*\).*/conf net search \2/p' "$file" |
		grep -v -e ' nameserver 127\.' -e ' nameserver ::1$'
	exit 0
)

# route_to HOST HOW: all that is needed to reach HOST. HOW is auto, static or dhcp; the
# first line is "address ADDRESS"
route_to() (
	addresses=$(route_addresses "$1")
	if [ -z "$addresses" ]; then
		say "$1: its address is not found: is there a network, and a name server?"
		exit 4
	fi
	for address in $addresses; do
		if way=$(route_get "$address" "$(printf '%s\n' "$address" | sed -n 's/.*%//p')"); then
			break
		fi
		refused=$way way=
	done
	if [ -z "$way" ]; then
		say "$1: $refused"
		case $refused in
		'is this machine itself') exit 1 ;;
		esac
		exit 4
	fi
	# shellcheck disable=SC2086  # words on purpose
	set -- "$1" "$2" "$address" $way
	device=$4 source=${5:-} gateway=${6:-}
	printf 'address %s\n' "$address"
	route_device "$device" || exit 1
	case $address in
	*:*) printf 'module ipv6?\n' ;;
	esac
	method=$(route_dynamic "$device" "$source")
	case $2 in
	static) method= ;;
	dhcp)
		case $address in
		*:*) ;;
		*) method=dhcp ;;
		esac
		;;
	esac
	case $method in
	dhcp)
		printf 'module af_packet?\nconf net dhcp %s\n' "$device"
		# for when no server answers: what it has given until now
		local=$(route_field inet "$(route_address "$device" "$source")")
		[ -z "$local" ] || printf 'conf net last %s %s%s\n' "$device" "$local" \
			"${gateway:+ via $gateway}"
		;;
	slaac) printf 'conf net slaac %s\n' "$device" ;;
	*) route_static "$device" "$source" "${address%%%*}" "$gateway" || exit 1 ;;
	esac
	route_names
)
