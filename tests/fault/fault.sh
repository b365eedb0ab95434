# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# fault.sh - what the scripts of faults share; to be sourced, with bin, tests and samples set
#
# A scenario is a function that runs a tool and leaves what came of it as the file dump, in a
# folder of its own. The script has a function verdict, which prints what is wrong with what
# came of a fault: the exit status is $status, the messages are in err, the files in try/, what
# a run without faults has left in reference/. $call is the call that failed.
#
#	every	only each so-manieth call is tried, another set every month
#	most	... and of one scenario and call at most so many
#	parts	of the calls only each so-manieth is made to fail, from the part-th on

# some are set, and others used, by those who source this
# shellcheck disable=SC2034,SC2154
set -u
umask 022
LC_ALL=C
# whatever a sanitizer finds has a status that no tool has, leaks too
ASAN_OPTIONS=detect_leaks=1:exitcode=99:verify_asan_link_order=0
LSAN_OPTIONS=exitcode=99:print_suppressions=0
UBSAN_OPTIONS=exitcode=99
export LC_ALL ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS

every=1
most=1000000
part=0
parts=1
patience=10
failed=0
runs=0
faults=
call=
leaks=$(cd "${0%/*}" && pwd)/leaks
LSAN_OPTIONS=$LSAN_OPTIONS:suppressions=$leaks

EIO=5
ENXIO=6
EAGAIN=11
ENOMEM=12
EMFILE=24
ENOSPC=28
ENOLCK=37
ENOSYS=38
ENOPROTOOPT=92
ENOBUFS=105
ECONNRESET=104
ETIMEDOUT=110
ECONNREFUSED=111
ECHILD=10
EAI_NONAME=-2
EAI_AGAIN=-3
calls='malloc calloc realloc posix_memalign open read pread write pwrite writev pwritev fsync
	close rename renameat2 unlink mmap ftruncate fallocate lseek pthread_create fopen stat
	statvfs mkdir flock fcntl ioctl pipe2 eventfd posix_spawnp waitpid poll socket connect
	send recv getaddrinfo getifaddrs setsockopt getsockopt getsockname getrandom'

partials='FAULT_SHORT=1 FAULT_SHORT=2 FAULT_SHORT=3 FAULT_SHORT=7 FAULT_EINTR=2 FAULT_EINTR=3
	FAULT_EINTR=7'

# errnos CALL: what it may fail with
errnos() {
	case $1 in
	malloc | calloc | realloc | posix_memalign | poll) printf '%s\n' $ENOMEM ;;
	mmap) printf '%s\n' $ENOMEM $EIO ;;
	pthread_create | posix_spawnp) printf '%s\n' $EAGAIN ;;
	write | pwrite | writev | pwritev | ftruncate | fallocate | mkdir)
		printf '%s\n' $ENOSPC $EIO
		;;
	fopen | pipe2 | eventfd | socket) printf '%s\n' $EMFILE ;;
	connect) printf '%s\n' $ECONNREFUSED $ETIMEDOUT ;;
	send | recv) printf '%s\n' $ECONNRESET ;;
	getaddrinfo) printf '%s\n' $EAI_NONAME $EAI_AGAIN ;;
	getifaddrs | getsockopt | getsockname) printf '%s\n' $ENOBUFS ;;
	setsockopt) printf '%s\n' $ENOPROTOOPT ;;
	waitpid) printf '%s\n' $ECHILD ;;
	flock) printf '%s\n' $ENOLCK ;;
	getrandom) printf '%s\n' $ENOSYS ;;
	ioctl) printf '%s\n' $ENXIO ;;
	*) printf '%s\n' $EIO ;;
	esac
}

# enter NAME: a folder for all of it, in memory if possible: thousands of fsync() take their
# time on a disk
enter() {
	where=${TMPDIR:-/tmp}
	[ ! -w /dev/shm ] || where=/dev/shm
	work=$(mktemp -d "$where/$1.XXXXXX") || exit 2
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	cd "$work" || exit 2
}

# tool NAME ARGUMENT...: ours, with the faults of the moment
tool() {
	name=$1
	shift
	if [ -n "$faults" ]; then
		# shellcheck disable=SC2086 # words
		set -- env LD_PRELOAD="$tests/fault.so" $faults "$bin/$name" "$@"
	else
		set -- "$bin/$name" "$@"
	fi
	timeout -k 1 "$(limit)" "$@"
}

# may_fail: does a call fail for good this time? Otherwise the tool must get through, however
# long a busy machine takes.
may_fail() {
	case $faults in
	*FAULT_CALL=*) return 0 ;;
	esac
	return 1
}

limit() {
	if may_fail; then
		printf %s "$patience"
	else
		printf 120
	fi
}

# attempt SCENARIO OPTION...: in a folder of its own; status and messages are kept
attempt() {
	rm -rf try
	mkdir try
	(
		cd try || exit 98
		"$@"
	) 2>err
	status=$?
	runs=$((runs + 1))
}

# refer SCENARIO OPTION...: what there is without faults; 1 when that is nothing
refer() {
	attempt "$@"
	rm -rf reference
	mv try reference
	[ "$status" -ne 0 ] || [ ! -e reference/dump ] || return 0
	printf 'not ok %s: exit %s without a fault: %s\n' "$title" "$status" "$(tail -n 1 err)"
	failed=1
	return 1
}

# broken: prints what no tool may do, or nothing
broken() {
	if [ "$status" -ge 98 ]; then
		printf 'exit %s: %s' "$status" "$(grep -E '^SUMMARY|runtime error' err | head -n 1)"
	elif [ "$status" -ne 0 ] && [ ! -s err ]; then
		printf 'exit %s without a message' "$status"
	fi
}

# one CALL NUMBER ERRNO HOW SCENARIO...: sets wrong to what is wrong
one() {
	faults="FAULT_CALL=$1 FAULT_AT=$2 FAULT_ERRNO=$3"
	case $1 in
	*alloc) faults="$faults LSAN_OPTIONS=$LSAN_OPTIONS-memory" ;;
	esac
	[ "$4" = once ] || faults="$faults FAULT_STICKY=1"
	shift 4
	attempt "$@"
	faults=
	wrong=$(broken)
	[ -n "$wrong" ] || wrong=$(verdict)
}

# call CALL TIMES SCENARIO...: each of them, once and for good
call() {
	call=$1
	times=$2
	shift 2
	first=
	wrongs=0
	step=$(((times + most - 1) / most))
	[ "$step" -gt "$every" ] || step=$every
	# the same for a month, so that a failure can be repeated
	n=$(($(date +%Y%m) % step))
	[ "$n" -gt 0 ] || n=$step
	tried=0
	while [ "$n" -le "$times" ]; do
		for errno in $(errnos "$call"); do
			for how in once sticky; do
				one "$call" "$n" "$errno" $how "$@"
				tried=$((tried + 1))
				[ -n "$wrong" ] || continue
				wrongs=$((wrongs + 1))
				[ -n "$first" ] ||
					first="$call $n of $times errno $errno $how: $wrong"
				[ -z "${VERBOSE:-}" ] || printf '%s %s %s %s %s: %s\n' "$title" \
					"$call" "$n" "$errno" "$how" "$wrong" >&2
			done
		done
		n=$((n + step))
	done
	if [ -n "$first" ]; then
		printf 'not ok %s-%s: %s (%s of %s)\n' "$title" "$call" "$first" $wrongs $tried
		failed=1
	elif [ "$tried" -gt 0 ]; then
		printf 'ok %s-%s\n' "$title" "$call"
	fi
}

# scenario TITLE FUNCTION OPTION...
scenario() {
	title=$1
	scenario=$2
	shift
	refer "$@" || return
	faults=FAULT_COUNT=$PWD/count
	attempt "$@"
	faults=
	if ! cmp -s try/dump reference/dump || [ ! -s count ]; then
		printf 'not ok %s: not the same twice, without a fault: exit %s: %s\n' "$title" \
			"$status" "$(tail -n 1 err)"
		failed=1
		return
	fi
	index=0
	for call in $calls; do
		index=$((index + 1))
		[ $((index % parts)) -eq "$part" ] || continue
		! spared || continue
		times=$(sed -n "s/^$call //p" count)
		[ "${times:-0}" -eq 0 ] || call "$call" "$times" "$@"
	done
}

# partial TITLE FUNCTION OPTION...: short and interrupted reads and writes change nothing
partial() {
	title=$1
	scenario=$2
	shift
	refer "$@" || return
	for how in $partials; do
		faults=$how
		attempt "$@"
		faults=
		if [ "$status" -ne 0 ] || ! cmp -s try/dump reference/dump; then
			printf 'not ok %s-%s: exit %s: %s\n' "$title" "$how" "$status" \
				"$(head -n 1 err)"
			failed=1
		else
			printf 'ok %s-%s\n' "$title" "$how"
		fi
	done
}
