# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # some names are of case.sh
#
# kdump.sh - what the cases of kdump report, test and pstore share; to be sourced behind
# case.sh or dumpsend.sh
#
# The command runs on an invented machine: a tree in the folder root.

kdump=$(cd "${0%/*}/../../scripts" && pwd)/kdump

# applets: a folder with nothing but busybox in it
applets() {
	if [ ! -d "$work/.applets" ]; then
		command -v busybox >/dev/null || skip 'no busybox'
		mkdir "$work/.applets"
		cp "$(command -v busybox)" "$work/.applets/"
		for each in $(busybox --list); do
			[ "$each" = busybox ] || ln -s busybox "$work/.applets/$each"
		done
	fi
	printf '%s' "$work/.applets"
}

# each_shell FUNCTION: by dash with the system's programs, and by busybox with its own
each_shell() {
	for shell in dash busybox; do
		mkdir "$shell" && cd "$shell" || exit 2
		"$@"
		cd ..
	done
}

# kdump STATUS ARGUMENT...: on the tree root
shell=dash
kdump() {
	wanted=$1
	shift
	KDUMP_ROOT=$PWD/root CRASHPIPE_BIN=$bin
	export KDUMP_ROOT CRASHPIPE_BIN
	case $shell in
	dash) expect "$wanted" dash "$kdump" "$@" ;;
	*)
		CRASHPIPE_BIN=$bin:$(applets)
		expect "$wanted" "$(applets)/busybox" sh "$kdump" "$@"
		;;
	esac
}

# machine NAME: an invented one that has just been started
machine() {
	mkdir -p root/etc root/boot root/dev root/run/crashpipe root/sys/fs/pstore root/var/crash \
		root/var/lib/crashpipe root/var/log root/proc/self root/proc/sys/kernel/random
	printf '%s\n' "$1" >root/proc/sys/kernel/hostname
	printf '6.1.0-99-invented\n' >root/proc/sys/kernel/osrelease
	: >root/proc/self/mountinfo
	: >root/proc/cmdline
	printf 'path /var/crash\n' >root/etc/kdump.conf
	boots 1 1700000000
	printf 'id=%s\nsince=%s\nstate=down\n' boot-0 1699990000 >root/var/lib/crashpipe/boot
}

# boots NUMBER SECONDS: it was started for that time, then
boots() {
	printf 'boot-%s\n' "$1" >root/proc/sys/kernel/random/boot_id
	printf 'cpu 0\nbtime %s\n' "$2" >root/proc/stat
}

# shows TEXT...: standard output holds each
shows() {
	for text; do
		grep -q -F -e "$text" out || why "no \"$text\" in: $(cat out)"
	done
}

shows_no() {
	! grep -q -F -e "$1" out || why "\"$1\" in: $(cat out)"
}

# record NAME=VALUE...: of a crash of db7 at 1699999000, with these lines besides or instead
record() {
	{
		printf '%s\n' "$@"
		cat <<-'END'
			format=1
			host=db7
			release=6.1.0-99-invented
			crash_time=2023-11-14-21:56:40
			crash_epoch=1699999000
			panic=sysrq triggered crash
			kind=sysrq
			folder=db7-2023-11-14-21:56:40
			log=saved
			log_size=41234
			dump=saved
			dump_size=64123456
			dump_name=vmcore
			status=0
			started=1.85
			dump_started=4.20
			dump_ended=20.18
			ended=22.00
			memory_total=97000
			memory_least=60100
			reserved=131072
		END
	} | awk -F = '!seen[$1]++'
}
