#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# damage.sh - does pagediff notice every kind of damage?
#
# usage: damage.sh PAGEDIFF RAW DUMP
#
# DUMP is a sound dump of RAW, compressed by zlib (whose streams begin and end with a
# checksum), best a small one: it is copied, and then byte for byte of the list below
# changed, judged and mended.
#
# Exit: 0 each was noticed, 1 one was not, 2 usage.

set -eu
LC_ALL=C
export LC_ALL

self=${0##*/}
work=
bad=0
done=0

say() {
	printf '%s: %s\n' "$self" "$*" >&2
}

# number OFFSET SIZE: the little-endian number there in the copy
number() {
	od -A n -t "u$2" -j "$1" -N "$2" "$copy" | tr -d ' '
}

# put OFFSET VALUE: one byte
put() {
	# shellcheck disable=SC2059 # the format is the byte, in octal
	printf "\\$(printf '%03o' "$2")" |
		dd of="$copy" bs=1 seek="$1" conv=notrunc status=none
}

# judge WHAT WANTED [-i]: run pagediff on the copy
judge() {
	what=$1
	wanted=$2
	shift 2
	status=0
	"$pagediff" "$@" "$raw" "$copy" >"$work/out" 2>"$work/err" || status=$?
	done=$((done + 1))
	[ "$status" -eq "$wanted" ] && return
	say "$what: exit $status, not $wanted"
	tail -n 3 "$work/err" >&2
	bad=$((bad + 1))
}

# harm WHAT OFFSET [MASK]: change a byte, judge, mend it
harm() {
	old=$(number "$2" 1)
	put "$2" $((old ^ ${3:-1}))
	judge "$1 (byte $2)" 1
	put "$2" "$old"
}

# both WHAT WANTED_A WANTED_B: the copy and DUMP keep so many pages of their own
both() {
	"$pagediff" "$raw" "$copy" "$dump" >"$work/out" 2>/dev/null && status=0 || status=$?
	done=$((done + 1))
	set -- "$1" "$2 $3" "$(awk '/^only in/ { printf "%s%d", sep, $(NF - 3); sep = " " }' "$work/out")"
	[ "$2" = "$3" ] && [ "$status" -eq 1 ] && return
	say "$1: $3 pages, not $2; exit $status"
	bad=$((bad + 1))
}

# bits OFFSET SIZE: the offset of the first byte there that is not 0
bits() {
	at=$1
	while [ "$at" -lt $(($1 + $2)) ]; do
		[ "$(number "$at" 1)" -ne 0 ] && break
		at=$((at + 1))
	done
	printf '%s\n' "$at"
}

harm_headers() {
	for field in signature:0 header_version:8 sysname:12 release:142 machine:272 \
		padding:402 tv_sec:408 tv_usec:416 status:424 block_size:429 \
		sub_hdr_size:432 bitmap_blocks:436 max_mapnr:440 total_ram_blocks:444 \
		nr_cpus:460 after_header:464 end_of_block:$((block - 1)); do
		harm "${field%:*}" "${field#*:}"
	done
	harm 'status, incomplete' 424 8
	for field in phys_base:0 dump_level:11 split:12 start_pfn:16 end_pfn:24 \
		start_pfn_64:80 end_pfn_64:88 offset_vmcoreinfo:32 \
		size_vmcoreinfo:40 offset_note:48 size_note:56 offset_eraseinfo:64 \
		size_eraseinfo:72 max_mapnr_64:96; do
		harm "${field%:*}" $((block + ${field#*:}))
	done
	harm 'first note' "$note"
	harm 'last note' $((note + note_size - 1))
	[ $((note + note_size)) -eq "$map1" ] || harm 'after the notes' $((note + note_size))
}

harm_bitmaps() {
	at=$(bits "$map2" "$map_size")
	bit=$(($(number "$at" 1) & -$(number "$at" 1)))
	harm 'a page taken out of the 1st bitmap' $((at - map_size)) "$bit"
	harm 'a page taken out of the 2nd bitmap' "$at" "$bit"
	harm 'a page past the end in the 1st bitmap' $((map2 - 1)) 128
	harm 'a page past the end in the 2nd bitmap' $((descs - 1)) 128
	harm 'the first bytes of both bitmaps' "$map1" 255
	harm 'pages added to the 2nd bitmap' "$map2" 255
}

harm_data() {
	for desc in "$descs" $((data - 24)); do
		for field in offset:0 offset_high:7 size:8 size_high:11 flags:12 \
			flags_codec:12:32 page_flags:16 page_flags_high:23; do
			rest=${field#*:}
			mask=1
			[ "$rest" = "${rest#*:}" ] || mask=${rest#*:}
			harm "descriptor at $desc: $field" $((desc + ${rest%:*})) "$mask"
		done
	done
	step=$((kept / 20))
	[ "$step" -gt 0 ] || step=1
	rank=0
	while [ "$rank" -lt "$kept" ]; do
		at=$(number $((descs + 24 * rank)) 8)
		len=$(number $((descs + 24 * rank + 8)) 4)
		harm "first byte of page $rank" "$at" 16
		harm "last byte of page $rank" $((at + len - 1)) 16
		rank=$((rank + step))
	done
	harm 'the last byte' $((size - 1)) 128
}

harm_size() {
	printf x >>"$copy"
	judge 'a byte too many' 1
	for size in $((size - 1)) $((data + 1)) $((data - 1)) $((map2 + 1)) "$block" 463 1; do
		truncate -s "$size" "$copy"
		judge "cut to $size bytes" 1
	done
}

# a page more or less in one of two dumps
harm_sets() {
	at=$(bits "$map2" "$map_size")
	old=$(number "$at" 1)
	put "$at" $((old & (old - 1)))
	both 'a page less' 0 1
	put "$at" "$old"
}

[ $# -eq 3 ] || { say "usage: $self PAGEDIFF RAW DUMP"; exit 2; }
pagediff=$1
raw=$2
dump=$3
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
work=$(mktemp -d)
copy=$work/dump
cp "$dump" "$copy"
chmod u+w "$copy"

size=$(wc -c <"$copy" | tr -d ' ')
block=$(number 428 4)
note=$(number $((block + 48)) 8)
note_size=$(number $((block + 56)) 8)
map1=$((block * (1 + $(number 432 4))))
map_size=$(($(number 436 4) * block / 2))
map2=$((map1 + map_size))
descs=$((map2 + map_size))

judge 'the sound dump' 0
judge 'the sound dump, which is not incomplete' 1 -i
kept=$(sed -n 's/.* \([0-9]*\) kept.*/\1/p' "$work/out")
data=$((descs + 24 * kept))
harm_headers
harm_bitmaps
harm_data
harm_sets
judge 'the dump mended' 0
harm_size
say "$done cases, $bad not as they should be"
[ "$bad" -eq 0 ]
