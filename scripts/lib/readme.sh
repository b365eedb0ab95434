# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# readme.sh - README.txt beside the dump: for people, what happened; to be sourced
#
# Written first while all is still to come, and again in the end.

# human BYTES: in words
human() {
	case $1 in
	'' | *[!0-9]*) words='size not known' ;;
	?????????????*) words="$(($1 >> 30)) GiB" ;;
	???????*) words="$(($1 >> 20)) MiB ($1 bytes)" ;;
	*) words="$1 bytes" ;;
	esac
}

# seconds_between A B: two times of uptime with hundredths, in words
seconds_between() {
	case $1,$2 in
	*[!0-9.,]* | ,* | *,) words= ;;
	*)
		# 1 in front: a number that begins with 0 would be octal
		each=$((1${2%.*}${2#*.} - 1${1%.*}${1#*.}))
		[ ${#1} -eq ${#2} ] || each=$(((${2%.*} - ${1%.*}) * 100 + 1${2#*.} - 1${1#*.}))
		words="$((each / 100)).$((each / 10 % 10)) s"
		;;
	esac
}

# tell LINE...: added to readme
tell() {
	for each; do
		readme=$readme$each$nl
	done
}

# in words what became of the dump, for the place of the target of target_read
tell_dump() {
	recall "$target" dump
	here_dump=$value
	case $here_dump in
	saved) tell "Dump:     $dump_name, complete: open it with crash or drgn." ;;
	less)
		tell "Dump:     $dump_name, complete, but not all went as asked: see capture.log."
		;;
	raw)
		tell "Dump:     $raw_name: all memory as it was, because dumpfilter could not do it." \
			'          Run dumpfilter on it.'
		;;
	partial)
		tell "Dump:     $dump_name-incomplete: CUT SHORT. What it has can be read with crash or drgn."
		;;
	incomplete)
		tell "Dump:     $dump_name-incomplete: INCOMPLETE. dumpfilter or the way here failed."
		;;
	*) tell 'Dump:     none here.' ;;
	esac
	case $here_dump in
	saved | less | raw) ;;
	*)
		if [ -n "$dump_target" ] && [ "$dump_target" != "$target" ]; then
			tell "          There is one elsewhere ($dump_state): $dump_where"
		fi
		;;
	esac
}

tell_log() {
	recall "$target" log
	case $value in
	saved) tell "Log:      $log_name, the dead kernel's messages." ;;
	less) tell "Log:      $log_name, the dead kernel's messages, not all of them." ;;
	incomplete) tell "Log:      $log_name-incomplete: only the beginning." ;;
	*) tell "Log:      none here; a dump has it: dumpmsg $dump_name" ;;
	esac
}

tell_tries() {
	rest=$tries
	[ -z "$rest" ] || tell '' 'What was tried, in this order:'
	while [ -n "$rest" ]; do
		line=${rest%%"$nl"*}
		rest=${rest#*"$nl"}
		tell "  ${line#*=}"
	done
}

# readme_make STATUS: the whole in readme, for the place of the target of target_read;
# STATUS is running, or that of capture
readme_make() {
	readme=
	tell "Kernel crash of $host, $crash_time UTC" '' \
		"Kernel:   $release" \
		"Panic:    $fact_panic"
	if [ "$1" = running ]; then
		tell 'State:    INCOMPLETE: the dump is being written.' '' \
			'If the machine is up again and this line is still here, the capture did not come to' \
			'its end: power lost, watchdog, or the capture kernel itself crashed.'
		return
	fi
	case $dump_state in
	saved) tell 'State:    the dump was saved.' ;;
	raw) tell 'State:    all memory was saved, unfiltered.' ;;
	partial | incomplete) tell 'State:    only a PART of the dump was saved.' ;;
	*) tell 'State:    NO DUMP was saved.' ;;
	esac
	tell_dump
	if [ -n "$dump_size" ] && [ "$dump_target" = "$target" ]; then
		human "$dump_size"
		tell "          $words"
	fi
	tell_log
	tell "Capture:  exit $1 (0 all saved as asked, 1 no dump, 3 a part of it, 6 saved with less)"
	seconds_between "$started" "$ended"
	all=$words
	seconds_between "$dump_started" "$dump_ended"
	tell "Time:     ${all:-not known} in all${words:+, the dump $words}; begun $started s after the capture kernel"
	if [ -n "$memory_least" ] && [ -n "$memory_total" ]; then
		tell "Memory:   $(((memory_total - memory_least) >> 10)) MiB of $((memory_total >> 10)) MiB used at most in the capture kernel${reserved:+, $((reserved >> 10)) MiB reserved}"
	fi
	tell_tries
	tell '' 'capture.log has everything that was said, kexec-dmesg.log the capture kernel'"'"'s own' \
		'messages, kdump-record the same as this file for programs.'
}
