# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# raw.sh - a dump that waits on a raw device is fetched; to be sourced behind records.sh
#
# Of the 4096 bytes in front of the dump (dumpsend/raw.c) the first 512 are dumpsend's:
# 16 bytes of magic, little-endian version at 16, state at 20 (4: it was recovered), time
# at 40. capture writes its record behind them, at 512. dumpsend --recover marks the
# device in the end, and the record is gone then: it is read before.

# raw_number DEVICE OFFSET BYTES
raw_number() {
	od -A n -t "u$3" -j "$2" -N "$3" "$1" 2>/dev/null | tr -d ' \n'
}

# raw_waits DEVICE: is there a dump that nobody has fetched yet?
raw_waits() {
	[ "$(dd if="$1" bs=15 count=1 2>/dev/null | tr -d '\000')" = 'crashpipe dump' ] &&
		[ "$(raw_number "$1" 16 4)" = 1 ] || return 1
	raw_state=$(raw_number "$1" 20 4)
	[ $((${raw_state:-4} / 4 % 2)) -eq 0 ]
}

# raw_holding DIRECTORY: the devices of raw targets in its capture.conf that hold a dump: such a
# one takes no other until it was fetched
raw_holding() {
	awk '$1 == "target" { word[$2, $3] = $4; if ($3 == "kind" && $4 == "raw") raw[$2] }
	END { for (n in raw) print word[n, "device"] }' "$1/capture.conf" 2>/dev/null |
		while IFS= read -r raw_name; do
			raw_node=$(device_find "$raw_name") && [ -r "$raw_node" ] && raw_waits "$raw_node" &&
				printf '%s\n' "${raw_node#"$KDUMP_ROOT"}"
		done
	return 0
}

# raw_record DEVICE HOST: its record, in $work/raw.record, or one made of what the header
# says
raw_record() {
	dd if="$1" bs=512 skip=1 count=7 2>/dev/null | tr -d '\000' | record_clean \
		>"$work/raw.record"
	! record_valid "$work/raw.record" || return 0
	raw_epoch=$(raw_number "$1" 40 8)
	raw_time=$(date -u -d "@${raw_epoch:-0}" +%Y-%m-%d-%H:%M:%S) || raw_time=unknown
	printf '%s\n' format=1 "host=$2" "crash_time=$raw_time" "crash_epoch=${raw_epoch:-0}" \
		"folder=$2-$raw_time" dump=saved log=lost >"$work/raw.record"
}

# raw_collect DEVICE HOME HOST: what waits there goes to HOME/HOST-DATE, and the device is
# marked, so that it is done once and the next dump may overwrite it
raw_collect() {
	if [ ! -r "$1" ]; then
		collect_missing "raw device ${1:-of the configuration}" 'no such device now'
		return
	fi
	raw_waits "$1" || {
		detail "$1: no dump waits there"
		return 0
	}
	raw_record "$1" "$3"
	raw_folder=$2/$(record_name "$work/raw.record")
	if ! collect_make "$raw_folder"; then
		collect_missing "$1" "holds a dump, and $raw_folder cannot be made, or is another user's"
		return
	fi
	inform "$1: holds a dump: fetching it to ${raw_folder#"$KDUMP_ROOT"}"
	dumpsend -q --recover "$1" "$raw_folder/vmcore" 2>"$work/why" 9>&-
	raw_status=$?
	raw_dump=saved
	# its checksum does not match, and there is more than nothing
	[ $raw_status -ne 1 ] || [ ! -s "$raw_folder/vmcore-incomplete" ] || raw_status=3
	case $raw_status in
	0) ;;
	3)
		raw_dump=incomplete
		say "$1: $(tail -n 1 "$work/why" | sed 's/^dumpsend: //')"
		;;
	*)
		collect_missing "$1" "the dump there cannot be fetched: $(tail -n 1 "$work/why" |
			sed 's/^dumpsend: //')"
		rmdir "$raw_folder" 2>/dev/null
		return
		;;
	esac
	raw_name=vmcore
	[ $raw_dump = saved ] || raw_name=vmcore-incomplete
	raw_log=lost
	dumpmsg -q -o "$raw_folder/vmcore-dmesg.txt" "$raw_folder/$raw_name" 2>/dev/null 9>&-
	case $? in
	0) raw_log=saved ;;
	6) raw_log=incomplete ;;
	esac
	raw_facts=$(raw_facts "$raw_folder/$raw_name")
	{
		grep -v -e '^dump=' -e '^dump_name=' -e '^log=' -e '^dump_size=' "$work/raw.record"
		printf '%s\n' "dump=$raw_dump" "dump_name=$raw_name" "log=$raw_log" \
			"dump_size=$(stat -c %s "$raw_folder/$raw_name")"
		[ -z "$raw_facts" ] || printf '%s\n' "$raw_facts"
	} | record_clean >"$raw_folder/kdump-record"
	sync
	record_keep "$raw_folder/kdump-record" raw "${raw_folder#"$KDUMP_ROOT"}"
	return 0
}

# raw_facts DUMP: what a record of the capture would have said besides
raw_facts() {
	dumpmsg -q --facts "$1" 2>/dev/null 9>&- |
		sed -n 's/^RELEASE=/release=/p; s/^PANIC=/panic=/p; s/^KIND=/kind=/p; s/^ARCH=/arch=/p
			s/^SIGNATURE=/signature=/p'
}
