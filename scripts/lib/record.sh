# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# record.sh - the record of a crash, as scripts/README.md describes it; to be sourced
#
# It is written at the start with dump=incomplete, log=incomplete and status=running, so
# that a machine that died meanwhile is found out, and again in the end.

# record_line NAME VALUE: added to record, unless VALUE is empty
record_line() {
	[ -n "$2" ] || return 0
	one_line "$2"
	record=$record$1=$cleaned$nl
}

# command_line_words: of this kernel's command line: test_id, reserved (KiB)
command_line_words() {
	test_id='' reserved=''
	line=
	{ read -r line <"${KDUMP_ROOT:-}/proc/cmdline"; } 2>/dev/null
	set -f
	for each in $line; do
		case $each in
		crashpipe.test_id=*) test_id=${each#*=} ;;
		crashpipe.reserved=*) reserved=${each#*=} ;;
		esac
	done
	set +f
	case $reserved in
	*[!0-9]*) reserved= ;;
	esac
	[ -n "$reserved" ] || ! ask reserved || reserved=$value
}

# record_make STATUS: the whole in record
record_make() {
	record=
	record_line format 1
	record_line host "$host"
	record_line release "$release"
	record_line crash_time "$crash_time"
	record_line crash_epoch "$crash_epoch"
	record_line panic "$fact_panic"
	record_line kind "$fact_kind"
	record_line signature "$fact_signature"
	record_line arch "$fact_arch"
	record_line test_id "$test_id"
	record_line folder "${dump_folder:-$host-$crash_time}"
	record_line target "$dump_target"
	record_line where "$dump_where"
	record_line log "$log_state"
	record_line log_size "$log_size"
	record_line log_name "$log_as"
	record_line dump "$dump_state"
	record_line dump_size "$dump_size"
	record_line dump_name "$dump_as"
	record_line status "$1"
	record_line started "$started"
	record_line dump_started "$dump_started"
	record_line dump_ended "$dump_ended"
	record_line ended "$ended"
	record_line memory_total "$memory_total"
	record_line memory_least "$memory_least"
	record_line reserved "$reserved"
	record=$record$tries
}

# add_try WHAT STATUS WORDS: a line of what was tried with the target of target_read
ntries=0 tries=
add_try() {
	ntries=$((ntries + 1))
	one_line "target $target $1 exit $2: $3"
	tries=${tries}try_$ntries=$cleaned$nl
}
