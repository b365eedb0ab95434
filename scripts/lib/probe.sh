# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# probe.sh - would a dump arrive, as far as the running system can tell? To be sourced
# behind conf.sh
#
# Servers and raw devices are asked by dumpsend --probe, with the very options, keys and
# known hosts that the image gets; of a folder of this machine it is tried whether it can
# be written, and its free space is compared with what a dump may take.

probe_seconds=${KDUMP_PROBE_SECONDS:-20}

# probe_value DIRECTORY N NAME: of a target in DIRECTORY/capture.conf
probe_value() {
	sed -n "s/^target $2 $3 //p" "$1/capture.conf" | head -n 1
}

# probe_options DIRECTORY N: dumpsend's, a line each; a path in the image becomes that of
# the file it is copied from
probe_options() {
	probe_value "$1" "$2" send | tr -s ' ' '\n' | awk -v dir="$1/" -v root="$KDUMP_ROOT" '
	BEGIN {
		while ((getline line < (dir "files")) > 0) {
			n = split(line, part, " ")
			# what resolve_config has made lies there, other files in the tree
			if (n == 3)
				source[part[3]] = (index(part[2], dir) == 1 ? "" : root) part[2]
		}
	}
	$0 == "" { next }
	{
		at = index($0, "=")
		path = at ? substr($0, at + 1) : $0
		print path in source ? substr($0, 1, at) source[path] : $0
	}'
}

# probe_program: dumpsend goes on with ssh(1) where it cannot do a thing by itself; in
# the image there is none unless extra_bins has it
probe_program() {
	probe_path=$PATH
	case " $(conf_get extra_bins | tr '\n' ' ')" in
	*/ssh\ * | *' ssh '*) ;;
	*) probe_path=/nonexistent ;;
	esac
	probe_send=$(command -v dumpsend) || {
		say 'dumpsend: not found'
		return 1
	}
}

# probe_server N TARGET: dumpsend's words and status
probe_server() {
	probe_program || return 1
	set -f
	probe_number=$1
	probe_target=$2
	# shellcheck disable=SC2046  # an option each
	set -- $(probe_options "$resolved" "$probe_number")
	set +f
	[ "$verbose" -lt 1 ] || set -- "$@" -v
	timeout -k 5 $((probe_seconds * 6)) env PATH="$probe_path" "$probe_send" "$@" --probe \
		--retry-for="$probe_seconds" --connect-timeout="$probe_seconds" \
		--timeout="$probe_seconds" "$probe_target" >"$work/probed" 9>&-
	probe_status=$?
	[ "$verbose" -lt 1 ] || sed "s/^/kdump: target $probe_number: /" "$work/probed" >&2
	[ $probe_status -ne 124 ] || probe_status=4
	return "$probe_status"
}

# mounted_at NODE: where it is mounted, as a whole; 1 if it is not
mounted_at() {
	while read -r _ _ _ mounted_root mounted_point mounted_rest; do
		mounted_rest=${mounted_rest#* - }
		mounted_type=${mounted_rest%% *}
		mounted_source=${mounted_rest#* }
		mounted_source=${mounted_source%% *}
		case $mounted_root:$mounted_type:$mounted_source in
		/:*:/*) ;;
		*:btrfs:/*) ;;
		*) continue ;;
		esac
		[ "$(readlink -f "$KDUMP_ROOT$mounted_source")" = "$(readlink -f "$1")" ] || continue
		# blanks and the like are written \040 there
		printf '%b\n' "$mounted_point"
		return
	done <"$KDUMP_ROOT/proc/self/mountinfo"
	return 1
}

# dump_estimate: KiB that a dump of this machine would take now, on the large side: the
# memory in use without what the dump level leaves out; packed, half of it
dump_estimate() {
	dump_options=$(conf_get dump_options)
	dump_level=$(printf ' %s ' "$dump_options" |
		sed -n 's/.* -d *\([0-9][0-9]*\) .*/\1/p')
	dump_packed=1
	case " $dump_options " in
	*' -c '* | *' -l '* | *' -p '* | *' -z '*) dump_packed=2 ;;
	esac
	awk -v level="${dump_level:-0}" -v packed=$dump_packed '
	function bit(n) { return int(level / n) % 2 }
	/^[A-Za-z()_]*:/ { sub(/:/, "", $1); kib[$1] = $2 }
	END {
		size = kib["MemTotal"]
		if (bit(16)) size -= kib["MemFree"]
		if (bit(2) || bit(4)) size -= kib["Cached"] + kib["Buffers"]
		if (bit(8)) size -= kib["AnonPages"]
		if (size < 0) size = 0
		printf "%.0f\n", size / packed + 4096
	}' "$KDUMP_ROOT/proc/meminfo"
}

# mib KIB: in words
mib() {
	printf '%s MiB' $((($1 + 1023) / 1024))
}

# probe_room FOLDER: a warning when it is likely too small
probe_room() {
	probe_free=$(df -P -k "$1" 2>/dev/null | awk 'NR == 2 { print $4 }')
	probe_need=$(dump_estimate)
	case ${probe_free:-x}${probe_need:-x} in
	*[!0-9]*) return 0 ;;
	esac
	probe_keep=$(($(conf_get keep_free | tr -cd 0-9 | sed 's/^$/0/') / 1024))
	if [ "$probe_free" -lt $((probe_need + probe_keep)) ]; then
		say "$1: $(mib "$probe_free") are free, and a dump of this machine may take" \
			"$(mib "$probe_need")$([ $probe_keep -eq 0 ] || printf ', with %s kept free' "$(mib $probe_keep)")"
	else
		detail "$1: $(mib "$probe_free") are free, a dump may take $(mib "$probe_need")"
	fi
}

# probe_folder FOLDER: made if it is not there, and can it be written?
probe_folder() {
	if [ ! -d "$1" ]; then
		if [ -n "$dry_run" ]; then
			say "$1: not there yet: would be made"
			return 0
		fi
		if ! mkdir -p "$1" 2>/dev/null; then
			say "$1: not there, and cannot be made"
			return 1
		fi
		inform "$1: made"
	fi
	if ! probe_file=$(mktemp "$1/kdump-probe.XXXXXX" 2>/dev/null); then
		say "$1: cannot be written"
		return 1
	fi
	rm -f "$probe_file"
	probe_room "$1"
}

# probe_disk N: the folder of this machine that target N is
probe_disk() {
	if [ "${resolve_result:-0}" -eq 0 ] && [ "$(conf_target "$1" kind)" = path ]; then
		probe_folder "$KDUMP_ROOT$(conf_target "$1" spec)"
		return
	fi
	probe_device=$(probe_value "$resolved" "$1" device)
	if [ -n "$KDUMP_ROOT" ]; then
		return 0
	elif ! probe_node=$(device_find "$probe_device") || ! probe_point=$(mounted_at "$probe_node"); then
		inform "$probe_device: not mounted here: whether it can be written is not tried"
		return 0
	fi
	probe_folder "${probe_point%/}$(probe_value "$resolved" "$1" dir)"
}

# probe_url FOLDER: of a file there
probe_url() {
	case $1 in
	*\?*) printf '%s/kdump-probe?%s\n' "${1%%\?*}" "${1#*\?}" ;;
	*) printf '%s/kdump-probe\n' "$1" ;;
	esac
}

# probe_target N: with resolved set to the folder of resolve_config's files. 0 it would
# arrive; 4 the server does not answer; 1 it would not. What is missing is told.
probe_target() {
	probe_shown=$(probe_value "$resolved" "$1" shown)
	detail "target $1: ${probe_shown:-?}: probing"
	case $(probe_value "$resolved" "$1" kind) in
	disk) probe_disk "$1" ;;
	nfs | ssh) probe_server "$1" "$(probe_url "$(probe_value "$resolved" "$1" url)")" ;;
	raw) probe_server "$1" "raw:$(device_find "$(probe_value "$resolved" "$1" device)")" ;;
	*)
		say "target $1: of no known kind"
		return 1
		;;
	esac
	probe_status=$?
	case $probe_status in
	0) detail "target $1: ${probe_shown:-?}: works" ;;
	4) say "target $1: ${probe_shown:-?}: the server does not answer now" ;;
	*) say "target $1: ${probe_shown:-?}: would not take a dump: see above" ;;
	esac
	return "$probe_status"
}
