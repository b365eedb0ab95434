#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# readers.sh - does a reader say the same of our dump as of the raw vmcore?
#
# usage: readers.sh crash|drgn|gdb VMLINUX RAW DUMP [chroot DIR]
#        readers.sh crash VMLINUX RAW PART,PART... [chroot DIR]
#
# VMLINUX has the kernel's debug symbols. With "chroot DIR" the reader is the one
# installed in DIR (a newer distribution, say): the files are bound into it while
# this runs, which takes root. What is compared: the system's facts, the tasks, the
# kernel log, the backtraces and the modules (of gdb, which knows less of kernels, the
# version, the tasks and the processors' backtraces, from an ELF DUMP); only the lines that name the files
# are left out.
#
# Exit: 0 the same; 1 they differ, with a diff on standard output, or the reader
# cannot open DUMP; 2 usage; 77 skipped: the reader cannot make sense of RAW itself.

set -eu
umask 077
LC_ALL=C
DEBUGINFOD_URLS=
export LC_ALL DEBUGINFOD_URLS

self=${0##*/}
here=$(cd "$(dirname "$0")" && pwd)
root=
dir=
bound=

say() {
	printf '%s: %s\n' "$self" "$*" >&2
}

usage() {
	say "usage: $self crash|drgn|gdb VMLINUX RAW DUMP[,PART...] [chroot DIR]"
	exit 2
}

finish() {
	for file in $bound; do
		umount "$dir/$file" || say "$dir/$file: still mounted"
	done
	[ -z "$dir" ] || rm -rf "$dir"
}

# give FILE NAME: let the reader find FILE as $dir/NAME
give() {
	if [ -z "$root" ]; then
		ln -s "$(readlink -f "$1")" "$dir/$2"
		return
	fi
	: >"$dir/$2"
	if ! mount -o bind "$(readlink -f "$1")" "$dir/$2"; then
		say "$1: cannot be bound into $root"
		exit 77
	fi
	bound="$bound $2"
}

# the gdb command that reads the symbols, at the addresses that they have in the dump
symbols() {
	offset=$(head -c 1000000 "$1" | grep -a -o -m 1 '^KERNELOFFSET=[0-9a-f]*' | cut -d = -f 2)
	printf 'symbol-file %s/vmlinux -o 0x%s\n' "$dir" "${offset:-0}"
}

# ask FILE...: everything the reader has to say about $dir/FILE
ask() {
	inside=${dir#"$root"}
	first=$1
	shift
	case $reader in
	crash)
		for file; do
			shift
			set -- "$@" "$inside/$file"
		done
		set -- crash -s "$inside/vmlinux" "$inside/$first" "$@" -i "$inside/commands"
		;;
	drgn) set -- drgn -q -c "$inside/$first" -s "$inside/vmlinux" "$inside/script.py" ;;
	gdb) set -- gdb -nx -batch -x "$inside/symbols" -ex "core-file $inside/$first" \
		-x "$inside/script.gdb" ;;
	esac
	[ -z "$root" ] || set -- chroot "$root" "$@"
	HOME=$inside timeout 600 "$@" </dev/null 2>&1
}

# without the names of the files, which are the only thing that may differ
plain() {
	sed -e '/^ *KERNEL: /d' -e '/^ *DUMPFILES\{0,1\}: /d' -e '/^ *[^ ]*\/part\.[0-9]* /d' "$1"
}

# whole FILE: did the reader come to the end and show each thing asked for?
whole() {
	case $reader in
	crash) set -- "$1" '^ *PANIC: ' '^ *PID .* COMM' '\] Linux version ' '^ *#[0-9]' ;;
	drgn) set -- "$1" '^pid 1 ' '\] Linux version ' '^#0 ' '^end$' ;;
	gdb) set -- "$1" '^pid 1 ' '^Linux version ' '^#0 ' '^end$' ;;
	esac
	file=$1
	shift
	for pattern; do
		grep -q -e "$pattern" "$file" || return 1
	done
}

case $# in
4) ;;
6) [ "$5" = chroot ] || usage
	root=$(readlink -f "$6") ;;
*) usage ;;
esac
case $1 in
crash | drgn | gdb) reader=$1 ;;
*) usage ;;
esac
parts=$(printf '%s\n' "$4" | tr , ' ')
# shellcheck disable=SC2086 # words on purpose
for file in "$2" "$3" $parts; do
	if [ ! -r "$file" ]; then
		say "$file: cannot be read"
		exit 2
	fi
done

trap finish EXIT
trap 'exit 1' HUP INT TERM
dir=$(mktemp -d "$root/tmp/readers.XXXXXX")
give "$2" vmlinux
give "$3" raw
dumps='' number=0
for file in $parts; do
	number=$((number + 1))
	give "$file" part.$number
	dumps="$dumps part.$number"
done
printf '%s\n' sys ps log 'bt -a' 'foreach bt' mod 'kmem -i' quit >"$dir/commands"
cp "$here/readers.py" "$dir/script.py"
cp "$here/readers.gdb" "$dir/script.gdb"
symbols "$3" >"$dir/symbols"

if ! ask raw >"$dir/raw.text" || ! whole "$dir/raw.text"; then
	say "$reader cannot read the raw vmcore itself:"
	tail -n 5 "$dir/raw.text" >&2
	exit 77
fi
# shellcheck disable=SC2086 # words on purpose
if ! ask $dumps >"$dir/dump.text"; then
	say "$reader cannot read $4:"
	tail -n 5 "$dir/dump.text" >&2
	exit 1
fi
plain "$dir/raw.text" >"$dir/raw.plain"
plain "$dir/dump.text" >"$dir/dump.plain"
if ! diff "$dir/raw.plain" "$dir/dump.plain"; then
	say "$reader does not say the same of $4 as of the raw vmcore"
	exit 1
fi
say "$reader: the same $(wc -l <"$dir/raw.plain") lines"
