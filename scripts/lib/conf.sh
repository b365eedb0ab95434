# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with the script and collector.sh
#
# conf.sh - reads and checks /etc/kdump.conf; to be sourced after say.sh and collector.sh
#
# A directive a line: name, blanks, value. What follows a # is a remark, wherever it
# stands; one pair of double quotes around the whole value is taken off. There are no
# other quotes, escapes or continued lines: so RHEL's kdumpctl reads it. Our own: several
# targets in order; what follows a target belongs to it, what stands before the first one
# is for all.
#
# The result, the settled configuration, is lines "NAME VALUE" and "target N NAME VALUE" in
# conf_text. Nothing of the file is ever run.
#
# Expects: lib (the folder this file is in), KDUMP_ROOT (may be empty).

conf_text=
conf_nl='
'

# conf_read FILE: 0; or 5, after every fault was named with its line. A file that is not
# there is an empty one: everything has a default.
conf_read() {
	conf_file=$1 conf_text='' conf_settled='' conf_faults=0 conf_told=''
	conf_dump='' collector_where=$1:0
	conf_found=$(conf_parse "$1") || return 5
	conf_take
	[ -z "$conf_told" ] || conf_say_all
	if [ -n "$(find -L "$1" -prune -perm -0002 -type f 2>/dev/null)" ]; then
		inform "$1: everybody may write into it, and it names programs that root runs: chmod go-w $1"
	fi
	conf_dump=$(collector_options "$conf_dump") || conf_faults=1
	conf_folder kdump_pre pre
	conf_folder kdump_post post
	conf_folder kdump_emergency emergency
	[ "$conf_faults" -eq 0 ] || return 5
	conf_text="${conf_settled}dump_options ${conf_dump:-none}"
}

# conf_get NAME: its value, a line for each; nothing where it was not given
conf_get() {
	conf_left=$conf_nl$conf_text
	while :; do
		case $conf_left in
		*"$conf_nl$1 "*) ;;
		*) return 0 ;;
		esac
		conf_left=${conf_left#*"$conf_nl$1 "}
		printf '%s\n' "${conf_left%%"$conf_nl"*}"
	done
}

# conf_target N NAME
conf_target() {
	conf_get "target $1 $2"
}

# conf_take: the lines in conf_found go where they belong
conf_take() {
	while IFS=' ' read -r conf_mark conf_rest; do
		case $conf_mark in
		=)
			conf_settled=$conf_settled$conf_rest$conf_nl
			case $conf_rest in
			'core_collector '*) conf_dump=${conf_rest#core_collector } ;;
			esac
			;;
		@) collector_where=$conf_file:$conf_rest ;;
		'!' | '?') conf_told=$conf_told$conf_mark\ $conf_rest$conf_nl ;;
		esac
	done <<-END
		$conf_found
	END
}

# conf_parse FILE: the lines of conf.awk and conf-settle.awk
conf_parse() {
	conf_input=$1
	if [ ! -e "$1" ] && [ ! -L "$1" ]; then
		conf_input=/dev/null
	elif [ ! -f "$1" ] && [ "$1" != /dev/null ]; then
		say "$1: is not a file"
		return 5
	elif [ ! -r "$1" ]; then
		say "$1: cannot be read"
		return 5
	fi
	# no awk is sure to keep a zero byte, or bytes that are no character
	LC_ALL=C tr '\000' '\001' <"$conf_input" |
		LC_ALL=C awk -f "$lib/conf-values.awk" -f "$lib/conf.awk" -f "$lib/conf-settle.awk" || {
		say "$1: awk: exit $?"
		return 5
	}
}

# conf_say_all: faults and warnings, in the order of the lines
conf_say_all() {
	conf_told=$(printf '%s' "$conf_told" | sort -s -n -k 2,2)
	while IFS=' ' read -r conf_mark conf_line conf_rest; do
		case $conf_mark in
		'!')
			say "$conf_file:$conf_line: $conf_rest"
			conf_faults=1
			;;
		'?') inform "$conf_file:$conf_line: $conf_rest" ;;
		esac
	done <<-END
		$conf_told
	END
}

# conf_folder NAME WHAT: programs in /etc/kdump/WHAT.d run as well: those of pre.d after the
# one of directive NAME, the others before it, as RHEL has it
conf_folder() {
	conf_more=
	for conf_program in "${KDUMP_ROOT:-}/etc/kdump/$2.d"/*; do
		if [ ! -f "$conf_program" ] || [ ! -x "$conf_program" ]; then
			continue
		fi
		conf_program=${conf_program#"${KDUMP_ROOT:-}"}
		case ${conf_program##*/} in
		*.rpmsave | *.rpmnew | *.rpmorig | *.dpkg-* | *.bak | *.swp | *~) continue ;;
		*[!A-Za-z0-9._+@:-]*)
			say "/etc/kdump/$2.d: $(printf '%s' "${conf_program##*/}" | tr -c 'A-Za-z0-9._+@:-' '?'): a program's name has letters, digits and . _ - + @ :"
			conf_faults=1
			continue
			;;
		esac
		conf_more=$conf_more$1\ $conf_program$conf_nl
	done
	case $2 in
	pre) conf_settled=$conf_settled$conf_more ;;
	*) conf_settled=$conf_more$conf_settled ;;
	esac
}
