# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# netline.sh - the directive network: what the running system has, or what an
# administrator wrote in the words of the kernel's and dracut's command line; to be
# sourced after route.sh
#
# The words, as in the kernel's Documentation/admin-guide/nfs/nfsroot.rst and
# dracut.cmdline(7); IPv6 addresses stand in brackets:
#
#	ip=dhcp|on|any|auto6
#	ip=DEVICE:dhcp|on|any|auto6[:MTU]
#	ip=CLIENT:PEER:GATEWAY:NETMASK:HOSTNAME:DEVICE:none|off|dhcp|...[:MTU or DNS[:DNS]]
#	ifname=NAME:MAC
#	vlan=NAME:DEVICE
#	bond=NAME:PORT,PORT[:OPTION=VALUE,...[:MTU]]
#	bridge=NAME:PORT,PORT
#	nameserver=ADDRESS
#	rd.route=NETWORK/LENGTH:GATEWAY[:DEVICE]

# netline_to HOST NETWORK: lines as those of route_to
netline_to() {
	case $2 in
	'' | auto) route_to "$1" auto ;;
	static | dhcp) route_to "$1" "$2" ;;
	*)
		netline_address=$(route_addresses "$1" | head -n 1)
		if [ -z "$netline_address" ]; then
			say "$1: its address is not found: is there a network, and a name server?"
			return 4
		fi
		printf 'address %s\n' "$netline_address"
		[ "$2" = none ] || netline_words "$netline_address" "$2"
		;;
	esac
}

# netline_split TEXT: its fields between colons, a line each; those in brackets are whole
netline_split() {
	printf '%s\n' "$1" | awk '{
		field = ""
		for (i = 1; i <= length($0); i++) {
			c = substr($0, i, 1)
			if (c == "[")
				inside = 1
			else if (c == "]")
				inside = 0
			else if (c == ":" && !inside) {
				print field
				field = ""
			} else
				field = field c
		}
		print field
	}'
}

# netline_field TEXT NUMBER
netline_field() {
	netline_split "$1" | sed -n "$2p"
}

# netline_words ADDRESS TEXT: all words; a subshell, so that its names are its own
# shellcheck disable=SC2030
netline_words() (
	address=$1 words=$2
	# words, in which brackets are no patterns
	set -f
	# shellcheck disable=SC2086
	set -- $2
	set +f
	for word; do
		case $word in
		ip=* | ifname=* | vlan=* | bond=* | bridge=* | nameserver=* | rd.route=*) ;;
		*)
			say "network: '$word' is not known"
			exit 1
			;;
		esac
	done
	found=
	for word; do
		case $word in
		ip=*)
			netline_ip "${word#ip=}" || exit 1
			found=yes
			;;
		esac
	done
	if [ -z "$found" ]; then
		say "network $words: no ip= in it"
		exit 1
	fi
	for word; do
		case $word in
		nameserver=*) netline_server "$(netline_split "${word#*=}" | head -n 1)" || exit 1 ;;
		rd.route=*) netline_route "${word#*=}" || exit 1 ;;
		esac
	done
	case " $words " in
	*' nameserver='*) ;;
	*) route_names ;;
	esac
)

netline_server() {
	case $1 in
	*[!0-9A-Fa-f.:]* | '')
		say "network: nameserver '$1': not an address"
		return 1
		;;
	esac
	printf 'conf net nameserver %s\n' "$1"
}

# netline_word NAME DEVICE: the value of the word NAME= that is about the device
netline_word() (
	set -f
	# shellcheck disable=SC2031  # of netline_words, in which this runs
	for word in $words; do
		case $word in
		"$1=$2:"*)
			printf '%s\n' "${word#*=}"
			exit
			;;
		esac
	done
	exit 1
)

# netline_device NAME: it and all under it, as the words say, or as it is here
netline_device() (
	case $1 in
	*[!A-Za-z0-9._@-]* | '' | ?????????????????*)
		say "network: '$1': not the name of a network device"
		exit 1
		;;
	esac
	if text=$(netline_word ifname "$1"); then
		netline_card "$1" "$(printf '%s' "${text#*:}" | tr A-F a-f)"
	elif text=$(netline_word bond "$1"); then
		netline_bond "$1" "$text"
	elif text=$(netline_word bridge "$1"); then
		ports=$(netline_field "$text" 2 | tr , ' ')
		netline_ports "$1" "$ports" || exit 1
		printf 'module bridge\nconf net bridge %s ports %s\n' "$1" "$ports"
	elif text=$(netline_word vlan "$1"); then
		parent=$(netline_field "$text" 2)
		id=$(printf '%s\n' "$1" | sed -n 's/^\(vlan\|.*\.\)0*\([0-9][0-9]*\)$/\2/p')
		if [ -z "$id" ] || [ "$id" -gt 4094 ]; then
			say "network: vlan=$text: no number at the end of $1"
			exit 1
		fi
		netline_device "$parent" || exit 1
		printf 'module 8021q\nconf net vlan %s link %s id %s\n' "$1" "$parent" "$id"
	elif [ -e "${KDUMP_ROOT:-}/sys/class/net/$1" ]; then
		route_device "$1"
	else
		say "network: $1: no such device, and no ifname=$1:MAC"
		exit 1
	fi
)

# netline_card NAME MAC: one that is called otherwise here
netline_card() {
	for dir in "${KDUMP_ROOT:-}"/sys/class/net/*; do
		[ -e "$dir/device" ] || [ "$(route_kind "${dir##*/}")" = veth ] || continue
		[ "$(route_mac "${dir##*/}")" = "$2" ] || continue
		route_card "${dir##*/}" | sed "s/^conf net link [^ ]* /conf net link $1 /"
		return
	done
	say "network: ifname=$1:$2: no card here has that address"
	return 1
}

# netline_ports NAME LIST
netline_ports() {
	if [ -z "$2" ]; then
		say "network: $1: no ports"
		return 1
	fi
	for port in $2; do
		netline_device "$port" || return 1
	done
}

# netline_bond NAME TEXT
netline_bond() {
	ports=$(netline_field "$2" 2 | tr , ' ')
	netline_ports "$1" "$ports" || return 1
	mode=balance-rr options=
	for option in $(netline_field "$2" 3 | tr ',[]*?' ' ____'); do
		case $option in
		*[!a-zA-Z0-9_=.+-]* | =* | *=)
			say "network: bond=$2: '$option'"
			return 1
			;;
		mode=*) mode=${option#*=} ;;
		*=*) options="$options ${option%%=*} ${option#*=}" ;;
		esac
	done
	printf 'module bonding\nconf net bond %s mode %s%s ports %s\n' "$1" "$mode" "$options" "$ports"
	mtu=$(netline_field "$2" 4)
	netline_mtu "$1" "$mtu"
}

netline_mtu() {
	case $2 in
	'') ;;
	*[!0-9]*)
		say "network: $1: MTU '$2'"
		return 1
		;;
	*) printf 'conf net mtu %s %s\n' "$1" "$2" ;;
	esac
}

# netline_here: the device over which the server is reached now
netline_here() {
	# shellcheck disable=SC2031  # of netline_words, in which this runs
	if ! way=$(route_get "$address"); then
		say "network: $address: $way: name the device in ip="
		return 1
	fi
	printf '%s\n' "${way%% *}"
}

# netline_length NETMASK: as a number of bits
netline_length() {
	case $1 in
	*.*.*.*)
		printf '%s\n' "$1" | awk -F . '{
			for (i = 1; i <= 4; i++)
				for (bit = 128; bit >= 1; bit /= 2)
					if (int($i / bit) % 2) {
						if (gap) exit
						n++
					} else
						gap = 1
			print n + 0
		}'
		;;
	*[!0-9]*) ;;
	*) printf '%s\n' "$1" ;;
	esac
}

# netline_ip TEXT: the value of one ip=
netline_ip() (
	case $1 in
	dhcp | on | any | both | auto6 | dhcp6 | ra)
		device=$(netline_here) || exit 1
		netline_device "$device" && netline_method "$device" "$1"
		exit
		;;
	esac
	one=$(netline_field "$1" 1) two=$(netline_field "$1" 2)
	case $two in
	dhcp | on | any | both | auto6 | dhcp6 | ra)
		netline_device "$one" && netline_mtu "$one" "$(netline_field "$1" 3)" &&
			netline_method "$one" "$two"
		exit
		;;
	esac
	netline_static "$1" "$one" "$two"
)

# netline_method DEVICE WORD
netline_method() {
	case $2 in
	dhcp | on | any | both) printf 'module af_packet?\nconf net dhcp %s\n' "$1" ;;
	auto6 | ra) printf 'module ipv6?\nconf net slaac %s\n' "$1" ;;
	dhcp6)
		say "network: dhcp6 is not possible in the capture kernel: give the address, or auto6"
		return 1
		;;
	esac
}

# netline_static TEXT CLIENT PEER
netline_static() {
	gateway=$(netline_field "$1" 3)
	netmask=$(netline_field "$1" 4)
	device=$(netline_field "$1" 6)
	method=$(netline_field "$1" 7)
	more=$(netline_field "$1" 8)
	[ -n "$device" ] || device=$(netline_here) || return 1
	netline_device "$device" || return 1
	case $more in
	'') ;;
	*[.:]*) netline_server "$more" || return 1 ;;
	*) netline_mtu "$device" "$more" || return 1 ;;
	esac
	more=$(netline_field "$1" 9)
	case $more in
	*.*) netline_server "$more" || return 1 ;;
	esac
	case $method in
	'' | none | off) ;;
	*)
		netline_method "$device" "$method" || return 1
		[ -n "$2" ] || return 0
		;;
	esac
	for text in "$2" "$3" "$gateway"; do
		if [ -n "$text" ] && ! route_is_address "$text"; then
			say "network: ip=$1: '$text' is not an address"
			return 1
		fi
	done
	length=$(netline_length "$netmask")
	[ -n "$netmask" ] || case $2 in
	*:*) length=64 ;;
	*) length=32 ;;
	esac
	if [ -z "$2" ] || [ -z "$length" ] || [ "$length" -gt 128 ]; then
		say "network: ip=$1: needs an address and a netmask"
		return 1
	fi
	case $2 in
	*:*) printf 'module ipv6?\n' ;;
	esac
	printf 'conf net address %s %s/%s\n' "$device" "$2" "$length"
	[ -n "$netmask" ] || [ -z "$3" ] || printf 'conf net route %s %s\n' "$device" "$3"
	[ -n "$gateway" ] || return 0
	case $2 in
	*:*) ;;
	*) route_in "$2/$length" "$gateway" || printf 'conf net route %s %s\n' "$device" "$gateway" ;;
	esac
	printf 'conf net route %s default via %s\n' "$device" "$gateway"
}

# netline_route NETWORK/LENGTH:GATEWAY[:DEVICE]
netline_route() {
	network=$(netline_field "$1" 1)
	gateway=$(netline_field "$1" 2)
	device=$(netline_field "$1" 3)
	[ -n "$device" ] || device=$(netline_here) || return 1
	if ! route_is_address "${network%/*}" || ! route_is_address "$gateway"; then
		say "network: rd.route=$1: not NETWORK/LENGTH:GATEWAY"
		return 1
	fi
	printf 'conf net route %s %s via %s\n' "$device" "$network" "$gateway"
}
