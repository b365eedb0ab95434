# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# collector.sh - what a core_collector line asks for, in dumpfilter's words; to be
# sourced after say.sh
#
# makedumpfile's letters mean the same to dumpfilter; but makedumpfile without -d leaves
# nothing out, and without a letter for it compresses nothing. The dump is written to a
# pipe, so what is about files, places and other jobs has no meaning here.
#
# collector_where, if set, is put in front of messages: FILE:LINE.

# collector_options LINE: prints dumpfilter's arguments, maybe none; 5 when the line asks
# for what cannot be had, after every such word was named
collector_options() {
	collector_bad=''
	collector_level='' collector_codec='' collector_rest=''
	case $1 in
	*[!A-Za-z0-9\ \	./,:=_-]*)
		collector_fault 'only words of letters, digits and . / , : = _ - are possible'
		return 5
		;;
	esac
	set -f
	# shellcheck disable=SC2086  # words on purpose
	set -- $1
	set +f
	collector_program=${1##*/}
	[ $# -eq 0 ] || shift
	case $collector_program in
	makedumpfile)
		collector_words "$@"
		collector_codec=${collector_codec:---compress=none}
		collector_level=${collector_level:-0}
		;;
	dumpfilter) collector_words "$@" ;;
	scp | cp | cat | dd)
		collector_warn "$collector_program copies all memory as it is: -d 0, uncompressed; makedumpfile -l -d 31 is smaller and quicker"
		collector_codec=--compress=none collector_level=0
		;;
	*) collector_fault "'$collector_program': write dumpfilter -l -d 31, or a line of makedumpfile" ;;
	esac
	[ -z "$collector_bad" ] || return 5
	collector_result="$collector_codec${collector_level:+ -d $collector_level}$collector_rest"
	collector_result=${collector_result# }
	collector_check || return 5
	[ -z "$collector_result" ] || printf '%s\n' "$collector_result"
}

collector_fault() {
	say "${collector_where:+$collector_where: }core_collector: $*"
	collector_bad=yes
}

collector_warn() {
	inform "${collector_where:+$collector_where: }core_collector: $*"
}

# collector_check: would dumpfilter take it? Where there is one
collector_check() {
	command -v dumpfilter >/dev/null 2>&1 || return 0
	set -f
	# shellcheck disable=SC2086  # words on purpose
	collector_said=$(dumpfilter $collector_result --check-params /proc/vmcore 2>&1)
	collector_status=$?
	set +f
	[ $collector_status -ne 0 ] || return 0
	collector_said=$(printf '%s\n' "$collector_said" | head -n 1)
	collector_fault "${collector_said#dumpfilter: }"
	return 5
}

# collector_words WORD...: options as getopt_long takes them: -ld31, -l -d 31, --num-threads=4
collector_words() {
	while [ $# -gt 0 ]; do
		collector_word=$1
		shift
		case $collector_word in
		--?*=*) collector_long "${collector_word%%=*}" "${collector_word#*=}" ;;
		--num-threads | --threads | --message-level | --memory | --compress | --exclude | --keep | \
			--dump-level | --cyclic-buffer | --splitblock-size | --work-dir | --tmp | --config | \
			--eppic | --extension | --diskset | --vtop | --xen-syms | --xen-vmcoreinfo | --xen_phys_start | --map)
			if [ $# -eq 0 ]; then
				collector_fault "$collector_word: what belongs to it is missing"
				return
			fi
			collector_long "$collector_word" "$1"
			shift
			;;
		--?*) collector_long "$collector_word" '' ;;
		-?*)
			collector_letters "${collector_word#-}" "${1:-}"
			[ -z "$collector_took" ] || [ $# -eq 0 ] || shift
			;;
		*) collector_fault "'$collector_word': leave it out: where the dump goes is said by the target" ;;
		esac
	done
}

# collector_letters LETTERS NEXT: collector_took says whether NEXT, the word behind them,
# belongs to the last of them
collector_letters() {
	collector_letters=$1 collector_took=
	while [ -n "$collector_letters" ]; do
		collector_left=${collector_letters#?}
		collector_letter=${collector_letters%"$collector_left"}
		collector_letters=$collector_left
		case $collector_letter in
		[dLjgixb])
			collector_value=$collector_left
			if [ -z "$collector_left" ]; then
				collector_value=$2 collector_took=yes
			fi
			if [ -z "$collector_value" ]; then
				collector_fault "-$collector_letter: what belongs to it is missing"
			else
				collector_valued "$collector_letter" "$collector_value"
			fi
			return
			;;
		z)
			# -z alone, or a level right behind it
			case $collector_left in
			[0-9]*)
				collector_choose "-z$collector_left"
				return
				;;
			esac
			collector_choose -z
			;;
		*) collector_flag "$collector_letter" ;;
		esac
	done
}

collector_valued() {
	case $1 in
	d) collector_set_level "$2" ;;
	L) collector_rest="$collector_rest -L $2" ;;
	j) collector_dumpfilter -j "-j $2" ;;
	b) ;;
	x) collector_warn "-x $2: not needed: what it would say is in the dump itself" ;;
	*) collector_fault "-$1: leave it out: it is no way to save a dump" ;;
	esac
}

collector_flag() {
	case $1 in
	c | l | p) collector_choose "-$1" ;;
	E) collector_choose -E ;;
	e) collector_rest="$collector_rest -e" ;;
	D) collector_rest="$collector_rest -v -v" ;;
	q | v) collector_dumpfilter "-$1" "-$1" ;;
	F | f) ;;
	X) collector_fault '-X: dumps of Xen are not done' ;;
	R | M | h | V | n) collector_fault "-$1: leave it out: it is no way to save a dump" ;;
	*) collector_fault "-$1: no such option" ;;
	esac
}

# collector_long OPTION VALUE
collector_long() {
	case $1 in
	--message-level) collector_rest="$collector_rest --message-level=$2" ;;
	--num-threads | --threads) collector_rest="$collector_rest -j $2" ;;
	--dump-level) collector_set_level "$2" ;;
	--exclude-unused-vm) collector_rest="$collector_rest -e" ;;
	--show-stats) collector_rest="$collector_rest --show-stats" ;;
	--compress)
		if [ "$collector_program" = makedumpfile ]; then
			collector_dumpfilter "$1" ''
		else
			collector_choose "$1=$2"
		fi
		;;
	--exclude | --keep | --memory) collector_dumpfilter "$1" "$1=$2" ;;
	--dedupe | --checksum) collector_dumpfilter "$1" "$1" ;;
	--quiet | --verbose) collector_dumpfilter "$1" "$1" ;;
	--non-mmap | --non-cyclic | --cyclic-buffer | --splitblock-size | --work-dir | --tmp | --force) ;;
	--split | --reassemble)
		collector_fault "$1: the dump goes to one file: leave it out, or split it afterwards"
		;;
	--dump-dmesg | --partial-dmesg)
		collector_fault "$1: leave it out: the log is saved in any case, before the dump"
		;;
	--xen-syms | --xen-vmcoreinfo | --xen_phys_start) collector_fault "$1: dumps of Xen are not done" ;;
	--config | --eppic | --extension)
		collector_fault "$1: not done: leave it out; makedumpfile can do it with the dump afterwards"
		;;
	--mem-usage | --map | --live | --dry-run | --check-params | --diskset | --vtop | --verify | --json | --help | --version)
		collector_fault "$1: leave it out: it is no way to save a dump"
		;;
	*) collector_fault "$1: no such option" ;;
	esac
}

# collector_dumpfilter OPTION [WORDS]: what makedumpfile does not know
collector_dumpfilter() {
	if [ "$collector_program" = makedumpfile ]; then
		collector_fault "$1: makedumpfile has no such option: write dumpfilter in front of the line"
	else
		collector_rest="$collector_rest $2"
	fi
}

# the last level counts, as it does for both programs
collector_set_level() {
	collector_level=$1
}

collector_choose() {
	if [ -n "$collector_codec" ] && [ "$collector_codec" != "$1" ]; then
		collector_fault "$collector_codec and $1: one of them"
	fi
	collector_codec=$1
}
