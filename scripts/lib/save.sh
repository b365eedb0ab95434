# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# save.sh - log and dump to one target; to be sourced after reach
#
# A status of dumpfilter or dumpsend is never taken for more than it says: whole is what
# both have called whole. One that was killed has the status of a signal (137), and what it
# has left is called NAME-incomplete.

# seconds for a log
log_limit=30
# kinds of failures of dumpfilter after which it is run again, in this little memory
small_memory=4M
careful='' beside=''

# last_words: the last line that was said, for the record
last_words() {
	words=$tool_said
	case $words in
	'' | Killed | Terminated) words="exit $1" ;;
	esac
}

# send_options SECONDS RETRY: in front of the user's own, which come last and win
send_options() {
	sending="$names --retry-for=$2"
	[ "$1" -eq 0 ] || sending="$sending --time-limit=$1"
	sending="$sending $beside $send"
}

# sent_bytes: how long the file is that dumpsend has just sent, in bytes; empty if unknown
sent_bytes() {
	bytes=
	case $said in
	*'the file has '*' bytes'*)
		bytes=${said##*'the file has '}
		bytes=${bytes%% *}
		;;
	esac
}

# told COMMAND...: for people, and the end of it with -n
told() {
	say "$*"
	[ -z "$dry_run" ]
}

# to_server SECONDS RETRY STRICT NAME COMMAND...: into the pipe; made, sent
to_server() {
	to_seconds=$1
	to_strict=$3
	send_options "$1" "$2"
	if [ "$kind" = raw ]; then
		where=$place
	else
		place_url "$4"
	fi
	shift 4
	made=0 sent=0 over=
	told "$* | dumpsend $sending $where" || return 0
	[ "$to_seconds" -eq 0 ] || to_seconds=$((to_seconds + 15))
	# shellcheck disable=SC2086 # options: words on purpose
	pipe_within "$to_seconds" "$to_strict" $# "$@" dumpsend $sending "$where"
	[ "$made" -eq 0 ] || say "$1: exit $made"
	[ "$sent" -eq 0 ] || say "dumpsend: exit $sent"
}

# to_some_place ARGUMENTS OF to_server: where the server refuses a name, in another folder
to_some_place() {
	to_server "$@"
	if [ "$sent" -eq 2 ] && [ -n "$send" ] && [ -z "$over" ]; then
		say "dumpsend did not understand '$send': doing without"
		worse 6
		send=
		remember "$target" send none
		to_server "$@"
	fi
	number=0
	while [ $number -gt -100 ] && [ -z "$over" ] && time_left; do
		case $kind$sent$said in
		raw*) return ;;
		???1*': exists'*) ;;
		*) return ;;
		esac
		number=$((number - 1))
		place_server $number
		say "refused: trying another folder, $place"
		to_server "$@"
	done
}

# log_result STATUS: what dumpmsg's status says of the log that is here
log_result() {
	case $1 in
	0) remember "$target" log saved ;;
	6)
		remember "$target" log less
		say "$place/$log_name: saved, but not all of it could be read"
		worse 6
		;;
	3) remember "$target" log incomplete ;;
	esac
	case $1$log_state in
	0* | 6*) log_state=saved ;;
	3lost) log_state=incomplete ;;
	esac
}

# save_log SALVAGE LIMIT: to the target of target_read, which is ready; 0 if it is there
save_log() {
	[ "$kind" != raw ] || return 0
	clock
	if is_local; then
		log_made=0 over='' stuck=''
		if told "dumpmsg $1 -o $place/$log_name $vmcore"; then
			within "$2" dumpmsg "$1" -o "$place/$log_name" "$vmcore"
			log_made=$?
		fi
		[ -z "$stuck" ] || remember "$target" dead yes
		log_sent=0
		[ $log_made -eq 0 ] || say "dumpmsg: exit $log_made"
	else
		log_beside
		to_some_place "$2" 20 1 "$log_name" dumpmsg "$1" "$vmcore"
		beside=
		log_made=$made log_sent=$sent
		sent_bytes
		[ -z "$bytes" ] || log_size=$bytes
	fi
	why_over
	case $log_made$log_sent in
	00 | 60 | 06 | 66)
		! is_local || local_log=$place/$log_name
		log_result "$log_made"
		return 0
		;;
	5*)
		# found later, by looking through all memory
		log_found=5
		add_try log 5 'the log is not where it should be: looked for after the dump'
		return 1
		;;
	3?) log_result 3 ;;
	esac
	last_words "$log_made"
	is_local || log_made="$log_made, dumpsend $log_sent"
	add_try log "$log_made" "$words"
	worse 6
	return 1
}

# limits: the arguments for dumpfilter's size
limits() {
	limit_size=$max_size
	if is_local && [ "$keep_free" -gt 0 ] && [ -z "$dry_run" ] && free_bytes "$place"; then
		free=$((free - keep_free))
		[ $free -ge 65536 ] || free=65536
		if [ "$limit_size" -eq 0 ] || [ $free -lt "$limit_size" ]; then
			limit_size=$free
		fi
	fi
	size_option=
	[ "$limit_size" -eq 0 ] || size_option="-L $limit_size"
}

# local_result STATUS: outcome of a dump to a folder
local_result() {
	outcome=none
	if [ -n "$stuck" ]; then
		# whoever touches that disk now may hang with it
		outcome=incomplete
		remember "$target" dead yes
		return
	fi
	[ ! -s "$place/$dump_name-incomplete" ] || outcome=incomplete
	case $1 in
	0) outcome=saved ;;
	6) outcome=less ;;
	2) again=usage ;;
	3) [ $outcome = none ] || outcome=partial ;;
	*) [ -n "$over" ] || again=filter ;;
	esac
	[ $outcome != none ] || [ ! -s "$place/$dump_name" ] || outcome=incomplete
}

# server_result: outcome of made and sent
server_result() {
	outcome=none
	case $made,$sent,$over in
	0,0,*) outcome=saved ;;
	6,0,* | [06],6,*) outcome=less ;;
	2,5,*) again=usage ;;
	*,0,*) outcome=incomplete again=filter ;;
	*,3,*)
		outcome=partial
		# it is not dumpsend that has ended it, but the one before it
		case $over$said in
		*'without its end marker'*)
			outcome=incomplete
			[ -n "$over" ] || again=filter
			;;
		esac
		;;
	*,5,) again=filter ;;
	*,4,) again=later ;;
	esac
	[ "$sent" -lt 128 ] || [ -n "$over" ] || again=filter
}

# dump_once OPTIONS: outcome is saved, less, partial, incomplete or none; again is why it may
# be tried once more: usage, filter, later, or nothing
dump_once() {
	again=
	limits
	# shellcheck disable=SC2086 # options: words on purpose
	if is_local; then
		over='' stuck='' filtered=0
		if told "dumpfilter $1 $size_option $vmcore $place/$dump_name"; then
			within "$target_limit" dumpfilter $1 $size_option "$vmcore" "$place/$dump_name"
			filtered=$?
		fi
		[ $filtered -eq 0 ] || say "dumpfilter: exit $filtered"
		local_result $filtered
		try_status=$filtered
	else
		to_some_place "$target_limit" "$retry_for" 0 "$dump_name" \
			dumpfilter $1 $size_option "$vmcore"
		server_result
		sent_bytes
		remember "$target" size "$bytes"
		try_status="$made, dumpsend $sent"
	fi
	[ -z "$dry_run" ] || outcome=saved
	why_over
	[ -z "$words" ] || say "$shown: left: $words"
	[ -n "$words" ] || case $outcome in
	saved) words='saved' ;;
	*) last_words "$try_status" ;;
	esac
	add_try dump "$try_status" "$words"
	remember "$target" dump "$outcome"
}

# make_way: a local target must have room for one more try
make_way() {
	is_local && [ -e "$place/$dump_name-incomplete" ] || return 0
	size=$(stat -c %s "$place/$dump_name-incomplete") || return 0
	if ! free_bytes "$place" || [ "$free" -gt $((size * 2)) ]; then
		mv "$place/$dump_name-incomplete" "$place/$dump_name-incomplete.first"
	else
		say "$place/$dump_name-incomplete: removed, to make room for another try"
		rm -f "$place/$dump_name-incomplete"
	fi
}

# after_second: the first try may have left more
after_second() {
	case $outcome in
	saved | less) ! is_local || rm -f "$place/$dump_name-incomplete.first" ;;
	none)
		if ! is_local; then
			outcome=$first
		elif [ -e "$place/$dump_name-incomplete.first" ]; then
			mv "$place/$dump_name-incomplete.first" "$place/$dump_name-incomplete"
			outcome=$first
		fi
		remember "$target" dump "$outcome"
		;;
	esac
}

# raw_fits: is there room for all memory? (on a server that is not known)
raw_fits() {
	size=$(stat -L -c %s "$vmcore") || size=0
	[ "$size" -gt 0 ] || {
		say "$vmcore: is empty"
		return 1
	}
	if [ "$max_size" -gt 0 ] && [ "$size" -gt "$max_size" ]; then
		say "$shown: all memory is $size bytes, and max_size $max_size"
		return 1
	fi
	is_local || return 0
	free_bytes "$place" || {
		[ "$keep_free" -eq 0 ]
		return
	}
	[ "$free" -gt $((size + keep_free)) ] && return
	say "$place: room for $((free >> 10)) KiB, the raw vmcore needs $((size >> 10))"
	return 1
}

# end_raw: is it all? Then it gets its name
end_raw() {
	[ "$(stat -c %s "$place/$raw_name-incomplete")" = "$size" ] || {
		say "$place/$raw_name-incomplete: is not as long as $vmcore"
		return 1
	}
	mv "$place/$raw_name-incomplete" "$place/$raw_name"
}

# save_raw: all memory as it is; outcome
save_raw() {
	raw_fits || return
	again=
	if is_local; then
		over='' stuck='' copied=0
		if told "dd if=$vmcore of=$place/$raw_name-incomplete bs=1M conv=fsync"; then
			within "$target_limit" dd if="$vmcore" of="$place/$raw_name-incomplete" \
				bs=1M conv=fsync
			copied=$?
			[ $copied -ne 0 ] || end_raw || copied=1
		fi
		try_status=$copied
		[ -z "$stuck" ] || remember "$target" dead yes
		case $copied$over in
		0) outcome=raw ;;
		*) [ ! -s "$place/$raw_name-incomplete" ] || outcome=incomplete ;;
		esac
	else
		to_some_place "$target_limit" "$retry_for" 1 "$raw_name" cat "$vmcore"
		try_status="$made, dumpsend $sent"
		case $made$sent$over in
		00) outcome=raw ;;
		?*3*) outcome=incomplete ;;
		esac
		[ "$sent" -ne 4 ] || again=later
	fi
	why_over
	[ -n "$words" ] || last_words "$try_status"
	[ "$outcome" != raw ] || words="all memory, unfiltered"
	add_try raw "$try_status" "$words"
	remember "$target" dump "$outcome"
}

# save_dump: to the target of target_read, which is ready; outcome and again as dump_once
save_dump() {
	clock
	[ -n "$dump_started" ] || dump_started=$uptime
	options=$arguments
	[ -z "$careful" ] || options="$arguments -j 1 --memory=$small_memory"
	dump_once "$options"
	if [ "$again" = usage ]; then
		say "dumpfilter did not understand '$options': doing without"
		worse 6
		arguments='' options=''
		dump_once ''
	fi
	if [ "$again" = filter ] && [ -z "$careful" ] && time_left; then
		careful=yes
		worse 6
		say "dumpfilter: once more, with one thread and $small_memory of memory"
		first=$outcome
		aside 60 make_way
		dump_once "$arguments -j 1 --memory=$small_memory"
		after_second
	fi
	if [ "$again" = filter ] && [ "$allow_raw" = yes ] && time_left; then
		save_raw
	fi
	clock
	dump_ended=$uptime
}
