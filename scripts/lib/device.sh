# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# device.sh - block devices by names that outlive a reboot; to be sourced
#
# Used on the running system and in the capture kernel, where there is no udev: so
# everything is read from sysfs and from the devices themselves. KDUMP_ROOT is put in
# front of /sys and /dev. Names are
#
#	UUID=U, LABEL=L        of a file system
#	PARTUUID=U             of a partition
#	DISK=ID[:PARTITION]    a disk by what it says of itself, or by where it is plugged in
#	MD=U                   an assembled md array
#	/dev/...               that node
#
# Where the numbers come from: ext4 Documentation/filesystems/ext4/super.rst (magic
# 0x438, UUID 0x468); xfs fs/xfs/libxfs/xfs_format.h (sb_uuid 32); btrfs
# fs/btrfs/disk-io.c and ctree.h (superblock at 64 KiB, fsid 0x20, magic 0x40, csum_type
# 0xc4); FAT fs/fat: vol_id 0x43 (FAT32), 0x27; GPT block/partitions/efi.h; md
# include/uapi/linux/raid/md_p.h. All Linux 6.1.

# device_hex FILE OFFSET COUNT: bytes as hexadecimal digits. The od of BusyBox reads all
# that it skips, dd does not.
device_hex() (
	digits=
	for byte in $(
		if [ "$2" -lt 131072 ]; then
			od -A n -v -t x1 -j "$2" -N "$3" "$1"
		else
			dd if="$1" bs=512 skip=$(($2 / 512)) count=$((($2 % 512 + $3 + 511) / 512)) |
				od -A n -v -t x1 -j $(($2 % 512)) -N "$3"
		fi 2>/dev/null
	); do
		digits=$digits$byte
	done
	printf '%s\n' "$digits"
)

# device_cut DIGITS OFFSET COUNT: of device_hex's digits those of COUNT bytes
device_cut() {
	printf '%s\n' "$1" | cut -c "$(($2 * 2 + 1))-$((($2 + $3) * 2))"
}

# device_has FILE OFFSET DIGITS: are these bytes there?
device_has() {
	[ "$(device_hex "$1" "$2" $((${#3} / 2)))" = "$3" ]
}

# device_swap DIGITS: the bytes in the opposite order
device_swap() (
	digits=$1 swapped=
	while [ -n "$digits" ]; do
		rest=${digits#??}
		swapped=${digits%"$rest"}$swapped
		digits=$rest
	done
	printf '%s\n' "$swapped"
)

# device_dashes DIGITS: 32 of them in the usual form of a UUID; none for zeros
device_dashes() {
	case $1 in
	00000000000000000000000000000000) ;;
	*) printf '%s\n' "$1" | sed -n 's/^\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)\(.\{12\}\)$/\1-\2-\3-\4-\5/p' ;;
	esac
}

# device_guid DIGITS: of a GUID, whose first three numbers are little-endian
device_guid() {
	device_dashes "$(device_swap "$(device_cut "$1" 0 4)")$(device_swap "$(device_cut "$1" 4 2)"
		)$(device_swap "$(device_cut "$1" 6 2)")$(device_cut "$1" 8 8)"
}

# device_uuid FILE TYPE: of the file system of that type there; nothing where it is not
device_uuid() (
	case $2 in
	ext2 | ext3 | ext4) device_has "$1" 1080 53ef && device_dashes "$(device_hex "$1" 1128 16)" ;;
	xfs) device_has "$1" 0 58465342 && device_dashes "$(device_hex "$1" 32 16)" ;;
	btrfs)
		device_has "$1" 65600 5f42485266535f4d && device_dashes "$(device_hex "$1" 65568 16)"
		;;
	vfat)
		if device_has "$1" 82 4641543332; then
			at=67
		elif device_has "$1" 54 46415431; then
			at=39
		else
			exit 1
		fi
		device_swap "$(device_hex "$1" "$at" 4)" | tr a-f A-F | sed 's/^..../&-/'
		;;
	*) exit 1 ;;
	esac
)

# device_type FILE: of what is there, as far as known here
device_type() (
	for type in ext4 xfs btrfs vfat; do
		device_uuid "$1" "$type" >/dev/null || continue
		printf '%s\n' "$type"
		exit
	done
	type=
	! device_has "$1" 0 4c554b53babe || type=LUKS
	! device_has "$1" 4086 53574150535041434532 || type=swap
	! device_has "$1" 512 4c4142454c4f4e45 || type=LVM
	! device_has "$1" 0 fc4e2ba9 || type='a part of an md array'
	! device_has "$1" 4096 fc4e2ba9 || type='a part of an md array'
	[ -z "$type" ] || printf '%s\n' "$type"
	[ -n "$type" ]
)

# device_is_ours FILE: does it begin with the header of dumpsend's raw target?
device_is_ours() {
	device_has "$1" 0 6372617368706970652064756d70
}

# device_is_blank FILE: does it begin with as many zeros as dumpsend wants, before it overwrites?
device_is_blank() {
	[ "$(head -c 262144 "$1" 2>/dev/null | tr -d '\000' | head -c 1 | wc -c)" -eq 0 ]
}

# device_node NAME: where the kernel's device of that name in /sys/class/block is found
device_node() {
	case $1 in
	*!*) printf '%s/dev/%s\n' "${KDUMP_ROOT:-}" "$(printf '%s' "$1" | tr ! /)" ;;
	*) printf '%s/dev/%s\n' "${KDUMP_ROOT:-}" "$1" ;;
	esac
}

# device_names: the devices that something can be on: with a size, and not a part of
# an assembled one
device_names() (
	for dir in "${KDUMP_ROOT:-}"/sys/class/block/*; do
		name=${dir##*/}
		case $name in
		loop* | ram* | sr* | fd[0-9]* | zram* | nbd*) continue ;;
		esac
		read -r size 2>/dev/null <"$dir/size" || continue
		[ "$size" -gt 0 ] 2>/dev/null || continue
		for holder in "$dir"/holders/*; do
			! { [ -e "$holder" ] || [ -L "$holder" ]; } || continue 2
		done
		printf '%s\n' "$name"
	done
)

# device_partuuid NAME: of a partition, from its disk's table; as the kernel and udev write it
device_partuuid() (
	dir=$(readlink -f "${KDUMP_ROOT:-}/sys/class/block/$1") || exit 1
	read -r number 2>/dev/null <"$dir/partition" || exit 1
	disk=$(device_node "$(basename "${dir%/*}")")
	read -r unit 2>/dev/null <"${dir%/*}/queue/logical_block_size" || unit=512
	if device_has "$disk" "$unit" 4546492050415254; then
		data=$(device_hex "$disk" "$unit" 92)
		first=$((0x$(device_swap "$(device_cut "$data" 72 8)")))
		count=$((0x$(device_swap "$(device_cut "$data" 80 4)")))
		size=$((0x$(device_swap "$(device_cut "$data" 84 4)")))
		# nothing sane is beyond these
		[ "$number" -ge 1 ] && [ "$number" -le "$count" ] && [ "$count" -le 65536 ] || exit 1
		[ "$first" -ge 2 ] && [ "$first" -lt 2147483648 ] || exit 1
		[ "$size" -ge 128 ] && [ "$size" -le 4096 ] || exit 1
		device_guid "$(device_hex "$disk" $((first * unit + (number - 1) * size + 16)) 16)"
		exit
	fi
	device_has "$disk" 510 55aa || exit 1
	data=$(device_hex "$disk" 440 4)
	[ "$data" != 00000000 ] || exit 1
	printf '%s-%02x\n' "$(device_swap "$data")" "$number"
)

# device_place DIRECTORY: a disk's place in sysfs, without what is numbered in the
# order in which things are found
device_place() {
	printf '%s\n' "${1#*/devices/}" | sed 's|/block/.*||
		s|/host[0-9]*||; s|/ata[0-9]*||; s|/target[0-9]*:|/target:|
		s|/[0-9]*:\([0-9]*:[0-9]*:[0-9]*\)$|/\1|; s|/virtio[0-9]*|/virtio|
		s|/nvme/nvme[0-9]*/nvme[0-9]*\(c[0-9]*\)*n|/nvme/n|; s|[^A-Za-z0-9/.:_-]|_|g'
}

# device_id NAME: DISK=... of a disk or a partition
device_id() (
	dir=$(readlink -f "${KDUMP_ROOT:-}/sys/class/block/$1") || exit 1
	part=
	if [ -e "$dir/partition" ]; then
		read -r part <"$dir/partition"
		dir=${dir%/*}
	fi
	id=
	for file in wwid device/wwid serial device/serial; do
		[ -r "$dir/$file" ] || continue
		id=$(tr -c 'A-Za-z0-9.:\n-' _ <"$dir/$file" 2>/dev/null | sed 's/__*/_/g; s/_$//; q')
		case $id in
		*[A-Za-z0-9]*) break ;;
		esac
		id=
	done
	[ -n "$id" ] || id=$(device_place "$dir")
	printf 'DISK=%s%s\n' "$id" "${part:+:$part}"
)

# device_md_uuid NAME: of an md array: in sysfs since Linux 6.14, before that from the
# superblock of one of its members
device_md_uuid() (
	dir=${KDUMP_ROOT:-}/sys/class/block/$1
	for member in "$dir"/slaves/*; do
		[ -e "$member" ] || continue
		uuid=$(device_member_uuid "${member##*/}") || continue
		printf '%s\n' "$uuid"
		exit
	done
	exit 1
)

# device_member NAME: format and offset of the md superblock on it, if it is a part of
# an array: 1.1 is at 0, 1.2 at 4 KiB, 1.0 and 0.90 near the end (sectors of 512)
device_member() (
	node=$(device_node "$1")
	read -r size 2>/dev/null <"${KDUMP_ROOT:-}/sys/class/block/$1/size" || exit 1
	[ "$size" -ge 256 ] 2>/dev/null || exit 1
	for at in 1.2:4096 1.1:0 "1.0:$(((size - 16) / 8 * 8 * 512))"; do
		device_has "$node" "${at#*:}" fc4e2ba901000000 || continue
		printf '%s %s\n' "${at%%:*}" "${at#*:}"
		exit
	done
	at=$(((size / 128 - 1) * 65536))
	device_has "$node" "$at" fc4e2ba900000000 && printf '0.90 %s\n' "$at"
)

# device_member_uuid NAME: of the md array that the device is a member of
device_member_uuid() (
	# shellcheck disable=SC2046  # words on purpose
	set -- "$(device_node "$1")" $(device_member "$1")
	case ${2:-} in
	1.*) uuid=$(device_hex "$1" $(($3 + 16)) 16) ;;
	0.90) uuid=$(device_hex "$1" $(($3 + 20)) 4)$(device_hex "$1" $(($3 + 52)) 12) ;;
	*) exit 1 ;;
	esac
	[ ${#uuid} -eq 32 ] && printf '%s\n' "$uuid"
)

# device_find NAME [TYPE]: the node that has that name now; TYPE, of the file system
# that is wanted, spares reading for others
device_find() (
	want=${1#*=} name=
	case $1 in
	/dev/*)
		[ -e "${KDUMP_ROOT:-}$1" ] || exit 1
		printf '%s\n' "${KDUMP_ROOT:-}$1"
		exit
		;;
	UUID=*)
		want=$(printf '%s' "$want" | tr A-F a-f)
		for name in $(device_names); do
			node=$(device_node "$name")
			for type in ${2:-ext4 xfs btrfs vfat}; do
				[ "$(device_uuid "$node" "$type" | tr A-F a-f)" != "$want" ] || break 2
			done
			name=
		done
		;;
	PARTUUID=*)
		want=$(printf '%s' "$want" | tr A-F a-f)
		for name in $(device_names); do
			[ "$(device_partuuid "$name")" != "$want" ] || break
			name=
		done
		;;
	DISK=*)
		for name in $(device_names); do
			[ "$(device_id "$name")" != "$1" ] || break
			name=
		done
		;;
	MD=*)
		for name in $(device_names); do
			case $name in
			md*) [ "$(device_md_uuid "$name")" != "$want" ] || break ;;
			esac
			name=
		done
		;;
	LABEL=*) name= ;;
	*) exit 1 ;;
	esac
	if [ -n "${name:-}" ]; then
		device_node "$name"
	elif [ -z "${KDUMP_ROOT:-}" ]; then
		# types that are not known here, and labels
		case $1 in
		UUID=* | LABEL=*) findfs "$1" 2>/dev/null ;;
		*) exit 1 ;;
		esac
	else
		exit 1
	fi
)
