# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# boot.sh - did the boot before this one end in a shutdown? And a crash that was made on
# purpose, has it arrived? To be sourced behind records.sh and collect.sh
#
# /var/lib/crashpipe/boot says of the boot in which it was written: id, since (its start,
# seconds since 1970), state up or down. It is written when reports are collected at boot,
# and "down" when the system is left. Where it was never written, wtmp knows, by last(1).
# /var/lib/crashpipe/test is that of kdump test --crash: id, time, boot, result.

boot_dir=${KDUMP_ROOT:-}/var/lib/crashpipe

boot_id() {
	tr -d '\n' <"$KDUMP_ROOT/proc/sys/kernel/random/boot_id" 2>/dev/null
}

# boot_since: when this boot began
boot_since() {
	sed -n 's/^btime //p' "$KDUMP_ROOT/proc/stat" 2>/dev/null | head -n 1
}

# boot_write STATE
boot_write() {
	mkdir -p "$boot_dir" 2>/dev/null &&
		(printf 'id=%s\nsince=%s\nstate=%s\n' "$(boot_id)" "$(boot_since)" "$1" \
			>"$boot_dir/boot.new") 2>/dev/null &&
		{ sync "$boot_dir/boot.new" 2>/dev/null || sync; } &&
		mv "$boot_dir/boot.new" "$boot_dir/boot"
}

boot_leave() {
	boot_write down || say "$boot_dir/boot: cannot be written"
}

# boot_wtmp: 0 when, by wtmp, the boot before this one was not shut down
boot_wtmp() {
	command -v last >/dev/null || return 1
	last -x -w reboot shutdown ${KDUMP_ROOT:+-f "$KDUMP_ROOT/var/log/wtmp"} 2>/dev/null | awk '
		$1 == "reboot" || $1 == "shutdown" { kind[++n] = $1 }
		n == 2 { exit }
		END { exit !(n == 2 && kind[1] == "reboot" && kind[2] == "reboot") }'
}

# boot_ended_badly: 0 when the boot before this one did; sets boot_from to its start, as
# far as known
boot_ended_badly() {
	boot_from=0
	if [ -e "$boot_dir/boot" ]; then
		[ "$(record_get id "$boot_dir/boot")" != "$(boot_id)" ] || return 1
		boot_from=$(record_number since "$boot_dir/boot")
		boot_from=${boot_from:-0}
		[ "$(record_get state "$boot_dir/boot")" = up ]
		return
	fi
	boot_wtmp || return 1
	boot_now=$(boot_since)
	# a record that is not older than a day may well be of it
	boot_from=$((${boot_now:-86400} - 86400))
}

# set when it is not known whether anything was saved
boot_unsure=

# boot_look: where it did and there is no record of it, one that says so is made
boot_look() {
	boot_start=$(boot_since)
	if boot_ended_badly && [ -n "$boot_start" ]; then
		boot_last=$(records_list | tail -n 1)
		if [ -z "$boot_last" ] ||
			[ "$(record_epoch "$records_dir/$boot_last")" -lt "$boot_from" ]; then
			boot_time=$(date -u -d "@$boot_start" +%Y-%m-%d-%H:%M:%S)
			boot_host=$(collect_host "$KDUMP_ROOT/etc")
			printf '%s\n' format=1 "host=$boot_host" "crash_time=$boot_time" \
				"crash_epoch=$boot_start" "folder=$boot_host-$boot_time" \
				kind=unsaved dump=lost log=lost >"$work/unsaved"
			# while a server does not answer the record may still be there
			if [ -n "$collect_missed" ]; then
				boot_unsure=yes
				return
			fi
			record_keep "$work/unsaved" boot ''
		fi
	fi
	boot_write up || detail "$boot_dir/boot: cannot be written"
}

# boot_test: the crash that kdump test --crash has made: "result" is arrived, incomplete or
# lost, and stays so; nothing is said of it while a place could not be looked at
boot_test() {
	[ -e "$boot_dir/test" ] && [ -z "$(record_get result "$boot_dir/test")" ] || return 0
	[ "$(record_get boot "$boot_dir/test")" != "$(boot_id)" ] || return 0
	boot_result=
	boot_wanted=$(record_get id "$boot_dir/test")
	for boot_file in "$records_dir"/*; do
		[ "$(record_get test_id "$boot_file")" = "$boot_wanted" ] || continue
		case $(record_rank "$boot_file") in
		6* | 5*) boot_result=arrived ;;
		*) boot_result=incomplete ;;
		esac
		boot_record=${boot_file##*/}
	done
	if [ -z "$boot_result" ]; then
		[ -z "$collect_missed" ] || return 0
		boot_result=lost boot_record=none
	fi
	cat "$boot_dir/test" >"$boot_dir/test.new" &&
		printf 'result=%s\nrecord=%s\n' "$boot_result" "$boot_record" >>"$boot_dir/test.new" &&
		mv "$boot_dir/test.new" "$boot_dir/test"
	inform "kdump test --crash of $(record_get date "$boot_dir/test"): $boot_result"
}
