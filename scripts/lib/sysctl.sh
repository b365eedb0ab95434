# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# sysctl.sh - kernel settings while a capture kernel is loaded; to be sourced behind
# settings.sh
#
# KDUMP_SYSCTL has them, NAME=VALUE divided by blanks. What was there before is kept in
# /run/crashpipe/sysctl, lines "NAME VALUE", until it is put back.

sysctl_default=kernel.panic_on_oops=1

# sysctl_path NAME: its file; 1 when that is no name
sysctl_path() {
	case $1 in
	*[!a-zA-Z0-9_./-]* | '' | .* | /* | *..*) return 1 ;;
	esac
	case $1 in
	*/*) printf '%s/proc/sys/%s\n' "$KDUMP_ROOT" "$1" ;;
	*) printf '%s/proc/sys/%s\n' "$KDUMP_ROOT" "$(printf '%s' "$1" | tr . /)" ;;
	esac
}

# sysctl_set NAME VALUE
sysctl_set() {
	if ! sysctl_file=$(sysctl_path "$1") || [ ! -e "$sysctl_file" ]; then
		say "KDUMP_SYSCTL: $1: this kernel has no such setting"
		return 1
	fi
	# the shell would say what fails in words of its own
	if ! (printf '%s\n' "$2" >"$sysctl_file") 2>/dev/null; then
		say "KDUMP_SYSCTL: $1: cannot be set to $2"
		return 1
	fi
}

sysctl_words() {
	settings_get KDUMP_SYSCTL "$sysctl_default" | tr -s ' \t,' '\n' | sed '/^$/d'
}

# sysctl_keep NAME: the value of now, unless one is kept already, by either way to write its name
sysctl_keep() {
	sysctl_kept=$KDUMP_ROOT/run/crashpipe/sysctl
	while read -r sysctl_other _; do
		[ "$(sysctl_path "$sysctl_other")" != "$sysctl_file" ] || return 0
	done 2>/dev/null <"$sysctl_kept"
	sysctl_old=$(tr '\t\n' '  ' <"$sysctl_file") || return 0
	printf '%s %s\n' "$1" "${sysctl_old% }" >>"$sysctl_kept"
}

# sysctl_arm: set what KDUMP_SYSCTL has; 1 when one could not be
sysctl_arm() {
	sysctl_result=0
	for sysctl_word in $(sysctl_words); do
		sysctl_name=${sysctl_word%%=*}
		case $sysctl_word in
		?*=?*) ;;
		*)
			say "KDUMP_SYSCTL: $sysctl_word is not NAME=VALUE"
			sysctl_result=1
			continue
			;;
		esac
		sysctl_file=$(sysctl_path "$sysctl_name") && [ -r "$sysctl_file" ] &&
			sysctl_keep "$sysctl_name"
		if sysctl_set "$sysctl_name" "${sysctl_word#*=}"; then
			detail "$sysctl_word: set while a capture kernel is loaded"
		else
			sysctl_result=1
		fi
	done
	return "$sysctl_result"
}

# sysctl_disarm: as it was before
sysctl_disarm() {
	sysctl_kept=$KDUMP_ROOT/run/crashpipe/sysctl
	[ -e "$sysctl_kept" ] || return 0
	sysctl_result=0
	while read -r sysctl_name sysctl_old; do
		sysctl_set "$sysctl_name" "$sysctl_old" || sysctl_result=1
		detail "$sysctl_name=$sysctl_old: as before"
	done <"$sysctl_kept"
	rm -f "$sysctl_kept"
	return "$sysctl_result"
}

# sysctl_missing: the words that are not in force now
sysctl_missing() {
	for sysctl_word in $(sysctl_words); do
		sysctl_file=$(sysctl_path "${sysctl_word%%=*}") || continue
		[ "$(tr '\t' ' ' <"$sysctl_file" 2>/dev/null)" = "${sysctl_word#*=}" ] ||
			printf '%s\n' "$sysctl_word"
	done
}
