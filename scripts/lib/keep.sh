# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# keep.sh - remove old crashes from a local target; to be sourced after place.sh
#
#	keep N		leave the N newest
#	keep_free SIZE	leave so many bytes free
#
# Old ones go after the new one is safe. Before, only where there is no room for one as large
# as the newest: not besides keep_free, or not at all where keep would be exceeded anyway.
# Never removed are the newest, before the new dump is safe the newest whole one, and nothing that
# this program did not make: a crash is a folder of ours, not a link to one, whose name ends with a
# time, and which has a kdump-record of the first format.
#
# Expects: base (the target's folder), place (that of the new crash, or empty), keep, keep_free.

# is_crash FOLDER
is_crash() {
	# shellcheck disable=SC3067 # dash and busybox have it
	[ ! -L "$1" ] && [ -d "$1" ] && [ -O "$1" ] || return
	case ${1##*/} in
	*-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]-[0-9][0-9]:[0-9][0-9]:[0-9][0-9]) ;;
	*-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]-[0-9][0-9]:[0-9][0-9]:[0-9][0-9]-[1-9]) ;;
	*-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]-[0-9][0-9]:[0-9][0-9]:[0-9][0-9]-[1-9][0-9]) ;;
	[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]) ;;
	[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[1-9]) ;;
	[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[1-9][0-9]) ;;
	*) return 1 ;;
	esac
	[ ! -L "$1/kdump-record" ] && [ -f "$1/kdump-record" ] || return
	line=
	{ IFS= read -r line <"$1/kdump-record"; } 2>/dev/null
	[ "$line" = format=1 ]
}

# crash_age FOLDER: its time as digits, and the number behind it, to sort by, in age
crash_age() {
	age=${1##*/}
	case $age in
	[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]*)
		number=${age#????????????}
		age=${age%"$number"}00
		;;
	*)
		number=${age##*:??}
		age=${age%"$number"}
		while [ ${#age} -gt 19 ]; do
			age=${age#?}
		done
		for mark in - - - : :; do
			age=${age%%"$mark"*}${age#*"$mark"}
		done
		;;
	esac
	number=${number#-}
	age=$age.$((100 + ${number:-0}))
}

# old_crashes: the oldest first, but not place, a line each in the file $work/old; how many
# there are in old
old_crashes() {
	old=0
	for each in "$base"/*; do
		case $each in
		"$place" | *"$nl"*) continue ;;
		esac
		is_crash "$each" || continue
		crash_age "$each"
		printf '%s %s\n' "$age" "$each"
		old=$((old + 1))
	done >"$work/unsorted"
	sort "$work/unsorted" >"$work/old"
}

# free_bytes FOLDER: in free; 1 if it is not known. Not by df, which must find the folder's
# mount in a list that shows another root in a chroot
free_bytes() {
	free=
	stat -f -c '%a %S' "$1" >"$work/free" 2>/dev/null && read -r free block <"$work/free"
	case ${free:-x}${block:-x} in
	*[!0-9]*)
		say "$1: it is not known how much is free"
		free=
		return 1
		;;
	esac
	free=$((free * block))
}

# remove_crash FOLDER: rm does not follow links
remove_crash() {
	say "$1: removed, as the configuration says (keep $keep, keep_free $keep_free)"
	rm -rf "$1"
}

# has_dump FOLDER: a whole one. The record alone does not tell: it may speak of the dump on another
# target
has_dump() {
	grep -q -e '^dump=saved$' -e '^dump=raw$' "$1/kdump-record" || return
	for file in "$1"/vmcore "$1"/vmcore.raw "$1"/dump.[0-9]* "$1"/vmcore.[0-9]*; do
		case $file in
		*-incomplete*) ;;
		*) [ ! -s "$file" ] || return 0 ;;
		esac
	done
	return 1
}

# newest_whole: the newest old crash in newest, and in whole the newest with a whole dump, if there
# is one; bytes of all its files in size
newest_whole() {
	size=0 newest='' whole=''
	while read -r age each; do
		newest=$each
		! has_dump "$each" || whole=$each
	done <"$work/old"
	whole=${whole:-$newest}
	[ -n "$whole" ] && du -s -k "$whole" >"$work/du" 2>/dev/null || return 0
	read -r size _ <"$work/du"
	size=$((${size:-0} * 1024))
}

# keep_room: before the dump: is there room? place is not made yet, or empty
keep_room() {
	[ "$keep" -gt 0 ] || [ "$keep_free" -gt 0 ] || return 0
	[ -d "$base" ] || return 0
	old_crashes
	[ "$old" -gt 1 ] || return 0
	free_bytes "$base" || return 0
	newest_whole
	while read -r age each && [ "$old" -gt 1 ]; do
		case $each in
		"$newest" | "$whole") continue ;;
		esac
		if [ "$keep_free" -gt 0 ] && [ "$free" -lt $((keep_free + size)) ]; then
			:
		elif [ "$keep" -gt 0 ] && [ "$old" -ge "$keep" ] && [ "$free" -lt "$size" ]; then
			:
		else
			return 0
		fi
		remove_crash "$each"
		old=$((old - 1))
		free_bytes "$base" || return 0
	done <"$work/old"
}

# keep_rest: after a whole dump
keep_rest() {
	[ "$keep" -gt 0 ] || [ "$keep_free" -gt 0 ] || return 0
	old_crashes
	free_bytes "$base"
	while read -r age each; do
		if [ "$keep" -gt 0 ] && [ "$old" -ge "$keep" ]; then
			:
		elif [ "$keep_free" -gt 0 ] && [ "${free:-$keep_free}" -lt "$keep_free" ]; then
			:
		else
			return 0
		fi
		remove_crash "$each"
		old=$((old - 1))
		free_bytes "$base"
	done <"$work/old"
}
