# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# system.sh - a machine's tree and programs that note their calls, for scripts of test cases
#
# To be sourced behind case.sh.

# program NAME: a program in ./bin that notes how it was called in the file "called";
# what it does besides is standard input
program() {
	mkdir -p bin
	{
		printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s/called"\n' "$1" "$PWD"
		cat
	} >"bin/$1"
	chmod 755 "bin/$1"
}

# called LINE...: these calls were made, and no other
called() {
	printf '%s\n' "$@" >calls
	[ -e called ] || : >called
	cmp -s calls called || why "called: $(tr '\n' ';' <called); not: $(tr '\n' ';' <calls)"
}

# machine [FILE VALUE]...: the tree of another machine in ./root
machine() {
	mkdir -p root/proc root/etc root/run root/sys/kernel root/var/lib
	printf 'root=/dev/vda1 crashkernel=128M\n' >root/proc/cmdline
	printf '1\n' >root/sys/kernel/kexec_crash_loaded
	while [ $# -gt 0 ]; do
		mkdir -p "root/${1%/*}"
		printf '%s\n' "$2" >"root/$1"
		shift 2
	done
	KDUMP_ROOT=$PWD/root
	export KDUMP_ROOT
}
