# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # some names are of those who source it
#
# verb-report.sh - kdump report: what the last crash has left

need collector conf records device probe raw pstore collect boot show-crash

help_report() {
	cat <<-'EOT'
		usage: kdump report [--all] [--json] [--fetch | --no-fetch]
		       kdump report --collect | --leave

		Find what crashes have left - on disks, servers, raw devices and in pstore -,
		keep a record of each in /var/lib/crashpipe/reports, and show the last one.

		  --all        a line for each crash that is known
		  --json       one line of JSON instead
		  --fetch      ask everybody: the default
		  --no-fetch   only what was found before: ask nobody
		  --collect    for the start of the system: one line for the log
		  --leave      for its end: this shutdown is no crash

		exit: 0 a whole dump; 6 only a part, or the log; 1 nothing was saved; 3 no crash is
		known; 4 none is known, and not every place could be looked at
	EOT
}

report_usage() {
	say "$1"
	help_report | sed -n '1,2p' >&2
	exit 2
}

report_options() {
	report_all='' report_json='' report_fetch=yes report_collect='' report_leave=''
	for report_word; do
		case $report_word in
		--all) report_all=yes ;;
		--json) report_json=yes ;;
		--fetch) report_fetch=yes ;;
		--no-fetch) report_fetch= ;;
		--collect) report_collect=yes ;;
		--leave) report_leave=yes ;;
		*) report_usage "report: $report_word: no such option" ;;
		esac
	done
}

# report_conf: without a configuration that can be read there is still a place to look
report_conf() {
	conf_read "$KDUMP_ROOT/etc/kdump.conf" >"$work/conf.out" 2>"$work/conf.err" && return
	[ ! -e "$KDUMP_ROOT/etc/kdump.conf" ] ||
		say "/etc/kdump.conf: $(head -n 1 "$work/conf.err" | sed 's/^kdump: //')"
}

# report_lock: one at a time, until it ends; 1 when another has not ended for a minute
report_lock() {
	mkdir -p "$KDUMP_ROOT/run/crashpipe" 2>/dev/null
	command -v flock >/dev/null || return 0
	touch "$KDUMP_ROOT/run/crashpipe/report.lock" 2>/dev/null || return 0
	exec 8>>"$KDUMP_ROOT/run/crashpipe/report.lock"
	report_tries=60
	until flock -n 8; do
		report_tries=$((report_tries - 1))
		[ $report_tries -gt 0 ] || {
			say 'another kdump report does not end: showing what was known before'
			return 1
		}
		sleep 1
	done
}

# report_gather: from everywhere
report_gather() {
	[ -z "$dry_run" ] || {
		inform 'would look for records on all targets, on raw devices and in pstore'
		return 0
	}
	report_lock || return 0
	collect_targets
	pstore_collect "$(collect_home)" "$(collect_host "$KDUMP_ROOT/etc")"
	boot_look
	boot_test
}

# report_last: the record of the last crash that is kept
report_last() {
	report_name=$(records_list | tail -n 1)
	[ -n "$report_name" ] || return 1
	printf '%s\n' "$records_dir/$report_name"
}

# report_status FILE: an exit status for what was saved
report_status() {
	case $(record_rank "$1") in
	6* | 5*) echo 0 ;;
	4* | 3* | 2*) echo 6 ;;
	*) echo 1 ;;
	esac
}

report_table() {
	records_list | while IFS= read -r report_name; do
		report_file=$records_dir/$report_name
		printf '%-20s %-10s %-22s %s\n' "$(show_date "$report_file")" \
			"$(show_saved "$report_file")" "$(record_get release "$report_file")" \
			"$(record_get panic "$report_file")"
	done
}

report_as_json() {
	printf '{"status": %s, "unreachable": %s, "last": ' "$1" \
		"$([ -n "$collect_missed" ] && printf true || printf false)"
	if [ -n "$2" ]; then record_json "$2"; else printf null; fi
	printf ', "crashes": ['
	report_comma=
	for report_name in $(records_list); do
		printf '%s' "$report_comma"
		record_json "$records_dir/$report_name"
		report_comma=', '
	done
	printf ']}\n'
}

# report_line FILE: for the system's log
report_line() {
	say "the last crash, $(show_date "$1"), $(record_get panic "$1"): $(show_saved "$1")," \
		"$(record_get place "$1"); kdump report says more"
}

verb_report() {
	report_options "$@"
	work_folder
	if [ -n "$report_leave" ]; then
		boot_leave
		return
	fi
	for report_dir in "${records_dir%/*}" "$records_dir"; do
		[ ! -d "$report_dir" ] || { [ -r "$report_dir" ] && [ -x "$report_dir" ]; } ||
			die 1 "$report_dir: cannot be read: are you root?"
	done
	report_conf
	report_before=$(records_list | tail -n 1)
	[ -z "$report_fetch" ] || report_gather
	report_file=$(report_last)
	report_result=3
	[ -z "$report_file" ] || report_result=$(report_status "$report_file")
	[ -n "$report_file" ] || [ -z "$collect_missed" ] || report_result=4
	if [ -n "$report_collect" ]; then
		[ -z "$report_file" ] || [ "${report_file##*/}" = "$report_before" ] ||
			report_line "$report_file"
		return 0
	fi
	[ -z "$boot_unsure" ] ||
		say 'before this boot the machine went down without a shutdown; whether anything' \
			'was saved is not known while not every place can be looked at'
	if [ -n "$quiet" ]; then
		: # the status is the answer
	elif [ -n "$report_json" ]; then
		report_as_json "$report_result" "$report_file"
	elif [ -z "$report_file" ]; then
		printf 'no crash of this machine is known%s\n' \
			"${collect_missed:+, but not every place could be looked at}"
	elif [ -n "$report_all" ]; then
		report_table
	else
		show_crash "$report_file"
	fi
	return "$report_result"
}
