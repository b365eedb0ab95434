# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# reach.sh - bring up what a target needs, and make its folder of this crash; to be sourced
# after budget, ask, place, keep

# seconds: to bring a disk or a network up, and again when that has failed; to make a folder, and
# when old crashes may have to be removed for it
up_disk=90 up_net=120 up_again=40 place_limit=${place_limit:-30} remove_limit=120

# what brings a target up runs apart, so that it can be ended
# shellcheck disable=SC2016 # the inner shell expands
up_script='
self=capture
lease_wait=$3 link_wait=$3 device_wait=${device_wait:-$3}
. "$lib/say.sh"
. "$lib/up-disk.sh"
. "$lib/up-net.sh"
target_up "$1" || exit
[ "$2" != raw ] || device_of "$1"'
# shellcheck disable=SC2016 # the inner shell expands
down_script='
self=capture
. "$lib/say.sh"
. "$lib/up-disk.sh"
. "$lib/up-net.sh"
target_down "$1"'

# target_ready: bring up what the target of target_read needs
target_ready() {
	case $needs$kind in
	nothingraw)
		ask_target "$target" device
		device=$value
		return 0
		;;
	nothing*) return 0 ;;
	esac
	if [ -n "$dry_run" ]; then
		recall "$target" up || say "would bring up what $shown needs"
		remember "$target" up yes
		ask_target "$target" device
		device=$value
		return 0
	fi
	if recall "$target" up; then
		[ "$value" != yes ] || return 0
		limit=$up_again
	elif [ "$needs" = net ]; then
		limit=$up_net
	else
		limit=$up_disk
	fi
	if [ "$target_limit" -gt 0 ] && [ "$target_limit" -lt $limit ]; then
		limit=$target_limit
	fi
	output=$work/device
	# a part of that for each thing, so that there is time for what is done without it
	if [ "$needs" = net ]; then
		up_wait=$((limit / 2))
	else
		up_wait=$((limit * 2 / 3))
	fi
	within "$limit" sh -c "$up_script" up "$target" "$kind" $up_wait
	status=$?
	output=
	if [ $status -ne 0 ]; then
		why_over
		remember "$target" up no
		[ -n "$words" ] || last_words $status
		say "$shown: cannot be reached: $words"
		return 1
	fi
	remember "$target" up yes
	device=
	[ "$kind" != raw ] || read -r device <"$work/device"
}

# is_dead: has a process hung in the disk of the target of target_read?
is_dead() {
	recall "$target" dead
}

# target_known: what is no target would be taken for a file here, in memory
target_known() {
	case $kind:$url in
	disk:* | folder:* | raw:* | nfs:nfs://* | ssh:ssh://* | ssh:sftp://*) return ;;
	esac
	words="no target that is known here: kind $kind${url:+, url $url}"
	say "$shown: $words"
	return 1
}

# target_place: the folder of this crash in the target
target_place() {
	words=
	target_known || return
	! is_dead || {
		words='the disk does not answer'
		return 1
	}
	target_ready || return
	[ -z "$place" ] || return 0
	[ "$kind" != raw ] || {
		place=raw:$device
		remember "$target" place "$place"
		return 0
	}
	is_local || {
		place_server ''
		return
	}
	[ -z "$dry_run" ] || {
		place=$base
		[ -z "$folder" ] || place=$base/$folder
		return 0
	}
	target_folder
}

# target_folder: make it, on a disk that may be dead, and take over what it is called
target_folder() {
	limit=$place_limit
	[ "$keep" -eq 0 ] && [ "$keep_free" -eq 0 ] || limit=$remove_limit
	if [ "$target_limit" -gt 0 ] && [ "$target_limit" -lt "$limit" ]; then
		limit=$target_limit
	fi
	aside "$limit" make_place
	case $?$stuck in
	0) ;;
	1yes)
		words='the disk does not answer'
		remember "$target" dead yes
		return 1
		;;
	3)
		words="$base: lies in memory: is its disk mounted?"
		say "$words"
		return 1
		;;
	*)
		words="no folder for this crash can be made in $base"
		say "$shown: $words"
		return 1
		;;
	esac
	{ IFS= read -r place && IFS= read -r place_stamp; } <"$work/place"
	remember "$target" place "$place"
	[ -z "$place_stamp" ] || {
		remember "$target" stamp "$place_stamp"
		name_files "$place_stamp"
	}
}

# make_place: make room and a folder; its name and stamp to $work/place. 3 if it is in memory
make_place() {
	! in_memory || return 3
	keep_room
	place_local || return 1
	write_begin
	# as those of pipe.sh: it may not find room any more
	printf '%s\n' "$place" "$place_stamp" 1<>"$work/place"
}

# in_memory: is base a part of the initramfs, because nothing was mounted there, or is it where a
# link into memory leads?
in_memory() {
	[ -e "${KDUMP_ROOT:-}/proc/vmcore" ] || return 1
	each=$base
	while [ ! -e "$each" ]; do
		case $each in
		*/*) each=${each%/*} ;;
		*) each=. ;;
		esac
		each=${each:-/}
	done
	case $(stat -f -c %T "$each" 2>/dev/null) in
	tmpfs | ramfs | rootfs) return 0 ;;
	esac
	return 1
}
