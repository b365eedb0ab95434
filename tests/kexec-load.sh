# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034  # the scripts use what is not used here
#
# kexec-load.sh - what the scripts about kexec-load share; to be sourced
#
# The script that includes this is called with BIN, the folder of our programs. It works
# in a folder of its own, with a machine (a tree of files for --root), kernel, initrd and
# text in it, and prints "ok NAME", "not ok NAME: why" or "skip NAME: why" a line.

set -u
umask 022
LC_ALL=C
export LC_ALL

[ $# -ge 1 ] || { printf 'usage: %s BIN [SAMPLES]\n' "${0##*/}" >&2; exit 2; }
program=$(cd "$1" && pwd)/kexec-load
here=$(cd "$(dirname "$0")/../.." && pwd)
failed=0
# shellcheck source-path=SCRIPTDIR source=machine.sh
. "${0%/*}/../machine.sh"

# verdict NAME WHY: ok when WHY is empty
verdict() {
	if [ -z "$2" ]; then
		printf 'ok %s\n' "$1"
	else
		printf 'not ok %s: %s (exit %s: %s)\n' "$1" "$2" "$status" "$(head -n 1 err)"
		failed=1
	fi
}

# run ARGUMENT...: leaves $status, and the files out and err
run() {
	status=0
	timeout 20 "$program" "$@" >out 2>err </dev/null || status=$?
}

# expect NAME STATUS WORDS ARGUMENT...: exits so, and says so
expect() {
	name=$1 want=$2 words=$3 why=
	shift 3
	run "$@"
	[ "$status" -eq "$want" ] || why="exit $status instead of $want"
	cat out err | grep -qF -e "$words" || why="does not say \"$words\""
	grep -v -e '^kexec-load: ' -e '^usage: kexec-load ' err >strange &&
		why='a line without the name'
	verdict "$name" "$why"
}

# poke FILE OFFSET: standard input goes there
poke() {
	dd of="$1" bs=1 seek="$(($2))" conv=notrunc 2>/dev/null
}

# the kernel inside: an ELF file with one segment
make_vmlinux() {
	{
		printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0'
		le 2 2 && le 2 62 && le 4 1 && le 8 $((0x1000000)) && le 8 64 && le 8 0
		le 4 0 && le 2 64 && le 2 56 && le 2 1 && le 2 0 && le 2 0 && le 2 0
		le 4 1 && le 4 5 && le 8 4096 && le 8 -2130706432 && le 8 $((0x1000000))
		le 8 1024 && le 8 4096 && le 8 $((0x200000))
	} >"$1"
	truncate -s 5120 "$1"
}

# make_archive FILE [MODE]: a cpio with an /init of this mode
make_archive() {
	mkdir -p files
	printf '#!/bin/sh\n' >files/init
	chmod "${2:-755}" files/init
	(cd files && printf 'init\n' | cpio -o -H newc -R 0:0 --quiet) >"$1"
	rm -r files
}

# an invented bzImage: 3 sectors of setup, 2 KiB of kernel, 32 MiB needed
make_kernel() {
	make_vmlinux vmlinux
	gzip -9 <vmlinux >payload
	rm -f "$1"
	truncate -s 4096 "$1"
	printf 'MZ' | poke "$1" 0
	le 1 3 | poke "$1" 0x1f1
	le 4 128 | poke "$1" 0x1f4
	le 2 43605 | poke "$1" 0x1fe
	printf 'HdrS' | poke "$1" 0x202
	le 2 527 | poke "$1" 0x206
	le 2 1024 | poke "$1" 0x20e
	printf '6.66-test (me)' | poke "$1" 0x600
	le 1 1 | poke "$1" 0x211
	le 4 2097152 | poke "$1" 0x230
	le 1 1 | poke "$1" 0x234
	le 2 63 | poke "$1" 0x236
	le 4 2047 | poke "$1" 0x238
	le 4 256 | poke "$1" 0x248
	le 4 "$(wc -c <payload)" | poke "$1" 0x24c
	le 4 33554432 | poke "$1" 0x260
	poke "$1" 0x900 <payload
}

# a machine with 128 MiB reserved and nothing loaded
make_machine() {
	rm -rf machine
	put /proc/cmdline 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet crashkernel=128M,high ro -- quiet'
	put /proc/iomem '00100000-7fffffff : System RAM
  70000000-77ffffff : Crash kernel'
	put /proc/meminfo 'MemTotal: 2000000 kB
MemAvailable: 1000000 kB'
	put /proc/cpuinfo 'flags : fpu la57'
	put /proc/sys/kernel/osrelease 6.12-test
	put /proc/sys/kernel/arch x86_64
	put /proc/sys/kernel/kexec_load_disabled 0
	put /proc/sys/kernel/kexec_load_limit_panic -1
	put /sys/kernel/kexec_crash_size 134217728
	put /sys/kernel/kexec_crash_loaded 0
	put /sys/kernel/crash_elfcorehdr_size 917616
	put /sys/devices/system/cpu/possible 0-1
}

# plan NAME STATUS WORDS ARGUMENT...: what a load on that machine would be
plan() {
	name=$1 status=$2 words=$3
	shift 3
	expect "$name" "$status" "$words" -p -n --root=machine "$@"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1
printf 'hello\n' >text
make_archive initrd
make_kernel kernel
make_machine
