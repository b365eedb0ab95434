# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with kdump and the other parts of it
#
# convert.sh - what the converters of all dialects share; to be sourced after settings.sh,
# collector.sh and conf.sh
#
# A converter reads the variables of the file by settings_get and says what becomes of
# each: convert_line, convert_note, convert_lost or convert_setting. Every line that comes
# out of it is read by conf.sh's own lint in the end, and one with a fault becomes a
# remark: what is printed can be used.
#
# Expects: convert_path (the file's name), settings, work, KDUMP_ROOT.

# convert_shown TEXT: as much of it as a remark or a message can hold
convert_shown() {
	convert_text=$(printf '%s' "$1" | tr -c ' -~' '?')
	if [ ${#convert_text} -gt 80 ]; then
		convert_text=$(printf '%.80s...' "$convert_text")
	fi
	printf '%s\n' "$convert_text"
}

# convert_line NAME VALUE: a directive of ours
convert_line() {
	[ -n "$2" ] || return 0
	case $2 in
	*\#* | *[[:cntrl:]]*)
		convert_lost "$1 $(convert_shown "$2" | tr '#' '?'): no value can have a number sign or a control character here"
		return 0
		;;
	esac
	printf '%s %s\n' "$1" "$2" >>"$work/lines"
}

# convert_remark TEXT: among the directives
convert_remark() {
	printf '# %s\n' "$1" >>"$work/lines"
}

# convert_note TEXT: what has no equal here, and nobody will miss
convert_note() {
	printf '# %s\n' "$(printf '%s' "$1" | tr -c ' -~' '?')" >>"$work/notes"
}

# convert_lost TEXT: what has no equal, and somebody may miss
convert_lost() {
	convert_note "$1"
	say "$convert_path: $(printf '%s' "$1" | tr -c ' -~' '?')"
	convert_status=6
}

# convert_setting NAME VALUE: what belongs into /etc/default/kdump
convert_setting() {
	[ -n "$2" ] || return 0
	printf '# %s="%s"\n' "$1" "$(convert_shown "$2")" >>"$work/settings"
}

# convert_no NAME WHY: a variable that has no equal, if it is given
convert_no() {
	convert_value=$(settings_get "$1")
	[ -z "$convert_value" ] || convert_note "$1=\"$(convert_shown "$convert_value")\": $2"
}

# convert_secret NAME WHY: the same, without its value
convert_secret() {
	[ -z "$(settings_get "$1")" ] || convert_note "$1: $2 (its value is not shown)"
}

# convert_true VALUE: as other programs write yes
convert_true() {
	case $1 in
	1 | [Yy] | [Yy][Ee][Ss] | [Tt]rue | TRUE | [Oo]n | ON) return 0 ;;
	esac
	return 1
}

# convert_number NAME VALUE: is it one? Said if not
convert_number() {
	case $2 in
	'' | *[!0-9]* | ?????????*)
		convert_lost "$1=\"$(convert_shown "$2")\": not a number"
		return 1
		;;
	esac
}

# convert_words TEXT DROP...: the words of a kernel's command line but DROP and DROP=...
convert_words() {
	convert_text=$1
	shift
	convert_drop=" $* "
	convert_kept=
	set -f
	# shellcheck disable=SC2086  # words on purpose
	set -- $convert_text
	set +f
	for convert_word; do
		case $convert_drop in
		*" ${convert_word%%=*} "* | *" $convert_word "*) ;;
		*) convert_kept="$convert_kept $convert_word" ;;
		esac
	done
	printf '%s\n' "${convert_kept# }"
}

# convert_others NAME...: remarks about the variables that are not among these
convert_others() {
	convert_known=" $* "
	printf '%s\n' "$settings" | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\) .*/\1/p' | sort -u |
		while read -r convert_name; do
			case $convert_known in
			*" $convert_name "*) ;;
			*) printf '# %s: not known: nothing was made of it\n' "$convert_name" ;;
			esac
		done >>"$work/notes"
}

# convert_program NAME VALUE: a program to run: one word, or nothing that can be taken over
convert_program() {
	case $2 in
	'') ;;
	*[[:blank:]]*) convert_lost "$1=\"$(convert_shown "$2")\": a program without arguments is possible: write a script that calls it, and name that" ;;
	/*) return 0 ;;
	*) convert_lost "$1=\"$(convert_shown "$2")\": write the whole path of a program" ;;
	esac
	return 1
}

# convert_instead LINE: of a line that is not possible, what keeps no less: its level, and
# without one all of memory
convert_instead() {
	convert_level=$(printf ' %s ' "$1" | sed -n 's/.* -[A-Za-z]*d *\([0-9][0-9,]*\) .*/\1/p')
	collector_options "makedumpfile -l -d ${convert_level:-0}" >/dev/null 2>&1 || convert_level=0
	printf 'makedumpfile -l -d %s\n' "${convert_level:-0}"
}

# convert_collector LINE: core_collector, or what comes near where it is not possible
convert_collector() {
	collector_where=$convert_path
	convert_taken=$1
	if ! collector_options "$1" >/dev/null; then
		convert_taken=$(convert_instead "$1")
		convert_lost "$(convert_shown "$1"): not possible here, $convert_taken is taken instead"
	fi
	convert_line core_collector "$convert_taken"
}

# convert_faults: what the file's reader did not understand
convert_faults() {
	printf '%s\n' "$settings" | sed -n 's/^! //p' >"$work/unread"
	while read -r convert_number_of convert_rest; do
		convert_name=$(sed -n "${convert_number_of}s/^[[:blank:]]*\([A-Za-z_][A-Za-z0-9_]*\)=.*/: \1/p" "$work/convert")
		convert_lost "line $convert_number_of$convert_name: $convert_rest: nothing was made of it"
	done <"$work/unread"
}

# convert_lint: lines that our own reader refuses become remarks, and with a target what
# belongs to it; again, until there is no fault
convert_lint() {
	for convert_round in 1 2 3 4 5 6 7 8; do
		conf_parse "$work/lines" >"$work/lint" || return
		sed -n 's/^! \([0-9]*\) \(.*\)/\1 \2/p' "$work/lint" >"$work/refused"
		[ -s "$work/refused" ] || return 0
		while read -r convert_number_of convert_rest; do
			convert_lost "$(convert_shown "$(sed -n "${convert_number_of}p" "$work/lines")"): $convert_rest"
		done <"$work/refused"
		awk '
		FNR == NR { refused[$1]; next }
		{ own = $1 ~ /^(path|sshkey|host_key)$/ }
		!own { gone = 0 }
		FNR in refused || (own && gone) {
			if ($1 ~ /^(nfs|nfs4|ssh)$/)
				gone = 1
			print "# (left out, see below)"
			next
		}
		{ print }' "$work/refused" "$work/lines" >"$work/lines.new" || return
		mv "$work/lines.new" "$work/lines"
	done
}

# convert_run DIALECT: the converter, and its output in order
convert_run() {
	convert_status=0
	: >"$work/lines"
	: >"$work/notes"
	: >"$work/settings"
	convert_faults
	"convert_$1"
	convert_lint
	printf '# made by kdump convert from %s\n' "$(convert_shown "$convert_path")"
	cat "$work/lines"
	if [ -s "$work/notes" ]; then
		printf '\n# without an equal:\n'
		cat "$work/notes"
	fi
	if [ -s "$work/settings" ]; then
		printf '\n# for /etc/default/kdump (it is read before /etc/sysconfig/kdump):\n'
		cat "$work/settings"
	fi
	return $convert_status
}
