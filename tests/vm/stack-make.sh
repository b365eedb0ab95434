# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC1090,SC1091,SC2016,SC2034,SC2154,SC2317 # functions of the machine
#
# stack-make.sh - the machine before its crash: makes every kind of stack, and resolves
# a target on each
#
# Ends as a crash does: with file systems mounted and their journals not written out.

lib=/crashpipe/lib
self=resolve
settled=/out/settled

conf_get() {
	sed -n "s/^$1 //p" "$settled"
}

conf_target() {
	sed -n "s/^target $1 $2 //p" "$settled"
}

for name in say device stack route netline sshkey resolve; do
	. "$lib/$name.sh"
done

# the shell has an ip of its own, that of busybox
ip() {
	/usr/bin/ip "$@"
}

number=0

# target KIND SPEC [NAME VALUE]...
target() {
	number=$((number + 1))
	printf 'target %s kind %s\n' $number "$1"
	printf 'target %s spec %s\n' $number "$2"
	shift 2
	while [ $# -ge 2 ]; do
		printf 'target %s %s %s\n' $number "$1" "$2"
		shift 2
	done
} >>"$settled"

# mounted TYPE DEVICE PLACE [OPTIONS]: with a file that only the journal may have
mounted() {
	mkdir -p "$3"
	mount -t "$1" ${4:+-o "$4"} "$2" "$3" || return 1
	mkdir -p "$3/crash"
	echo before >"$3/crash/before"
	sync "$3/crash/before"
	target path "$3/crash" path /crash
}

lvm_quiet='global { locking_type = 1 } activation { udev_sync = 0 udev_rules = 0 monitoring = 0 }
	devices { obtain_device_list_from_udev = 0 } backup { backup = 0 archive = 0 }'
lvm_unchecked='global { thin_check_executable = "" }'

volumes() {
	mkdir -p /run/lvm /run/lock/lvm /etc/lvm
	lvm vgcreate --config "$lvm_quiet" -y my-vg "$(disk d1)" "$(disk d2)" &&
		lvm lvcreate --config "$lvm_quiet" -y -n cra-sh -l 90%FREE my-vg &&
		mkfs.ext4 -q /dev/my-vg/cra-sh && mounted ext4 /dev/my-vg/cra-sh /mnt/lvm
}

# what lvm does with more than a linear table
more_volumes() {
	mkdir -p /run/lvm /run/lock/lvm /etc/lvm
	lvm vgcreate --config "$lvm_quiet" -y vg3 "$(disk d10)" "$(disk d11)" &&
		lvm lvcreate --config "$lvm_quiet $lvm_unchecked" -y -T -L 64M -V 100M -n thin vg3/pool &&
		mkfs.ext4 -q -E nodiscard /dev/vg3/thin && mounted ext4 /dev/vg3/thin /mnt/thin || return 1
	lvm lvcreate --config "$lvm_quiet" -y --type raid1 -m 1 -L 32M -n mirror vg3 &&
		mkfs.ext4 -q /dev/vg3/mirror && mounted ext4 /dev/vg3/mirror /mnt/mirror
}

partitions() {
	sfdisk -q "$(disk d3)" <<-END
		label: gpt
		size=330M
		size=8M
	END
	mkfs.xfs -q "$(disk d3)1" && mounted xfs "$(disk d3)1" /mnt/xfs &&
		target raw "$(disk d3)2"
}

mirrors() {
	mkdir -p /run/lvm /run/lock/lvm /etc/lvm
	mdadm --create /dev/md5 --run --level=1 --metadata=1.2 --raid-devices=2 --assume-clean \
		"$(disk d4)" "$(disk d5)" && mkfs.ext4 -q /dev/md5 && mounted ext4 /dev/md5 /mnt/md
	# end of the disk, one half missing, and a volume on it
	mdadm --create /dev/md6 --run --level=1 --metadata=1.0 --raid-devices=2 --assume-clean \
		"$(disk d8)" missing && lvm vgcreate --config "$lvm_quiet" -y vg2 /dev/md6 &&
		lvm lvcreate --config "$lvm_quiet" -y -n lv -l 100%FREE vg2 &&
		mkfs.ext4 -q /dev/vg2/lv && mounted ext4 /dev/vg2/lv /mnt/lvm-md
}

btrfs_pair() {
	mkfs.btrfs -q -d raid1 -m raid1 --csum xxhash "$(disk d6)" "$(disk d7)" || return 1
	btrfs device scan >/dev/null
	mkdir -p /mnt/pool
	mount -t btrfs "$(disk d6)" /mnt/pool && btrfs subvolume create /mnt/pool/@ >/dev/null &&
		umount /mnt/pool && mounted btrfs "$(disk d6)" /mnt/btrfs subvol=@
}

more_disks() {
	mkfs.ext4 -q "$(disk scsi)" && mounted ext4 "$(disk scsi)" /mnt/scsi noatime
	target raw "$(disk nvme)"
	mkfs.ext4 -q "$(disk d9)" && target disk "$(disk d9)" fstype ext4 path /var/crash
}

# card MAC: its name
card() {
	for dir in /sys/class/net/*; do
		[ -d "$dir" ] || continue
		[ "$(cat "$dir/address" 2>/dev/null)" != "52:54:00:00:00:$1" ] || printf '%s\n' "${dir##*/}"
	done
}

networks() {
	ip link set lo up
	ip link set "$(card 10)" name lan0
	ip link set lan0 up
	. "$lib/dhcp.sh"
	printf '#!/bin/sh\n. %s/dhcp.sh\nRESOLV=/etc/resolv.conf\ndhcp_event "$1"\n' "$lib" >/run/script
	chmod 755 /run/script
	busybox udhcpc -i lan0 -s /run/script -n -p /run/udhcpc.lan0.pid
	ip link add bond7 type bond mode active-backup miimon 100
	for mac in 11 12; do
		name=$(card $mac)
		ip link set "$name" down
		ip link set "$name" name "port$mac"
		ip link set "port$mac" master bond7
	done
	ip link set bond7 mtu 1400 up
	ip link add link bond7 name trunk.7 type vlan id 7
	ip link set trunk.7 up
	ip address add 192.168.7.2/24 dev trunk.7
	ip link add br0 type bridge
	ip link set "$(card 14)" master br0
	ip link set "$(card 14)" up
	ip link set br0 up
	ip address add 10.0.3.15/24 dev br0
	ip route add 10.99.0.0/16 via 10.0.3.2
	for i in 1 2 3 4 5 6 7 8 9 10; do
		ip -6 address show dev lan0 | grep -q 'inet6 fd00.*global' && break
		sleep 0.5
	done
	target nfs 10.0.2.2:/srv path /crash
	target nfs '[fd00::2]:/srv' path /crash
	target nfs 192.168.7.1:/srv path /crash
	target nfs 10.99.1.1:/srv path /crash
	ip address
}

printf 'network auto\ndump_options -l -d 31\n' >"$settled"
read -r wanted </wanted
for each in $wanted; do
	"$each" || echo "$each: failed"
done
mkdir -p /out/resolved
resolve_config /out/resolved "$(uname -r)"
result=$?
cat /out/resolved/capture.conf
# as after a crash: nothing is unmounted
return $result
