# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2016,SC2034 # an inner shell expands
#
# stack-up.sh - the capture kernel of tests/vm/stack: brings every target up, as capture
# does, with nothing but busybox and our functions

lib=/crashpipe/lib
self=up
conf=/etc/crashpipe/capture.conf
device_wait=10 link_wait=10 lease_wait=20
export lib self conf device_wait link_wait lease_wait

# in_shell COMMAND ARGUMENT: each in a process of its own
in_shell() {
	sh -c '. "$lib/say.sh"; . "$lib/up-disk.sh"; . "$lib/up-net.sh"; "$@"' sh "$@"
}

value() {
	sed -n "s/^target $1 $2 //p" "$conf"
}

disk_target() {
	dir=/target/$1$(value "$1" dir)
	in_shell target_up "$1" && in_shell target_up "$1" || return 1
	if [ -e "/expect/before.$1" ] && [ "$(cat "$dir/before")" != before ]; then
		echo "what was written before the crash is not there"
		return 1
	fi
	mkdir -p "$dir" && echo dump >"$dir/dump" && in_shell target_down "$1" || return 1
	! grep -q " /target/$1 " /proc/mounts || return 1
	in_shell target_up "$1" && [ "$(cat "$dir/dump")" = dump ] && in_shell target_down "$1"
}

raw_target() {
	in_shell target_up "$1" || return 1
	node=$(in_shell device_of "$1") || return 1
	[ "$node" = "$(disk "$(cat "/expect/raw.$1")")$(cat "/expect/part.$1")" ]
}

# the other side of the bonded cards, in a network of its own
other_side() {
	name=$(grep -l 52:54:00:00:00:13 /sys/class/net/*/address | cut -d / -f 5)
	unshare -n sleep 1000 &
	sleep 0.5
	ip link set "$name" netns $!
	nsenter -t $! -n sh -c "ip link set $name up; ip link add link $name name v7 type vlan id 7
		ip address add 192.168.7.1/24 dev v7; ip link set v7 up"
}

net_target() {
	in_shell target_up "$1" && in_shell target_up "$1" || return 1
	read -r ping address <"/expect/ping.$1"
	for i in 1 2 3; do
		! $ping -c 1 -W 3 "$address" >/dev/null 2>&1 || return 0
	done
	echo "$address does not answer"
	ip address
	return 1
}

! grep -q 'net vlan' "$conf" || other_side
number=1
while [ -n "$(value $number kind)" ]; do
	echo "target $number: $(value $number shown)"
	read -r began _ </proc/uptime
	case $(value $number kind) in
	disk) disk_target $number ;;
	raw) raw_target $number ;;
	*) net_target $number ;;
	esac
	echo "$? $(cut -d ' ' -f 1 /proc/uptime) $began $(value $number shown)" >>/out/verdicts
	number=$((number + 1))
done
# fails TEXT DEVICE: it says why, and ends
fails() {
	printf 'target 99 %s\n' 'kind disk' 'needs disk' "device $2" 'fstype ext4' 'dir /' >>"$conf"
	in_shell target_up 99 >/tmp/why 2>&1
	[ $? -eq 1 ] && grep -q "$1" /tmp/why
	echo "$? 0 0 failure: $(cat /tmp/why)" >>/out/verdicts
	cat /tmp/why
	sed -i '/^target 99 /d' "$conf"
}

fails 'no such device after 10 seconds: there is .*vda' UUID=0badbad0-0000-0000-0000-000000000000
fails 'cannot be mounted: .*EXT4-fs (vda)' DISK=result
fails "no such device" /dev/nogroup/lv
free
ip address
ip route
