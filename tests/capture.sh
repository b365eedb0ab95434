# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# capture.sh - what the cases of capture-supervise and capture-faults share, besides
# dumpsend.sh; to be sourced
#
# A folder stands for the disk (target N needs nothing): mounting is tried in kdump-up and in
# virtual machines.

# shellcheck disable=SC2034,SC2317 # for those who source this
# shellcheck source-path=SCRIPTDIR source=dumpsend.sh
. "${0%/*}/../dumpsend.sh"

script=$(cd "${0%/*}/../../scripts" && pwd)/capture
library=${script%/*}/lib
crash=db7-2023-11-14-22:13:20
root='' dead='' filter=

# config LINE...: capture.conf, as c.conf; where things are
config() {
	root=$PWD/root
	mkdir -p "$root/run" "$root/proc"
	printf 'console=ttyS0 crashpipe.test_id=t17 crashpipe.reserved=262144\n' >"$root/proc/cmdline"
	printf '%s\n' 'format 1' 'host db7' "$@" >c.conf
	: "${dead:=$samples/6.12.elf}"
}

# disk N [DIR]: lines of a target that is a folder of this machine
disk() {
	printf 'target %s kind disk\ntarget %s needs nothing\ntarget %s dir %s\ntarget %s shown disk %s\n' \
		"$1" "$1" "$1" "${2:-/var/crash}" "$1" "$1"
}

# nfs_to N [PORT]: to the test server, in a folder of this case; ssh_to N [PORT]
nfs_to() {
	printf 'target %s kind nfs\ntarget %s needs nothing\ntarget %s shown nfs %s\n' "$1" "$1" "$1" "$1"
	printf 'target %s url nfs://127.0.0.1:%s/dump/%s?version=3&mountport=20048\n' "$1" "${2:-2049}" "$n"
	printf 'target %s send --connect-timeout=3 --timeout=3 --retry-for=%s\n' "$1" "${retry:-2}"
}

ssh_to() {
	printf 'target %s kind ssh\ntarget %s needs nothing\ntarget %s shown ssh %s\n' "$1" "$1" "$1" "$1"
	printf 'target %s url ssh://root@127.0.0.1:%s%s/server\n' "$1" "${2:-2222}" "$PWD"
	printf 'target %s send --host-key=%s --identity=%s --connect-timeout=3 --timeout=3 --retry-for=%s\n' \
		"$1" "${print:-$(host_print ed25519)}" "$SSH/id_ed25519" "${retry:-2}"
}

# supervise STATUS [OPTION...]: within a minute
supervise() {
	wanted=$1
	shift
	# shellcheck disable=SC2086 # one word or two
	TIMEOUT=${TIMEOUT:-100} expect "$wanted" env CRASHPIPE_BIN="$bin" KDUMP_ROOT="$root" \
		VMCORE="$dead" $shell "$script" --supervise -c c.conf "$@"
}

# began: the same in the background
began() {
	# shellcheck disable=SC2086 # one word or two
	CRASHPIPE_BIN=$bin KDUMP_ROOT=$root VMCORE=$dead $shell "$script" --supervise -c c.conf \
		>out 2>err </dev/null &
	job=$!
	at_end killed_at_end
}

# all_shells FUNCTION: in a folder each
all_shells() {
	choose_shell "$1"
	for shell in 'dash' 'busybox sh' 'bash --posix'; do
		if [ "${FULL:-}" != yes ] && [ "$shell" != "$this_shell" ]; then
			continue
		fi
		n=${shell%% *}-${PWD##*/}
		mkdir "$n" || why "mkdir $n"
		# what is there for its end ends with it
		(
			cd "$n" || exit
			ending='' proxies=
			"$1"
		) || exit
	done
}

# this case's turn: by the letters of its name
choose_shell() {
	case $((${#1} % 4)) in
	0) this_shell=dash ;;
	2) this_shell='bash --posix' ;;
	*) this_shell='busybox sh' ;;
	esac
}

# recorded NAME VALUE [FILE]
recorded() {
	got=$(sed -n "s/^$1=//p" "${3:-$there/kdump-record}")
	[ "$got" = "$2" ] || why "record: $1=$got, not $2; $(tail -n 5 err | tr '\n' ';')"
}

# tried N TEXT: in the record, as the Nth
tried() {
	grep -q "^try_$1=.*$2" "$there/kdump-record" ||
		why "try_$1 not \"$2\": $(grep '^try_' "$there/kdump-record" | tr '\n' ';')"
}

# reads TEXT...: README.txt has each
reads() {
	for text; do
		grep -q -F -e "$text" "$there/README.txt" ||
			why "README.txt has no \"$text\": $(tr '\n' '|' <"$there/README.txt")"
	done
}

# whole_dump FILE [OPTION...]: is the very dump
whole_dump() {
	file=$1
	shift
	"$bin/dumpfilter" -q "${@:--l}" "$dead" wanted.dump || why 'dumpfilter'
	same "$file" wanted.dump
	rm -f wanted.dump
}

# log_at FILE
log_at() {
	same "$1" "$dead.log"
}

# action WORD
action() {
	got=$(cat "$root/run/crashpipe/action" 2>/dev/null)
	[ "$got" = "$1" ] || why "action: $got, not $1"
}

# small_files: beside the dump, in $there
small_files() {
	for file in README.txt kdump-record capture.log kexec-dmesg.log; do
		[ -s "$there/$file" ] || why "$file is missing"
		mode "$there/$file" 600
	done
	[ ! -e "$there/.room" ] || why '.room was left'
	grep -q 'dumpfilter' "$there/capture.log" || why 'capture.log does not have it all'
	[ -z "$(find "$root/run" -name 'capture.*')" ] || why 'something was left in /run'
}

# hook NAME LINE: a program
hook() {
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

# small SIZE PLACE: a file system of that size
small() {
	mkdir -p "$2"
	mount -t tmpfs -o "size=$1" tmpfs "$2" || skip 'nothing can be mounted here'
	at_end "umount '$2'"
}

# crash_folder FOLDER: there, as soon as a crash's folder is made in it
crash_folder() {
	wait_for 30 set_there "$1" || why "$1: no folder: $(tail -n 3 err)"
}

set_there() {
	there=$(ls -d "$1"/*-20* 2>/dev/null)
	[ -n "$there" ]
}
