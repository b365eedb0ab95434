# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# stale.sh - is the capture image what would be made now? To be sourced behind say.sh
#
# Beside the image lie inputs, one line "SIZE MTIME PATH" for each file that it was made
# of or depends on ("- - PATH" for one that was not there; MTIME in seconds), and what
# was settled for it: capture.conf, modules, files, programs.

# inputs_list FILE: the lines for the paths in FILE, which has one a line
inputs_list() {
	while IFS= read -r inputs_path; do
		[ -z "$inputs_path" ] || [ -e "$inputs_path" ] || printf '%s %s %s\n' - - "$inputs_path"
	done <"$1"
	tr '\n' '\0' <"$1" | xargs -0 stat -L -c '%s %Y %n' 2>/dev/null
	return 0
}

# inputs_now FILE: the same lines for the paths in FILE, as they are now
inputs_now() {
	cut -d ' ' -f 3- <"$1" | tr '\n' '\0' | xargs -0 stat -L -c '%s %Y %n' 2>/dev/null
	return 0
}

# stale_inputs FILE: what has changed since
stale_inputs() {
	inputs_now "$1" | awk -v before="$1" '
	function path(line) {
		sub(/^[^ ]* [^ ]* /, "", line)
		return line
	}
	{ now[path($0)] = $1 " " $2 }
	END {
		while ((getline line < before) > 0) {
			split(line, was, " ")
			p = path(line)
			if (p == "" || p ~ /\/(kdump|mkcapture)\.[A-Za-z0-9]*\/settled\//)
				continue
			if (was[1] == "-" && p in now)
				print p " is new"
			else if (was[1] != "-" && !(p in now))
				print p " is gone"
			else if (p in now && now[p] != was[1] " " was[2])
				print p " has changed"
		}
	}'
}

# stale_lines WHAT BEFORE NOW NAME: the first line of NAME that is in only one of these
# folders; a file that resolve_config has made lies in the folder itself, or in
# that of the program which settled it, which is gone. Where stale_more is not empty, there
# may be more in BEFORE, so that targets have other numbers, and other nodes are told
stale_lines() {
	[ -e "$2/$4" ] && [ -e "$3/$4" ] || return 0
	awk -v what="$1" -v before="$2" -v now="$3" -v name="$4" -v more="$stale_more" '
	function plain(line, folder,  at) {
		sub(/[^ ]*\/(kdump|mkcapture)\.[A-Za-z0-9]*\/settled\//, "", line)
		if (more && line ~ /^(address|fence|target fence) /)
			return ""
		if (more) {
			sub(/^target [0-9]+ /, "target ", line)
			gsub(/key\.[0-9]+/, "key", line)
			gsub(/known_hosts\.[0-9]+/, "known_hosts", line)
		}
		at = index(line, folder "/")
		return at ? substr(line, 1, at - 1) substr(line, at + length(folder) + 1) : line
	}
	BEGIN {
		while ((getline line < (before "/" name)) > 0)
			was[plain(line, before)] = 1
		while ((getline line < (now "/" name)) > 0) {
			is[line = plain(line, now)] = 1
			if (!(line in was) && line != "" && new == "")
				new = line
		}
		close(before "/" name)
		while (!more && (getline line < (before "/" name)) > 0)
			if (!((line = plain(line, before)) in is) && old == "")
				old = line
		if (old != "" && new != "")
			print what ": was \"" old "\", is \"" new "\""
		else if (old != "")
			print what ": no more \"" old "\""
		else if (new != "")
			print what ": now also \"" new "\""
	}'
}

# stale_made BEFORE NOW: what resolve_config has made: the host keys to trust, and the
# addresses of servers. A name may have several, in any order: one that is still among
# them is right.
stale_made() {
	for stale_file in "$2"/known_hosts.*; do
		[ -z "$stale_more" ] || break
		[ ! -e "$stale_file" ] || cmp -s "$stale_file" "$1/${stale_file##*/}" ||
			printf 'the host keys of target %s have changed\n' "${stale_file##*.}"
	done
	[ -s "$1/hosts" ] && [ -s "$2/hosts" ] || return 0
	while read -r stale_address stale_name; do
		stale_now=$(awk -v name="$stale_name" '$2 == name { print $1; exit }' "$2/hosts")
		case $stale_name:$stale_now in
		localhost:* | *: | *":$stale_address") continue ;;
		esac
		route_addresses "$stale_name" | sed 's/%.*//' | grep -q -x -F -e "$stale_address" ||
			printf '%s: was at %s, is at %s\n' "$stale_name" "$stale_address" "$stale_now"
	done <"$1/hosts"
}

# stale_watchdog BEFORE NOW KVER: one that runs by now, and whose driver the image has not
stale_watchdog() {
	grep -q -x 'watchdog yes' "$2/capture.conf" || return 0
	for stale_module in $(watchdog_modules "$KDUMP_ROOT" | sed 's/-/_/g'); do
		case $stale_module in *\?) continue ;; esac
		! sed 's|.*/||; s/\.ko.*//; s/-/_/g' "$1/inputs" | grep -q -x -F -e "$stale_module" || continue
		! resolve_known "$3" | grep -q -x -F -e "$stale_module" ||
			printf 'the watchdog %s runs, and its driver is not in the image\n' "$stale_module"
	done
}

# stale_why DIRECTORY [RESOLVED [MORE]]: prints why the image in DIRECTORY is not what would be
# made now, a reason a line, the most telling first; 0 when there is one, 1 when it is
# current. RESOLVED is a folder with what resolve_config says now; resolve.sh, route.sh and
# modules.sh are there then. With MORE there may be more in the image than that.
stale_why() {
	stale_more=${3:-}
	if [ ! -s "$1/capture.img" ]; then
		printf 'there is none yet: %s\n' "$1/capture.img"
		return
	fi
	if [ ! -s "$1/inputs" ]; then
		printf 'it is not known what it was made of: %s: not there\n' "$1/inputs"
		return
	fi
	stale_reasons=$(
		stale_inputs "$1/inputs"
		[ -n "${2:-}" ] || exit 0
		stale_lines 'target and network' "$1" "$2" capture.conf
		stale_lines 'kernel modules' "$1" "$2" modules
		stale_lines files "$1" "$2" files
		stale_lines programs "$1" "$2" programs
		stale_made "$1" "$2"
		stale_watchdog "$1" "$2" "$kver"
	)
	[ -n "$stale_reasons" ] || return 1
	printf '%s\n' "$stale_reasons"
}
