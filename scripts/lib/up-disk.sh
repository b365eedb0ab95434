# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # lib is set by the script
#
# up-disk.sh - in the capture kernel: put together, wait for, mount and unmount the disk
# of a target; to be sourced after say.sh, before up-net.sh
#
# Reads capture.conf (conf names it). What is mounted is at /target/N, or where places
# says. Everything here may be done twice.

# shellcheck source=scripts/lib/device.sh
. "$lib/device.sh"

conf=${conf:-/etc/crashpipe/capture.conf}
places=${places:-/target}
device_wait=${device_wait:-60}

# up_value N NAME: of a target; empty where it is not there
up_value() {
	while read -r up_word up_n up_key up_rest; do
		case "$up_word $up_n $up_key" in
		"target $1 $2")
			printf '%s\n' "$up_rest"
			return
			;;
		esac
	done <"$conf"
}

# up_mark: what the kernel says from now on is about what comes now
up_mark() {
	read -r up_since _ </proc/uptime
}

# up_reason: the kernel's last words since up_mark, for a message
up_reason() {
	up_words=$(dmesg 2>/dev/null | sed 's/^<[0-9]*>//' |
		awk -v since="${up_since:-0}" -F '[][]' '$2 + 0.2 >= since' | tail -n 2 |
		sed 's/^\[[^]]*\] *//' | tr '\n' ';' | sed 's/;$//; s/;/; /')
	printf '%s\n' "${up_words:-the kernel says nothing}"
}

# up_seconds: since the start of this kernel
up_seconds() {
	read -r up_now _ </proc/uptime
	printf '%s\n' "${up_now%%.*}"
}

# up_wait SECONDS COMMAND...: until it succeeds
up_wait() {
	up_until=$(($(up_seconds) + $1))
	shift
	until "$@"; do
		[ "$(up_seconds)" -lt "$up_until" ] || return 1
		sleep 0.2
	done
}

# up_members UUID: the names of the parts of an md array
up_members() {
	for name in $(device_names); do
		[ "$(device_member_uuid "$name")" != "$1" ] || printf '%s\n' "$name"
	done
}

# up_md_running UUID: the name of the array if it runs
up_md_running() {
	for dir in /sys/class/block/md*; do
		[ -e "$dir/md/array_state" ] || continue
		read -r state <"$dir/md/array_state"
		case $state in
		clear | inactive) continue ;;
		esac
		[ "$(device_md_uuid "${dir##*/}")" = "$1" ] || continue
		printf '%s\n' "${dir##*/}"
		return
	done
	return 1
}

# up_md_new: a name for an array, and the array. Since Linux 4.12 by new_array, before
# that by opening a node of block device 9
up_md_new() {
	number=127
	while [ -e "/sys/class/block/md$number" ]; do
		number=$((number - 1))
	done
	if ! printf 'md%s' "$number" 2>/dev/null >/sys/module/md_mod/parameters/new_array; then
		[ -b "/dev/md$number" ] || mknod "/dev/md$number" b 9 "$number" || return 1
		: <"/dev/md$number"
	fi
	[ -d "/sys/class/block/md$number/md" ] && printf 'md%s\n' "$number"
}

# up_md_disks DEVICE FORMAT OFFSET: how many disks the superblock says there are. Version
# 1: raid_disks at 92; 0.90: at 40
up_md_disks() {
	case $2 in
	0.90) printf '%d\n' "0x$(device_swap "$(device_hex "$1" $(($3 + 40)) 4)")" ;;
	*) printf '%d\n' "0x$(device_swap "$(device_hex "$1" $(($3 + 92)) 4)")" ;;
	esac
}

# up_md UUID: assemble, through sysfs as Documentation/admin-guide/md.rst tells; the
# kernel reads the superblocks, and leaves out members that are behind the others
up_md() {
	! up_md_running "$1" >/dev/null || return 0
	up_until=$(($(up_seconds) + device_wait)) up_grace=5
	while :; do
		members=$(up_members "$1")
		# shellcheck disable=SC2086  # words on purpose
		set -- "$1" $members
		if [ $# -gt 1 ]; then
			# shellcheck disable=SC2046  # words on purpose
			up_disks=$(up_md_disks "$(device_node "$2")" $(device_member "$2"))
			[ $(($# - 1)) -lt "$up_disks" ] || break
			# some are there: the others may be missing for good
			[ "$up_grace" -gt 0 ] || break
			up_grace=$((up_grace - 1))
			sleep 0.8
		fi
		if [ $# -eq 1 ] && [ "$(up_seconds)" -ge "$up_until" ]; then
			say "md array $1: none of its disks after $device_wait seconds"
			return 1
		fi
		sleep 0.2
	done
	up_mark
	up_array=$(up_md_new) || {
		say "md array $1: the kernel makes no array: $(up_reason)"
		return 1
	}
	uuid=$1
	shift
	dir=/sys/class/block/$up_array/md
	up_format=$(device_member "$1")
	printf %s "${up_format%% *}" >"$dir/metadata_version" || return 1
	for member; do
		cat "/sys/class/block/$member/dev" 2>/dev/null >"$dir/new_dev" ||
			say "md array $uuid: $member is left out: $(up_reason)"
	done
	# putting mirrors right can wait, the dump cannot
	printf 1000 2>/dev/null >/proc/sys/dev/raid/speed_limit_max || :
	printf 1000 2>/dev/null >/proc/sys/dev/raid/speed_limit_min || :
	if ! printf active 2>/dev/null >"$dir/array_state"; then
		say "md array $uuid: does not start: $(up_reason)"
		printf clear 2>/dev/null >"$dir/array_state"
		return 1
	fi
	say "md array $uuid: $up_array, $# disks"
}

# up_lvm VG/LV [SYSTEMID]: lvm's configuration is all here: no daemons, no udev, no backups; each path
# of a disk with several is as good as the others
up_lvm() {
	[ ! -b "/dev/$1" ] || return 0
	mkdir -p /run/lvm /run/lock/lvm
	up_until=$(($(up_seconds) + device_wait))
	while :; do
		up_said=$(lvm lvchange -ay -K --config 'global { locking_type = 1 use_lvmlockd = 0
			use_lvmpolld = 0 thin_check_executable = "" cache_check_executable = "" }
			activation { udev_sync = 0 udev_rules = 0 monitoring = 0 verify_udev_operations = 1
			activation_mode = "degraded" }
			devices { obtain_device_list_from_udev = 0 external_device_info_source = "none"
			use_devicesfile = 0 multipath_component_detection = 0
			allow_changes_with_duplicate_pvs = 1 write_cache_state = 0 }
			backup { backup = 0 archive = 0 } log { verbose = 0 level = 0 }'"${2:+
			global/system_id_source = lvmlocal local/system_id = $2}" "$1" </dev/null 2>&1)
		[ ! -b "/dev/$1" ] || break
		if [ "$(up_seconds)" -ge "$up_until" ]; then
			say "$1: lvm: $(printf '%s\n' "$up_said" | tail -n 1)"
			return 1
		fi
		sleep 0.5
	done
	say "$1: active"
}

# up_bring N: what has to be put together for that target, in the order of capture.conf. A
# part that fails is said; whether the device is there decides.
up_bring() {
	[ ! -e "/run/crashpipe/brought.$1" ] || return 0
	mkdir -p /run/crashpipe
	sed -n "s/^target $1 bring //p" "$conf" >"/run/crashpipe/bring.$1"
	up_whole=yes
	while read -r up_kind up_what up_owner; do
		case $up_kind in
		md) up_md "$up_what" ;;
		lvm) up_lvm "$up_what" "$up_owner" ;;
		*) say "bring $up_kind: not known" ;;
		esac || up_whole=
	done <"/run/crashpipe/bring.$1"
	[ -z "$up_whole" ] || : >"/run/crashpipe/brought.$1"
}

up_found() {
	up_device=$(device_find "$1" "$2") && [ -n "$up_device" ]
}

# device_of N: the node of its device, once it is there
device_of() {
	up_bring "$1"
	up_name=$(up_value "$1" device)
	up_type=$(up_value "$1" fstype)
	if ! up_wait "$device_wait" up_found "$up_name" "$up_type"; then
		say "target $1: $up_name: no such device after $device_wait seconds: $(up_names)"
		return 1
	fi
	printf '%s\n' "$up_device"
}

# up_names: what there is instead
up_names() {
	up_there=$(device_names | tr '\n' ' ')
	printf 'there is %s\n' "${up_there:-none}" | sed 's/ $//'
}

# up_mounted PLACE
up_mounted() {
	grep -q "^[^ ]* $1 " /proc/mounts
}

# up_all DEVICE UUID: of a btrfs the other devices, as options
up_all() {
	for name in $(device_names); do
		node=$(device_node "$name")
		[ "$node" != "$1" ] || continue
		[ "$(device_uuid "$node" btrfs)" != "$2" ] || printf ',device=%s' "$node"
	done
}

# up_mount N: read-write; a journal that the crash has left is replayed by the kernel
up_mount() {
	up_place=$places/$1
	mkdir -p "$up_place"
	! up_mounted "$up_place" || return 0
	up_type=$(up_value "$1" fstype)
	up_options=$(up_value "$1" options)
	case $up_type in
	virtiofs) up_device=$(up_value "$1" device) ;;
	*)
		up_device=$(device_of "$1") || return 1
		;;
	esac
	# loud: busybox has the kernel say nothing otherwise
	up_rw=rw,loud
	up_mark
	case $up_type in
	btrfs) up_rw=$up_rw$(up_all "$up_device" "$(device_uuid "$up_device" btrfs)") ;;
	ext[234])
		# s_errors in ext4's super.rst, 3 is panic: there may be another target
		! device_has "$up_device" 1084 0300 || up_rw=$up_rw,errors=remount-ro
		;;
	esac
	# without the options, if it is they that hinder; a subvolume is no such option
	up_less=$(printf '%s\n' "$up_options" | tr , '\n' | grep '^subvol=' | head -n 1)
	for up_try in "$up_options" "$up_less"; do
		up_said=$(mount -t "$up_type" -o "$up_rw${up_try:+,$up_try}" "$up_device" \
			"$up_place" 2>&1) && break
		[ "$up_options" != "$up_less" ] || break
	done
	if ! up_mounted "$up_place"; then
		say "target $1: $up_device: cannot be mounted: ${up_said:-no reason given}: $(up_reason)"
		return 1
	fi
	case $(sed -n "s|^[^ ]* $up_place [^ ]* \([^, ]*\).*|\1|p" /proc/mounts) in
	ro)
		say "target $1: $up_device: is mounted read-only: $(up_reason)"
		umount "$up_place"
		return 1
		;;
	esac
	say "target $1: $up_device ($up_type) on $up_place"
}

# target_up N: all that it needs; 0 when it can be written to
target_up() {
	case $(up_value "$1" needs) in
	disk)
		case $(up_value "$1" kind) in
		raw) device_of "$1" >/dev/null ;;
		*) up_mount "$1" ;;
		esac
		;;
	net) net_up "$1" ;;
	nothing) ;;
	*)
		say "target $1: not in $conf"
		return 1
		;;
	esac
}

# target_down N: what it holds is on the disk then
target_down() {
	case $(up_value "$1" needs) in
	disk)
		# no sync: it would wait for all other disks, too, of which one may be dead
		up_place=$places/$1
		up_mounted "$up_place" || return 0
		up_mark
		up_wait 10 umount "$up_place" 2>/dev/null && return 0
		say "target $1: $up_place: is busy: made read-only instead"
		mount -o remount,ro "$up_place" || {
			say "target $1: $up_place: is still being written to: $(up_reason)"
			return 1
		}
		;;
	esac
}
