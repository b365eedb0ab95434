# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# settings.sh - /etc/default/kdump or /etc/sysconfig/kdump; to be sourced behind say.sh
#
# Lines are assignments as a shell would read them, NAME=VALUE, NAME="VALUE" or
# NAME='VALUE', with a comment behind if one wants; but nothing is run or looked up: a
# value with $ or ` in it is a fault.

# "NAME VALUE" lines, a newline at both ends
settings=
settings_file=
settings_nl='
'

# settings_parse FILE: lines "NAME VALUE"; a fault is a line "! NUMBER WORDS"
settings_parse() {
	LC_ALL=C awk '
	# of a file that is something else altogether, the first hundred are enough
	function fault(words) {
		if (++faults <= 100)
			printf "! %d %s\n", NR, words
		bad = 1
	}
	# the value at the beginning of text, which is cut off
	function value(  c, mark, v) {
		v = ""
		while (text != "" && text !~ /^[ \t]/) {
			c = substr(text, 1, 1)
			if (c == "\"" || c == "\047") {
				mark = index(substr(text, 2), c)
				if (!mark) {
					fault("the quote " c " is not closed")
					return v
				}
				part = substr(text, 2, mark - 1)
				text = substr(text, mark + 2)
			} else {
				match(text, /^[^ \t"\047]+/)
				part = substr(text, 1, RLENGTH)
				text = substr(text, RLENGTH + 1)
			}
			if (c != "\047" && part ~ /[$`\\]/)
				fault("$, ` and \\ are not looked up here: write the value out")
			else if (c != "\047" && c != "\"" && part ~ /[;&|<>()]/)
				fault("quotes are missing around " part)
			v = v part
		}
		return v
	}
	{
		text = $0
		# the mark that some editors put in front of UTF-8
		if (NR == 1)
			sub(/^\357\273\277/, "", text)
		sub(/\r$/, "", text)
		sub(/^[ \t]*(export[ \t]+)?/, "", text)
		if (text == "" || text ~ /^#/)
			next
		if (text !~ /^[A-Za-z_][A-Za-z0-9_]*=/) {
			fault("is not NAME=VALUE")
			next
		}
		# a command line of the kernel has 4096 at most; shells take minutes to find a name in
		# much more than all of these
		taken += length(text)
		if (taken > 20000) {
			fault("more than 20000 characters of settings: nothing from here on is read")
			exit
		}
		at = index(text, "=")
		name = substr(text, 1, at - 1)
		text = substr(text, at + 1)
		bad = 0
		v = value()
		sub(/^[ \t]+/, "", text)
		if (!bad && text != "" && text !~ /^#/)
			fault("there is more behind the value: quotes are missing")
		if (!bad)
			print name " " v
	}' "$1"
}

# settings_read: the first of the two files that is there; 5 when it has a fault, which
# is told
settings_read() {
	settings='' settings_file=''
	for settings_try in /etc/default/kdump /etc/sysconfig/kdump; do
		[ -e "$KDUMP_ROOT$settings_try" ] || [ -L "$KDUMP_ROOT$settings_try" ] || continue
		settings_file=$settings_try
		break
	done
	[ -n "$settings_file" ] || return 0
	# an awk may pass over a folder; /dev/null is an empty file
	if [ ! -f "$KDUMP_ROOT$settings_file" ] && [ ! -c "$KDUMP_ROOT$settings_file" ]; then
		say "$settings_file: is not a file"
		return 5
	fi
	if ! settings=$(settings_parse "$KDUMP_ROOT$settings_file"); then
		say "$settings_file: cannot be read"
		return 5
	fi
	settings_faults=
	case $settings_nl$settings in
	*"$settings_nl! "*) settings_faults=$(printf '%s\n' "$settings" | sed -n 's/^! \([0-9]*\) /line \1: /p') ;;
	esac
	if [ -z "$settings_faults" ]; then
		settings=$settings_nl$settings$settings_nl
		return 0
	fi
	printf '%s\n' "$settings_faults" | while IFS= read -r settings_fault; do
		say "$settings_file: $settings_fault"
	done
	return 5
}

# settings_get NAME [DEFAULT]: the last one counts, even if it is empty
settings_get() {
	case $settings in
	*"$settings_nl$1 "*)
		settings_value=${settings##*"$settings_nl$1 "}
		printf '%s\n' "${settings_value%%"$settings_nl"*}"
		;;
	*) printf '%s\n' "${2:-}" ;;
	esac
}
