# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# budget.sh - run a command within a time; to be sourced
#
# A command runs in a session of its own, so that all it starts can be ended with it, by
# TERM and, if that does not help, by KILL. It is left alone when even that does not help
# (a dead disk can hold a process for ever): nothing here waits without an end.
#
# It is waited for by looking, as often as every half second. That is when its messages go
# from the log to the console, and when it is looked how much memory is left; both need no
# process of their own.
#
# Expects: log (the file that standard error goes to, or empty), console (1 where
# descriptor 9 is the console and 8 reads the log), deadline (seconds of uptime at which
# everything must be over; 0: none).

# seconds without bytes written and without work done; seconds without bytes, whatever is
# done: twelve TiB of struct pages take dumpfilter some minutes in which it writes nothing
stall_limit=${stall_limit:-600}
busy_limit=${busy_limit:-3600}
# seconds between TERM and KILL: a slow disk must take what dumpfilter still has to write
grace=${grace:-10}

job='' stuck='' interrupted='' console=${console:-} deadline=${deadline:-0}
memory_least=${memory_least:-} memory_total=${memory_total:-}
last_said='' said='' part=''

session=
if command -v setsid >/dev/null; then
	session=setsid
fi

# nap_ready FILE: busybox can wait without a process, by reading what never comes; FILE is
# made for that
napping=
nap_ready() {
	mkfifo "$1" 2>/dev/null || return 0
	exec 7<>"$1"
	# a time-out is 1; a shell that knows of none says 2
	# shellcheck disable=SC3045 # that is the question
	(read -r -t 0.01 _ <&7) 2>/dev/null
	[ $? -ne 1 ] || napping=yes
}

# nap SECONDS
nap() {
	if [ -n "$napping" ]; then
		# shellcheck disable=SC3045 # busybox has it
		read -r -t "$1" _ <&7 || :
	else
		sleep "$1"
	fi
}

# clock: seconds since the kernel started in now; with hundredths in uptime
clock() {
	read -r uptime _ </proc/uptime
	now=${uptime%.*}
}

# show_log: to the console what has come to the log since; the last line in last_said, the
# last few in said. Not more at once than a console takes: who says so much is to be watched.
show_log() {
	[ -n "$console" ] || return 0
	shown_lines=0
	while [ $shown_lines -lt 1000 ]; do
		shown_lines=$((shown_lines + 1))
		if IFS= read -r log_line <&8; then
			last_said=$part$log_line
			part=
			# one that is gone: dash would say so in the log, which would be shown, and so on
			printf '%s\n' "$last_said" >&9 2>/dev/null
			[ ${#said} -lt 4000 ] || said=
			said="$said$last_said "
		else
			# a line that is not complete yet
			part=$part$log_line
			return
		fi
	done
}

# memory_look: MemTotal and the least MemAvailable seen, KiB
memory_look() {
	while read -r mem_name mem_kib _; do
		case $mem_name in
		MemTotal:) memory_total=$mem_kib ;;
		MemAvailable:)
			[ "$mem_kib" -ge "${memory_least:-$mem_kib}" ] || memory_least=$mem_kib
			memory_least=${memory_least:-$mem_kib}
			return
			;;
		esac
	done </proc/meminfo
}

# alive PID: a zombie is not
alive() {
	state=
	# a number each time: see the end of capture
	{ read -r state <"/proc/$1/stat"; } 2>/dev/null || return 1
	state=${state##*) }
	case $state in
	'' | [ZX]*) return 1 ;;
	esac
}

# job_measure: of all processes of the job's session, processor time in used (ticks) and
# bytes given to write(2) in wrote, where the kernel counts them
job_measure() {
	used=0 wrote=0
	for process in /proc/[0-9]*; do
		{ read -r state <"$process/stat"; } 2>/dev/null || continue
		# state parent group session terminal tpgid flags faults*4 utime stime
		# shellcheck disable=SC2086 # words; numbers only
		set -- ${state##*) }
		[ "${4:-0}" = "$job" ] || continue
		used=$((used + ${12:-0} + ${13:-0}))
		{ while read -r io_name io_bytes; do
			case $io_name in
			wchar:) wrote=$((wrote + io_bytes)) ;;
			esac
		done <"$process/io"; } 2>/dev/null
	done
}

# job_stands_still: for so long that it will not come to an end; without sessions that is
# not known
job_stands_still() {
	[ -n "$session" ] || return 1
	job_measure
	if [ $((wrote - last_wrote)) -ge 65536 ] || [ "$wrote" -lt "$last_wrote" ]; then
		last_wrote=$wrote wrote_at=$now idle_since=$now last_used=$used
	elif [ $((used - last_used)) -ge 100 ] || [ "$used" -lt "$last_used" ]; then
		idle_since=$now last_used=$used
	fi
	[ $((now - idle_since)) -lt "$stall_limit" ] || return 0
	[ "$wrote" -gt 0 ] || [ -r "/proc/$job/io" ] || return 1
	[ $((now - wrote_at)) -ge "$busy_limit" ]
}

# job_signal NAME: to the job and all it has started
job_signal() {
	# one that has just been started has no session yet
	[ -z "$session" ] || ! kill "-$1" "-$job" 2>/dev/null || return 0
	kill "-$1" "$job" 2>/dev/null
}

# job_ends SECONDS: within that time
job_ends() {
	clock
	until=$((now + $1))
	while alive "$job"; do
		[ "$now" -lt "$until" ] || return 1
		nap 0.05
		clock
		show_log
	done
}

# job_stop: end it; 1 if it does not end
job_stop() {
	job_signal TERM
	job_signal CONT
	job_ends "$grace" && return 0
	job_signal KILL
	job_ends 3
}

# job_watch SECONDS: until the job has ended, or why it must not go on is in over
job_watch() {
	clock
	ends=0
	[ "$1" -eq 0 ] || ends=$((now + $1))
	if [ "$deadline" -gt 0 ] && { [ $ends -eq 0 ] || [ "$ends" -gt "$deadline" ]; }; then
		ends=$deadline
	fi
	looks=0 measured=$now
	last_wrote=0 wrote_at=$now idle_since=$now last_used=0
	while alive "$job"; do
		memory_look
		show_log
		clock
		if [ -n "$interrupted" ]; then
			over=interrupted
		elif [ "$ends" -gt 0 ] && [ "$now" -ge "$ends" ]; then
			over='time'
		elif [ $((now - measured)) -ge 15 ] || [ "$stall_limit" -lt 15 ]; then
			measured=$now
			! job_stands_still || over=stall
		fi
		[ -z "$over" ] || return
		looks=$((looks + 1))
		case $looks in
		[1-3]) nap 0.03 ;;
		[4-9]) nap 0.1 ;;
		1[0-9]) nap 0.2 ;;
		*) nap 0.5 ;;
		esac
	done
}

# within SECONDS COMMAND...: run it, no longer than SECONDS (0: as long as something
# happens). Its standard input is empty, its output goes to the file in output, or else
# where its messages go. Returns its status; in over is why it was ended: time, stall,
# interrupted, or nothing. took is how many seconds it ran; tool_said the last line it said.
# One that nothing can end counts as killed (137), and stuck is yes.
within() {
	over='' stuck='' last_said='' said=''
	budget=$1
	shift
	clock
	began=$now
	if [ -n "${output:-}" ]; then
		$session "$@" </dev/null >"$output" 7<&- 8<&- 9>&- &
	else
		$session "$@" </dev/null >&2 7<&- 8<&- 9>&- &
	fi
	job=$!
	job_watch "$budget"
	if [ -n "$over" ] && ! job_stop; then
		say "$1: cannot be ended; going on without it"
		job_status=137 stuck=yes
	else
		wait "$job" 2>/dev/null
		job_status=$?
	fi
	job=
	clock
	took=$((now - began))
	show_log
	tool_said=$last_said
	return "$job_status"
}

# aside SECONDS FUNCTION ARGUMENT...: a function that touches a disk, which may be dead: it is
# left behind when it does not end in time, and stuck is yes. Its status; what it sets is lost.
aside() {
	aside_seconds=$1
	shift
	stuck=
	clock
	if [ "$deadline" -gt 0 ] && [ $((now + aside_seconds)) -gt "$deadline" ]; then
		# it may need no time
		aside_seconds=$((deadline > now ? deadline - now : 1))
	fi
	(console='' napping='' && "$@") 7<&- 8<&- 9>&- &
	job=$!
	if job_ends "$aside_seconds"; then
		wait "$job"
		aside_status=$?
	else
		kill -KILL "$job" 2>/dev/null
		aside_status=1 stuck=yes
		say 'the disk does not answer: going on without'
	fi
	job=
	show_log
	return $aside_status
}

# why_over: in words, after within
why_over() {
	case $over in
	time) words='its time was over' ;;
	stall) words="it stood still for $stall_limit s" ;;
	interrupted) words='interrupted' ;;
	*) words= ;;
	esac
}

# time_left [SECONDS]: is there still so much (10) before everything must be over?
time_left() {
	[ -z "$interrupted" ] || return 1
	[ "$deadline" -gt 0 ] || return 0
	clock
	[ $((deadline - now)) -ge "${1:-10}" ]
}
