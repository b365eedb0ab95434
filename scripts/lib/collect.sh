# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# collect.sh - what crashes have left, wherever it lies, becomes a record here; to be
# sourced behind records.sh, conf.sh, probe.sh, device.sh and raw.sh
#
# A capture leaves a record beside its dump, and one called HOST-last in the folder above.
# On disks of this machine all folders are looked at, on servers HOST-last. Which targets
# there were, and how they are reached, the capture.conf beside each image says: it is
# what the capture kernel went by. Each server has collect_limit seconds to answer; what
# cannot be reached is told, and the rest goes on.

collect_limit=${KDUMP_REPORT_SECONDS:-20}
collect_missed=

# collect_missing WHERE WHY
collect_missing() {
	collect_missed=yes
	say "$1: $2"
}

# collect_host DIRECTORY: the name this machine has in the names of folders
collect_host() {
	collect_name=$(sed -n 's/^host //p' "$1/capture.conf" 2>/dev/null | head -n 1)
	[ -n "$collect_name" ] || collect_name=$(conf_get host)
	[ -n "$collect_name" ] ||
		collect_name=$(cat "$KDUMP_ROOT/proc/sys/kernel/hostname" 2>/dev/null || uname -n)
	# as capture does with what is no name
	case $collect_name in
	'' | '(none)' | localhost*)
		collect_address=$(sed -n 's/^address //p' "$1/capture.conf" 2>/dev/null | head -n 1)
		collect_name=${collect_address:-$collect_name}
		;;
	esac
	# and with what cannot be in a name: clean in ask.sh
	printf '%s' "$collect_name" | tr -c 'A-Za-z0-9._+@-' _ | sed 's/^[.-]/_/' | cut -c 1-64
}

# collect_home: the folder on this system for dumps, and what is fetched
collect_home() {
	collect_n=1
	while collect_kind=$(conf_target $collect_n kind) && [ -n "$collect_kind" ]; do
		if [ "$collect_kind" = path ]; then
			printf '%s%s\n' "$KDUMP_ROOT" "$(conf_target $collect_n spec)"
			return
		fi
		collect_n=$((collect_n + 1))
	done
	printf '%s/var/crash\n' "$KDUMP_ROOT"
}

# collect_ours PATH: is it to be believed, and may be written into? Where everybody can make
# things, as in /var/crash of some distributions, only what is root's own
collect_ours() {
	[ -n "$(find -L "${1%/*}" -prune -perm -0002 2>/dev/null)" ] || return 0
	# shellcheck disable=SC3067 # dash and busybox have it
	[ ! -L "$1" ] && [ -O "$1" ]
}

# collect_make FOLDER: made, or ours already
collect_make() {
	mkdir -p "${1%/*}" || return
	mkdir "$1" 2>/dev/null || { [ -d "$1" ] && collect_ours "$1"; }
}

# collect_name_of FOLDER NAME...: the first of these files that is there and not empty
collect_name_of() {
	collect_in=$1
	shift
	for collect_try; do
		[ ! -s "$collect_in/$collect_try" ] || {
			printf '%s\n' "$collect_try"
			return
		}
	done
}

# collect_truth FILE FOLDER: the record; one whose capture has not come to its end says
# what it meant to save: what is there, the folder tells
collect_truth() {
	if [ "$(record_get status "$1")" != running ]; then
		cat "$1"
		return
	fi
	# the folder of layout debian is called by the time that is in its files' names
	collect_stamp=${2##*/}
	collect_dump=lost collect_log=lost
	collect_name=$(collect_name_of "$2" vmcore "dump.$collect_stamp" vmcore.raw \
		"vmcore.$collect_stamp" vmcore-incomplete "dump.$collect_stamp-incomplete" \
		vmcore.raw-incomplete "vmcore.$collect_stamp-incomplete")
	case $collect_name in
	'') ;;
	*-incomplete) collect_dump=incomplete ;;
	vmcore.*) collect_dump=raw ;;
	*) collect_dump=saved ;;
	esac
	[ -z "$collect_name" ] ||
		printf 'dump_name=%s\ndump_size=%s\n' "$collect_name" "$(stat -c %s "$2/$collect_name")"
	collect_name=$(collect_name_of "$2" vmcore-dmesg.txt "dmesg.$collect_stamp" \
		vmcore-dmesg.txt-incomplete "dmesg.$collect_stamp-incomplete")
	case $collect_name in
	'') ;;
	*-incomplete) collect_log=incomplete ;;
	*) collect_log=saved ;;
	esac
	[ -z "$collect_name" ] || printf 'log_name=%s\n' "$collect_name"
	printf 'dump=%s\nlog=%s\n' $collect_dump $collect_log
	cat "$1"
}

# collect_known KEPT FILE: was this one read before, and has not changed since?
collect_known() {
	[ -e "$1" ] || return 1
	[ -n "$(find "$1" -newer "$2")" ] && grep -q -x 'source=local' "$1"
}

# collect_folder FOLDER [SHOWN]: all records below it; SHOWN, how to call it instead
collect_folder() {
	[ -d "$1" ] || return 0
	for collect_file in "$1"/*/kdump-record "$1"/*-last; do
		[ ! -L "$collect_file" ] || continue
		[ -f "$collect_file" ] || continue
		if ! collect_ours "${collect_file%/kdump-record}"; then
			inform "$1: $(record_fit "${collect_file#"$1"/}"): is another user's, where everybody may write: left alone"
			continue
		fi
		case $collect_file in
		*/kdump-record)
			collect_at=${collect_file%/kdump-record}
			collect_at=/${collect_at##*/}
			! collect_known "$records_dir$collect_at" "$collect_file" || continue
			;;
		*)
			collect_at=/$(record_fit "$(record_get folder "$collect_file")")
			# what is beside the dump says the same
			[ ! -e "$1$collect_at/kdump-record" ] || continue
			[ -d "$1$collect_at" ] || collect_at=
			;;
		esac
		collect_truth "$collect_file" "$1$collect_at" >"$work/truth"
		record_keep "$work/truth" local "${2:-${1#"$KDUMP_ROOT"}}$collect_at"
		case $? in
		0) detail "$collect_file: a crash's record" ;;
		5) say "$collect_file: no record of ours: left alone" ;;
		esac
	done
}

# collect_disk DEVICE FSTYPE DIR SHOWN: a folder in a file system, mounted or not
collect_disk() {
	if ! collect_node=$(device_find "$1" "$2") || [ -z "$collect_node" ]; then
		collect_missing "$4" "$1: no such device now"
		return
	fi
	if collect_at=$(mounted_at "$collect_node"); then
		collect_folder "$KDUMP_ROOT${collect_at%/}$3"
		return
	fi
	mkdir -p "$work/mnt"
	if ! timeout "$collect_limit" mount -t "$2" -o ro "$collect_node" "$work/mnt" \
		2>"$work/why"; then
		collect_missing "$4" "$collect_node: cannot be mounted: $(head -n 1 "$work/why")"
		return
	fi
	collect_folder "$work/mnt$3" "$collect_node:$3"
	umount "$work/mnt"
}

# collect_server DIRECTORY N URL: HOST-last on a server, with the target's own keys
collect_server() {
	collect_url=$3
	collect_query=
	case $collect_url in
	*\?*)
		collect_query="?${collect_url#*\?}"
		collect_url=${collect_url%%\?*}
		;;
	esac
	collect_url=${collect_url%/}
	collect_last=$collect_url/$(collect_host "$1")-last$collect_query
	rm -f "$work/fetched"
	detail "looking at $collect_last"
	set -f
	# shellcheck disable=SC2046  # an option each
	set -- $(probe_options "$1" "$2")
	set +f
	# dumpsend keeps its time; the other one is for the day that it does not
	timeout -k 5 $((collect_limit + 5)) dumpsend "$@" -q --fetch --limit-size=64K \
		--time-limit="$collect_limit" "$collect_last" "$work/fetched" 2>"$work/why" 9>&-
	case $? in
	0) ;;
	5)
		detail "$collect_last: not there: no crash has left anything"
		return
		;;
	*)
		collect_missing "$collect_url" "cannot be asked: $(tail -n 1 "$work/why" |
			sed 's/^dumpsend: //')"
		return
		;;
	esac
	collect_at=$(record_fit "$(record_get folder "$work/fetched")")
	# the folder may have got another name, because one of that name was there
	collect_place=$(record_get where "$work/fetched")
	collect_place=${collect_place%"$collect_query"}
	case ${collect_place#"$collect_url"/} in
	"$collect_place" | *[!A-Za-z0-9._:+@%-]* | .*) collect_place=$collect_url/$collect_at ;;
	esac
	record_keep "$work/fetched" server "$collect_place$collect_query"
	[ $? -ne 5 ] || say "$collect_last: no record of ours: left alone"
}

# collect_conf DIRECTORY: the targets of its capture.conf, each place once
collect_conf() {
	collect_count=1
	while collect_kind=$(probe_value "$1" $collect_count kind) && [ -n "$collect_kind" ]; do
		collect_shown=$(probe_value "$1" $collect_count shown)
		collect_device=$(probe_value "$1" $collect_count device)
		collect_dir=$(probe_value "$1" $collect_count dir)
		collect_where=$(probe_value "$1" $collect_count url)
		collect_once="$collect_kind $collect_device $collect_dir $collect_where"
		if ! grep -q -x -F -e "$collect_once" "$work/collected" 2>/dev/null; then
			printf '%s\n' "$collect_once" >>"$work/collected"
			case $collect_kind in
			disk)
				collect_disk "$collect_device" \
					"$(probe_value "$1" $collect_count fstype)" \
					"$collect_dir" "${collect_shown:-$collect_device}"
				;;
			nfs | ssh) collect_server "$1" $collect_count "$collect_where" ;;
			raw) raw_collect "$(device_find "$collect_device")" "$(collect_home)" \
				"$(collect_host "$1")" ;;
			esac
		fi
		collect_count=$((collect_count + 1))
	done
}

# collect_targets: the folder for dumps here, and the targets of all images
collect_targets() {
	collect_folder "$(collect_home)"
	: >"$work/collected"
	for collect_image in "$KDUMP_ROOT"/var/lib/crashpipe/*/capture.conf; do
		[ ! -f "$collect_image" ] || collect_conf "${collect_image%/capture.conf}"
	done
}
