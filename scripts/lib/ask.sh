# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# ask.sh - what capture.conf says; to be sourced
#
# The whole file is one string, conf_text, with a newline at both ends. It is looked into
# without any process: where a machine has crashed, on a slow processor, each one counts.

nl='
'

# conf_load FILE
conf_load() {
	conf_text=$nl
	{ while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'' | \#*) ;;
		*) conf_text=$conf_text$line$nl ;;
		esac
	done <"$1"; } 2>/dev/null
}

# ask NAME [DEFAULT]: its first value in value; 1 if it is not there
ask() {
	case $conf_text in
	*"$nl$1 "*)
		value=${conf_text#*"$nl$1 "}
		value=${value%%"$nl"*}
		;;
	*)
		value=${2:-}
		return 1
		;;
	esac
}

# ask_number NAME: what is none counts as 0; no zeros in front, they would make it octal
ask_number() {
	ask "$1" 0
	while :; do
		case $value in
		0?*) value=${value#0} ;;
		*) break ;;
		esac
	done
	case $value in
	'' | *[!0-9]* | ????????????????*) value=0 ;;
	esac
}

# ask_target N NAME [DEFAULT]
ask_target() {
	ask "target $1 $2" "${3:-}"
}

# ask_all NAME: all its values, a line each, in values
ask_all() {
	values=
	rest=$conf_text
	while :; do
		case $rest in
		*"$nl$1 "*) ;;
		*) return ;;
		esac
		rest=${rest#*"$nl$1 "}
		values=$values${rest%%"$nl"*}$nl
		rest=$nl${rest#*"$nl"}
	done
}

# clean TEXT LIMIT: in cleaned, what may be part of a file's name; a colon would end it for
# dumpsend's --beside
clean() {
	cleaned=$1
	while :; do
		case $cleaned in
		*[!A-Za-z0-9._+@-]*)
			bad=${cleaned#"${cleaned%%[!A-Za-z0-9._+@-]*}"}
			cleaned=${cleaned%%[!A-Za-z0-9._+@-]*}_${bad#?}
			;;
		*) break ;;
		esac
	done
	while [ ${#cleaned} -gt "$2" ]; do
		cleaned=${cleaned%?}
	done
	case $cleaned in
	[.-]*) cleaned=_${cleaned#?} ;;
	esac
}

# one_line TEXT: in cleaned, without control characters
one_line() {
	cleaned=$1
	while :; do
		case $cleaned in
		*[[:cntrl:]]*)
			bad=${cleaned#"${cleaned%%[[:cntrl:]]*}"}
			cleaned=${cleaned%%[[:cntrl:]]*}' '${bad#?}
			;;
		*) return ;;
		esac
	done
}
