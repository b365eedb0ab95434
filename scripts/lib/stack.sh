# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# stack.sh - what lies under a folder or a device of the running system; to be sourced
# after say.sh and device.sh
#
# The functions print what the capture kernel needs, a line each, lowest first:
#
#	conf LINE        for capture.conf
#	module NAME      name? means: if this kernel has it
#	program FILE
#
# What cannot be a target is refused with a message, and the status is 1. KDUMP_ROOT is
# put in front of /proc, /sys, /dev and /run.

# stack_escape: a path on standard input as /proc/self/mountinfo writes it
stack_escape() {
	sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g'
}

# stack_unescape TEXT
stack_unescape() {
	printf '%b\n' "$1"
}

# stack_real FOLDER: without links, also where its last parts do not exist yet
stack_real() (
	path=${1%/} rest=
	while [ -n "$path" ] && [ ! -e "${KDUMP_ROOT:-}$path" ]; do
		rest=/${path##*/}$rest
		path=${path%/*}
	done
	real=$(readlink -f "${KDUMP_ROOT:-}${path:-/}") || exit 1
	case ${KDUMP_ROOT:-} in
	?*) real=${real#"$(readlink -f "$KDUMP_ROOT")"} ;;
	esac
	real=${real%/}$rest
	printf '%s\n' "${real:-/}"
)

# stack_mount FOLDER: MAJOR:MINOR ROOT POINT TYPE SOURCE OPTIONS of the mount it is on,
# escaped as in mountinfo (proc(5))
stack_mount() {
	folder=$(printf '%s\n' "$1" | stack_escape) awk '
		$5 == ENVIRON["folder"] || $5 == "/" || index(ENVIRON["folder"], $5 "/") == 1 {
			if (length($5) < best) next
			best = length($5)
			for (i = 7; i < NF && $i != "-"; i++);
			found = $3 " " $4 " " $5 " " $(i + 1) " " $(i + 2) " " $6 "," $(i + 3)
		}
		END { if (found == "") exit 1; print found }' "${KDUMP_ROOT:-}/proc/self/mountinfo"
}

# stack_mounted MAJOR:MINOR: its first mount point, if it has one
stack_mounted() {
	awk -v id="$1" '$3 == id { print $5; found = 1; exit } END { exit !found }' \
		"${KDUMP_ROOT:-}/proc/self/mountinfo"
}

# stack_known_options MAJOR:MINOR TYPE: options with which the device is mounted now, if
# it is; a btrfs has no number of its own, and is known by its device's name
stack_known_options() (
	for name in $(stack_links "$1"); do
		awk -v id="$1" -v node="$name" '{
			for (i = 7; i < NF && $i != "-"; i++);
			if ($3 == id || $(i + 2) == node) { print $6 "," $(i + 3); exit }
		}' "${KDUMP_ROOT:-}/proc/self/mountinfo"
	done | head -n 1
)

# stack_links MAJOR:MINOR: the names under which it may stand in mountinfo
stack_links() (
	name=$(basename "$(stack_directory "$1")")
	printf '/dev/%s\n' "$(printf '%s' "$name" | tr ! /)"
	read -r title 2>/dev/null <"${KDUMP_ROOT:-}/sys/class/block/$name/dm/name" &&
		printf '/dev/mapper/%s\n' "$title"
	exit 0
)

# stack_options TYPE OPTIONS: those that decide whether, and what, is mounted. Others
# are tuning, and one that the capture kernel did not know would lose the dump.
stack_options() (
	kept=
	set -f
	IFS=,
	for option in $2; do
		case $1:$option in
		*:nosuid | *:nodev | *:noexec | *:noatime | *:nodiratime) ;;
		btrfs:subvol=*) ;;
		ext[34]:data=*) ;;
		xfs:nouuid | xfs:*quota | xfs:uqnoenforce | xfs:gqnoenforce | xfs:pqnoenforce) ;;
		vfat:codepage=* | vfat:iocharset=* | vfat:utf8* | vfat:uid=* | vfat:gid=*) ;;
		*) continue ;;
		esac
		[ "$option" != noquota ] || continue
		case ,$kept, in
		*",$option,"*) ;;
		*) kept=${kept:+$kept,}$option ;;
		esac
	done
	printf '%s\n' "$kept"
)

# stack_fs TYPE OPTIONS NODE: modules of a file system, with those it asks for by itself
stack_fs() {
	case $1 in
	ext2 | ext3 | ext4)
		printf 'module %s?\n' ext4 "$1" crc32c_generic
		;;
	xfs) printf 'module %s\n' xfs 'crc32c_generic?' ;;
	btrfs)
		printf 'module %s\n' btrfs 'crc32c_generic?' 'crc32c_cryptoapi?'
		# its checksums: 0 crc32c, 1 xxhash64, 2 sha256, 3 blake2b
		case $(device_hex "$3" 65732 2) in
		0000) ;;
		0100) printf 'module %s\n' 'xxhash_generic?' ;;
		0200) printf 'module %s\n' 'sha256_generic?' 'sha256?' ;;
		0300) printf 'module %s\n' 'blake2b_generic?' 'blake2b?' ;;
		*) printf 'module %s\n' 'xxhash_generic?' 'sha256_generic?' 'blake2b_generic?' ;;
		esac
		;;
	vfat)
		printf 'module %s\n' vfat
		printf '%s\n' "$2" | tr , '\n' | sed -n '
			s/^codepage=\([0-9]*\)$/module nls_cp\1?/p
			s/^iocharset=iso8859-\([0-9]*\)$/module nls_iso8859_\1?/p
			s/^iocharset=\([a-z0-9]*\)$/module nls_\1?/p'
		;;
	virtiofs)
		printf 'module %s\n' virtiofs
		for dir in "${KDUMP_ROOT:-}"/sys/bus/virtio/drivers/virtiofs/virtio*; do
			[ ! -e "$dir" ] || stack_drivers "$(readlink -f "$dir")"
		done
		;;
	minix | f2fs | exfat | jfs | nilfs2) printf 'module %s\n' "$1" 'crc32_generic?' ;;
	*)
		say "file system $1: not possible as a target"
		return 1
		;;
	esac
	! grep -q '^quota_v2 ' "${KDUMP_ROOT:-}/proc/modules" 2>/dev/null ||
		printf 'module quota_v2?\n'
}

# stack_drivers DIRECTORY: modules of all drivers from a device in /sys/devices upwards. Since
# Linux 6.12 at the latest built-in drivers have a link to a module, too, and those that
# can be nothing but built in are in no list of modules (pcieport: pcieportdrv). Only what
# was loaded has a state there.
stack_drivers() (
	dir=$1
	while [ -n "$dir" ] && [ "${dir##*/}" != devices ]; do
		if [ -e "$dir/driver/module" ]; then
			module=$(readlink -f "$dir/driver/module")
			[ -e "$module/initstate" ] || module="$module?"
			printf 'module %s\n' "${module##*/}"
		fi
		dir=${dir%/*}
	done
)

# stack_disk NAME DIRECTORY: a disk that has no others under it
stack_disk() (
	case $1 in
	loop* | zram* | ram* | pmem* | nbd* | rbd* | drbd* | bcache* | zd[0-9]*)
		say "$1: not possible as a target: choose a disk, or a server"
		exit 1
		;;
	esac
	case $2 in
	*/session[0-9]*)
		say "$1: an iSCSI disk: not possible as a target: choose a local disk, or nfs or ssh"
		exit 1
		;;
	*/nvme-subsystem/* | */virtual/nvme-fabrics/*)
		for link in "${2%/*}"/nvme[0-9]*; do
			[ -r "$link/transport" ] || continue
			read -r transport <"$link/transport"
			if [ "$transport" != pcie ]; then
				say "$1: NVMe over $transport: not possible as a target: choose a local disk," \
					'or nfs or ssh'
				exit 1
			fi
			stack_drivers "$(readlink -f "$link")"
		done
		exit
		;;
	esac
	stack_drivers "$2"
	case $1 in
	sd*) printf 'module sd_mod?\n' ;;
	esac
)

# stack_md NAME DIRECTORY
stack_md() {
	read -r level 2>/dev/null <"$2/md/level" || level=
	read -r format 2>/dev/null <"$2/md/metadata_version" || format=
	case $format in
	external:*)
		say "$1: its format ($format) needs a program that manages it: not possible as a target"
		return 1
		;;
	esac
	uuid=$(device_md_uuid "$1")
	if [ -z "$uuid" ]; then
		say "$1: its UUID cannot be read from a member"
		return 1
	fi
	printf 'module md_mod\n'
	case $level in
	raid4 | raid5 | raid6) printf 'module raid456\n' ;;
	raid0 | raid1 | raid10 | linear) printf 'module %s\n' "$level" ;;
	*)
		say "$1: level ${level:-unknown}: not possible as a target"
		return 1
		;;
	esac
	printf 'conf bring md %s\n' "$uuid"
}

# stack_targets NAME: modules for the kinds of mapping in a device-mapper table
stack_targets() {
	printf 'module dm_mod\n'
	dmsetup table "$1" 2>/dev/null | cut -d ' ' -f 3 | sort -u | while read -r kind; do
		case $kind in
		linear | striped | error | zero) ;;
		raid) printf 'module %s\n' dm_raid raid0? raid1? raid10? raid456? ;;
		thin | thin-pool) printf 'module dm_thin_pool\n' ;;
		cache) printf 'module %s\n' dm_cache 'dm_cache_smq?' ;;
		snapshot*) printf 'module dm_snapshot\n' ;;
		mirror) printf 'module %s\n' dm_mirror dm_log ;;
		*) printf 'module dm_%s?\n' "$kind" | tr - _ ;;
		esac
	done
}

# stack_lvm NAME: VG/LV of a name in which device mapper has joined them by a dash, and
# doubled their own
stack_lvm() {
	printf '%s\n' "$1" | sed 's/--/\//g; s/-/ /; s/\([^ ]*\) \(.*\)/\1:\2/; s/\//-/g; s/:/\//'
}

# stack_owner LVM GROUP: the system ID, behind a blank, if the volume group has one: it is ours as long as
# it has that one, and no other machine's (lvmsystemid(7))
stack_owner() {
	timeout 30 "$1" vgs --noheadings -o systemid "$2" </dev/null 2>/dev/null 9>&- |
		sed -n 's/^ *\([A-Za-z0-9_.+-][A-Za-z0-9_.+-]*\) *$/ \1/p' | head -n 1
}

# stack_dm NAME DIRECTORY GROUP: one that is managed here; GROUP, of the one above it
stack_dm() {
	read -r uuid 2>/dev/null <"$2/dm/uuid" || uuid=
	read -r title 2>/dev/null <"$2/dm/name" || title=$1
	case $uuid in
	LVM-*)
		stack_targets "$title"
		volume=$(stack_lvm "$title")
		# parts of a volume come up with it
		[ "${volume%%/*}" != "$3" ] || return 0
		lvm=$(command -v lvm) || {
			say "$title: lvm: not found: install lvm2"
			return 1
		}
		printf 'program %s\nconf bring lvm %s%s\n' "$lvm" "$volume" "$(stack_owner "$lvm" "${volume%%/*}")"
		;;
	mpath-* | part*-mpath-*)
		detail "$title: multipath: one path that works is used, without multipathd"
		;;
	CRYPT-*)
		say "$title: encrypted: the capture kernel has no key for it: choose an unencrypted" \
			"disk, or nfs or ssh"
		return 1
		;;
	*)
		say "$title: a device-mapper device of a kind (${uuid:-no uuid}) that is not possible as a target"
		return 1
		;;
	esac
}

# stack_device DIRECTORY [GROUP]: of a device in /sys/devices, with all under it. GROUP
# is the volume group of the one above.
stack_device() (
	dir=$1 name=${1##*/} group=
	if [ -e "$dir/partition" ]; then
		stack_device "${dir%/*}" "${2:-}"
		exit
	fi
	case $name in
	dm-*)
		read -r title 2>/dev/null <"$dir/dm/name" || title=
		group=$(stack_lvm "$title")
		group=${group%%/*}
		;;
	esac
	under=0
	for slave in "$dir"/slaves/*; do
		[ -e "$slave" ] || continue
		under=1
		stack_device "$(readlink -f "$slave")" "$group" || exit 1
	done
	case $name in
	dm-*) stack_dm "$name" "$dir" "${2:-}" || exit 1 ;;
	md*) stack_md "$name" "$dir" || exit 1 ;;
	*) [ $under -eq 1 ] || stack_disk "$name" "$dir" || exit 1 ;;
	esac
)

# stack_directory MAJOR:MINOR: of a block device in /sys/devices
stack_directory() (
	dir=$(readlink -f "${KDUMP_ROOT:-}/sys/dev/block/$1") && [ -d "$dir" ] || exit 1
	printf '%s\n' "$dir"
)

# stack_udev MAJOR:MINOR KEY: what udev has found out
stack_udev() {
	sed -n "s/^E:$2=//p" "${KDUMP_ROOT:-}/run/udev/data/b$1" 2>/dev/null | head -n 1
}

# stack_number NODE: MAJOR:MINOR of a block device, by its name in sysfs
stack_number() (
	node=$(readlink -f "$1") || exit 1
	name=$(printf '%s' "${node#"${KDUMP_ROOT:-}"/dev/}" | tr / !)
	if [ -r "${KDUMP_ROOT:-}/sys/class/block/$name/dev" ]; then
		cat "${KDUMP_ROOT:-}/sys/class/block/$name/dev"
	elif [ -b "$node" ]; then
		stat -c '%t %T' "$node" | { read -r major minor; printf '%d:%d\n' "0x$major" "0x$minor"; }
	else
		exit 1
	fi
)

# stack_node NAME: node of a device as the configuration names it
stack_node() (
	root=${KDUMP_ROOT:-}
	case $1 in
	/dev/*) node=$root$1 ;;
	UUID=*) node=$root/dev/disk/by-uuid/${1#*=} ;;
	LABEL=*) node=$root/dev/disk/by-label/$(printf '%s' "${1#*=}" | sed 's/ /\\x20/g; s|/|\\x2f|g') ;;
	PARTUUID=*) node=$root/dev/disk/by-partuuid/$(printf '%s' "${1#*=}" | tr A-F a-f) ;;
	PARTLABEL=*) node=$root/dev/disk/by-partlabel/$(printf '%s' "${1#*=}" | sed 's/ /\\x20/g; s|/|\\x2f|g') ;;
	*) exit 1 ;;
	esac
	[ -e "$node" ] || node=$(device_find "$1") || exit 1
	readlink -f "$node"
)

# stack_name DIRECTORY NODE TYPE: the name by which the capture kernel shall find it
stack_name() (
	name=${1##*/}
	case $name in
	dm-*)
		read -r uuid 2>/dev/null <"$1/dm/uuid" || uuid=
		case $uuid in
		LVM-*)
			read -r title <"$1/dm/name"
			printf '/dev/%s\n' "$(stack_lvm "$title")"
			exit
			;;
		esac
		;;
	esac
	number=$(cat "$1/dev")
	if [ -n "$3" ]; then
		uuid=$(stack_udev "$number" ID_FS_UUID)
		[ -n "$uuid" ] || uuid=$(device_uuid "$2" "$3")
		[ -n "$uuid" ] || uuid=$(blkid -o value -s UUID "$2" 2>/dev/null)
		if [ -n "$uuid" ]; then
			printf 'UUID=%s\n' "$uuid"
			exit
		fi
	fi
	case $name in
	md*)
		printf 'MD=%s\n' "$(device_md_uuid "$name")"
		exit
		;;
	esac
	if [ -e "$1/partition" ]; then
		uuid=$(device_partuuid "$name") || uuid=$(stack_udev "$number" ID_PART_ENTRY_UUID)
		if [ -n "$uuid" ]; then
			printf 'PARTUUID=%s\n' "$uuid"
			exit
		fi
	fi
	device_id "$name"
)
