# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# programs.sh - what a program needs to run, put into an image; to be sourced behind say.sh
#
# ROOT is the system that files are taken from, empty for this one; TREE the image's folder.
# Which libraries a program finds is asked of its own interpreter (--list, which the ones
# of glibc and musl know), in its own root. inputs is a file that gets the path of
# everything that was taken from the system.

inputs=${inputs:-/dev/null}

# elf_interpreter FILE: PT_INTERP, or nothing when it has none; 1 when it is no ELF file.
# Of 64-bit files whose program headers and interpreter are in the first 4 KiB, where
# linkers put them.
elf_interpreter() {
	od -A n -t u1 -v -N 4096 "$1" 2>/dev/null | awk '
	# little-endian or not, as EI_DATA says
	function number(at, size,  i, n) {
		for (i = 0; i < size; i++)
			n = n * 256 + byte[order == 1 ? at + size - 1 - i : at + i]
		return n
	}
	{
		for (i = 1; i <= NF; i++)
			byte[count++] = $i
	}
	END {
		if (byte[0] != 127 || byte[1] != 69 || byte[2] != 76 || byte[3] != 70)
			exit 1
		order = byte[5]
		at = number(32, 8)
		left = number(56, 2)
		if (byte[4] != 2)
			exit
		for (; left > 0 && at + 56 <= count; left--) {
			if (number(at, 4) == 3)
				break
			at += 56
		}
		if (left == 0 || at + 56 > count)
			exit
		from = number(at + 8, 8)
		size = number(at + 32, 8)
		for (i = from; i < from + size && i < count && byte[i]; i++)
			text = text sprintf("%c", byte[i])
		print text
	}'
}

# script_interpreter FILE: the program in its first line, or nothing
script_interpreter() {
	sed -n '1s/^#![ \t]*\([^ \t]*\).*/\1/p; 1q' "$1" 2>/dev/null
}

# elf_list ROOT INTERPRETER FILE: the paths of its libraries, one a line; "! NAME" for
# each that is missing. FILE and INTERPRETER are paths in ROOT.
elf_list() {
	if [ -z "$1" ]; then
		"$2" --list "$3" 2>&1
	else
		chroot "$1" "$2" --list "$3" 2>&1
	fi | sed -n 's/^[ \t]*\([^ \t]*\) => not found.*/! \1/p
		s/^[ \t]*[^ \t]* => \(\/[^ \t]*\).*/\1/p
		s/^[ \t]*\(\/[^ \t]*\) (0x.*/\1/p
		s/^.*error while loading shared libraries: \([^:]*\): .*/! \1/p
		s/^Error loading shared library \([^:]*\): .*/! \1/p
		s/^chroot: .*/! interpreter/p' | sort -u
}

# program_copy ROOT TREE FILE [DESTINATION]: the file itself, and what it needs; 1 when
# something is missing, which is said
program_copy() {
	program_to=${4:-$3}
	if [ ! -f "$1$3" ]; then
		say "$1$3: no such program"
		return 1
	fi
	mkdir -p "$2${program_to%/*}" || return 1
	[ -e "$2$program_to" ] || cp -L "$1$3" "$2$program_to" || return 1
	printf '%s\n' "$1$3" >>"$inputs"
	program_needs "$1" "$2" "$3"
}

# program_needs ROOT TREE FILE: interpreter and libraries of a file of the system
program_needs() {
	program_loader=$(elf_interpreter "$1$3") || {
		program_script "$1" "$2" "$3"
		return
	}
	[ -n "$program_loader" ] || return 0
	program_libs=$(elf_list "$1" "$program_loader" "$3")
	program_bad=0
	for program_lib in "$program_loader" $program_libs; do
		case $program_lib in
		!) continue ;;
		/*) library_copy "$1" "$2" "$program_lib" || program_bad=1 ;;
		*)
			say "$3: needs $program_lib, which is not there"
			program_bad=1
			;;
		esac
	done
	return $program_bad
}

# library_copy ROOT TREE PATH: under the path it is found by
library_copy() {
	[ ! -e "$2$3" ] || return 0
	mkdir -p "$2${3%/*}" && cp -L "$1$3" "$2$3" || return 1
	printf '%s\n' "$1$3" >>"$inputs"
}

# program_script ROOT TREE FILE: what it is run by, unless the image has that already
program_script() {
	program_by=$(script_interpreter "$1$3")
	[ -n "$program_by" ] && [ ! -e "$2$program_by" ] || return 0
	case $program_by in
	*/env)
		say "$3: is run by $program_by, which the image has not: name the program itself"
		return 1
		;;
	esac
	program_copy "$1" "$2" "$program_by"
}
