# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # names are of resolve.sh
#
# resolve-disk.sh - targets on disks of this machine; a part of resolve.sh

# resolve_block MAJOR:MINOR|DIRECTORY TYPE OPTIONS: the device's stack and its name
resolve_block() {
	case $1 in
	/*) resolve_at=$1 ;;
	*)
		resolve_at=$(stack_directory "$1") || {
			say "device $1: not in /sys/dev/block"
			return 1
		}
		;;
	esac
	resolve_node=$(device_node "${resolve_at##*/}")
	resolve_from stack_device "$resolve_at" || return
	[ -z "$2" ] || resolve_from stack_fs "$2" "$3" "$resolve_node" || return
	resolve_name=$(stack_name "$resolve_at" "$resolve_node" "$2")
	case $resolve_name in
	'' | *=)
		say "$resolve_node: no name that outlives a reboot is known for it"
		return 1
		;;
	esac
}

# resolve_put_disk FOLDER TYPE OPTIONS
resolve_put_disk() {
	resolve_put kind disk
	resolve_put needs disk
	resolve_put device "$resolve_name"
	resolve_put fstype "$2"
	resolve_put options "$(stack_options "$2" "$3")"
	resolve_put dir "$1"
	resolve_put shown "$resolve_name ($2) $1"
}

# resolve_btrfs SOURCE: the device that a btrfs without a device number of its own is on
resolve_btrfs() {
	case $1 in
	/dev/*) stack_number "${KDUMP_ROOT:-}$1" ;;
	*) return 1 ;;
	esac
}

# resolve_folder PATH: a folder of the running system
resolve_folder() {
	# this mounts it where it is mounted on demand
	[ -d "${KDUMP_ROOT:-}$1/." ] || :
	resolve_path=$(stack_real "$1") || {
		say "$1: cannot be resolved"
		return 1
	}
	resolve_mount=$(stack_mount "$resolve_path") || {
		say "$resolve_path: not in /proc/self/mountinfo"
		return 1
	}
	# shellcheck disable=SC2086  # words on purpose
	resolve_split "$resolve_path" $resolve_mount
}

# resolve_split PATH MAJOR:MINOR ROOT POINT TYPE SOURCE OPTIONS: dispatch by the type
resolve_split() {
	resolve_point=$(stack_unescape "$4")
	resolve_root=$(stack_unescape "$3")
	resolve_rest=${1#"${resolve_point%/}"}
	case $5 in
	tmpfs | ramfs | rootfs | overlay | squashfs | erofs | aufs)
		say "$1: is on $5, which does not outlive the crash: give a disk, nfs, ssh or raw"
		return 1
		;;
	nfs | nfs4)
		resolve_mounted_nfs "$(stack_unescape "$6")" "$5,$7" \
			"$(resolve_join "$resolve_root" "$resolve_rest")"
		return
		;;
	btrfs)
		resolve_sub=$(stack_options btrfs "$7")
		resolve_sub=$(printf '%s\n' "$resolve_sub" | tr , '\n' | sed -n 's/^subvol=//p')
		resolve_root=${resolve_root#"${resolve_sub%/}"}
		resolve_id=$(resolve_btrfs "$(stack_unescape "$6")") || resolve_id=$2
		;;
	virtiofs)
		resolve_name=$(stack_unescape "$6")
		resolve_from stack_fs virtiofs '' '' || return
		resolve_put_disk "$(resolve_join "$resolve_root" "$resolve_rest")" virtiofs "$7"
		return
		;;
	autofs | proc | sysfs | devtmpfs | cifs | smb3 | fuse* | 9p | zfs | ceph | glusterfs)
		say "$1: is on $5: not possible as a target: give a disk, nfs, ssh or raw"
		return 1
		;;
	*) resolve_id=$2 ;;
	esac
	resolve_block "$resolve_id" "$5" "$7" || return
	resolve_put_disk "$(resolve_join "/$resolve_root" "$resolve_rest")" "$5" "$7"
}

# resolve_number NAME: MAJOR:MINOR of a device as the configuration names it
resolve_number() (
	node=$(stack_node "$1") && stack_number "$node"
)

# resolve_holds NAME TYPE: is there, as far as can be told, a file system of that type? The type
# to mount it by, in resolve_type: no kernel mounts an ext4 as ext3, but all of them as ext4
resolve_holds() {
	resolve_type=
	resolve_at=$(stack_directory "$resolve_id") || {
		resolve_type=$2
		return 0
	}
	resolve_type=$(stack_udev "$resolve_id" ID_FS_TYPE)
	[ -n "$resolve_type" ] || resolve_type=$(device_type "$(device_node "${resolve_at##*/}")")
	case $2:$resolve_type in
	"$2:$2") return 0 ;;
	ext[234]:ext[234])
		resolve_type=ext4
		return 0
		;;
	*:)
		resolve_type=$2
		return 0
		;;
	esac
	say "$2 $1: holds $resolve_type, not $2"
	return 1
}

# resolve_disk NAME TYPE PATH: a disk as the configuration names it
resolve_disk() {
	if [ "$2" = virtiofs ]; then
		resolve_name=$1
		resolve_from stack_fs virtiofs '' '' || return
		resolve_put_disk "$3" virtiofs ''
		return
	fi
	resolve_id=$(resolve_number "$1") || {
		say "$2 $1: no such device"
		return 1
	}
	resolve_holds "$1" "$2" || return
	set -- "$1" "$resolve_type" "$3"
	resolve_block "$resolve_id" "$2" '' || return
	# a btrfs is mounted as it is now, subvolume and all
	resolve_put_disk "$3" "$2" "$(stack_known_options "$resolve_id" "$2")"
}

# resolve_raw NAME
resolve_raw() {
	resolve_id=$(resolve_number "$1") || {
		say "raw $1: no such device"
		return 1
	}
	resolve_block "$resolve_id" '' '' || return
	if resolve_point=$(stack_mounted "$resolve_id"); then
		say "raw $1: is mounted on $resolve_point: the dump would destroy it"
		return 1
	fi
	for resolve_holder in "$resolve_at"/holders/*; do
		[ -e "$resolve_holder" ] || continue
		say "raw $1: is a part of ${resolve_holder##*/}: the dump would destroy it"
		return 1
	done
	for resolve_part in "$resolve_at"/*/partition; do
		[ -e "$resolve_part" ] || continue
		say "raw $1: has partitions: the dump would destroy them: name one of them"
		return 1
	done
	if ! device_is_ours "$resolve_node" && resolve_type=$(device_type "$resolve_node" ||
		stack_udev "$resolve_id" ID_FS_TYPE) && [ -n "$resolve_type" ]; then
		say "raw $1: holds $resolve_type: the dump would destroy it: if it may, run: wipefs -a" \
			"$1; dd if=/dev/zero of=$1 bs=1M count=1"
		return 1
	elif ! device_is_ours "$resolve_node" && ! device_is_blank "$resolve_node"; then
		say "raw $1: holds something of no known kind, and no dump would be written over it: if one" \
			"may, run: dd if=/dev/zero of=$1 bs=1M count=1"
		return 1
	fi
	resolve_put kind raw
	resolve_put needs disk
	resolve_put device "$resolve_name"
	resolve_put shown "raw $1 ($resolve_name)"
}
