# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# pstore.sh - what a dying kernel has left in the firmware's variables or in a part of
# memory: for machines that could not capture anything; to be sourced behind records.sh
# and collect.sh
#
# /sys/fs/pstore has TYPE-BACKEND-ID files (fs/pstore/inode.c): dmesg-ramoops-0,
# dmesg-efi_pstore-167000000001001 (before Linux 6.1 dmesg-efi-...), dmesg-erst-...,
# console-ramoops-0, pmsg-ramoops-0. Each dmesg record begins with a line "Panic#2 Part3"
# (fs/pstore/platform.c): why, the how manyeth since boot, and the part, counted
# backwards: Part1 has the end of the log. One that the kernel could not unpack ends in
# .enc.z and is deflate. The file's time is that of the record. All from Linux 6.1.
#
# systemd-pstore moves them to /var/lib/systemd/pstore, in folders of its own: there they
# are read and left.

# records of one crash come within so many seconds: the oops, and then the panic
pstore_span=60

# pstore_unpack FILE: what is in it, unpacked if it must be. gzip is told that a header of
# its own was there; that the end is missing does not matter, as all was printed by then.
pstore_unpack() {
	case $1 in
	*.enc.z) ;;
	*)
		cat "$1"
		return
		;;
	esac
	pstore_skip=0
	# zlib's header, as old kernels wrote it, is a multiple of 31
	pstore_head=$(od -A n -t u1 -N 2 "$1" | awk '{ print ($1 % 16 == 8 && ($1 * 256 + $2) % 31 == 0) }')
	[ "$pstore_head" != 1 ] || pstore_skip=2
	{
		printf '\037\213\010\000\000\000\000\000\000\003'
		tail -c +$((pstore_skip + 1)) "$1"
	} | gzip -dc 2>/dev/null
}

# pstore_time FILE: of the record. EFI has it in the name, whoever copied it.
pstore_time() {
	pstore_id=${1##*/}
	case $pstore_id in
	*-efi*-*)
		pstore_id=${pstore_id##*-}
		pstore_id=${pstore_id%%.*}
		# (seconds * 100 + part) * 1000 + count: drivers/firmware/efi/efi-pstore.c
		case $pstore_id in
		*[!0-9]* | ? | ?? | ??? | ???? | ?????) ;;
		*)
			printf '%s\n' "${pstore_id%?????}"
			return
			;;
		esac
		;;
	esac
	stat -c %Y "$1"
}

# pstore_files: all records that are there and were not taken before
pstore_files() {
	for pstore_file in "$KDUMP_ROOT"/sys/fs/pstore/*; do
		[ ! -f "$pstore_file" ] || printf '%s\n' "$pstore_file"
	done
	find "$KDUMP_ROOT/var/lib/systemd/pstore" -type f \( -name 'dmesg-*' -o -name 'console-*' \
		-o -name 'pmsg-*' -o -name 'ftrace-*' \) 2>/dev/null | while IFS= read -r pstore_file; do
		grep -q -x -F -e "$(pstore_mark "$pstore_file")" "$records_dir/.pstore" 2>/dev/null ||
			printf '%s\n' "$pstore_file"
	done
}

# pstore_mark FILE: what tells it from all others
pstore_mark() {
	printf '%s %s\n' "$(stat -c '%s %Y' "$1")" "${1#"$KDUMP_ROOT"}"
}

# pstore_list: a line of each: time, why, count, part, file; those with no such line in
# front are "none 0 0"
pstore_list() {
	pstore_files | while IFS= read -r pstore_file; do
		case $pstore_file in
		*[!A-Za-z0-9._:/@+-]*)
			say "$pstore_file: an odd name: left alone"
			continue
			;;
		esac
		pstore_line=$(pstore_unpack "$pstore_file" | head -c 200 | head -n 1 | tr -d '\000' |
			sed -n 's/^\([A-Z][A-Za-z]*\)#\([0-9]\{1,9\}\) Part\([0-9]\{1,9\}\)$/\1 \2 \3/p')
		case ${pstore_file##*/} in dmesg-*) ;; *) pstore_line= ;; esac
		printf '%s %s %s\n' "$(pstore_time "$pstore_file")" "${pstore_line:-none 0 0}" \
			"$pstore_file"
	done | sort -k 1n -k 3n -k 4n
}

# pstore_group: to each line of pstore_list, in front, the number of its crash. One
# begins where the records are later, or where a part comes again.
pstore_group() {
	awk -v span=$pstore_span '
	$2 == "none" { rest[++others] = $0; next }
	{
		key = $2 " " $3
		if (!group || $1 - last > span || ((group, key, $4) in seen))
			group++
		seen[group, key, $4] = 1
		last = $1
		print group, $0
	}
	# what has no head goes with the last crash: console, pmsg
	END {
		for (i = 1; i <= others; i++)
			print group + 0, rest[i]
	}'
}

# pstore_join LIST WHY COUNT: the text of these parts in order, as dmesg prints it
pstore_join() {
	awk -v why="$2" -v count="$3" '$3 == why && $4 == count { print $5, $6 }' "$1" |
		sort -k 1nr | while read -r _ pstore_file; do
		pstore_unpack "$pstore_file" | tail -n +2
	done | tr -d '\000' | sed 's/^<[0-9]*>//'
}

# pstore_best LIST: why and count of the dump that tells most: a panic before an oops, the
# last before others
pstore_best() {
	awk '{ print ($3 == "Panic" ? 2 : $3 == "Oops" || $3 == "Emergency" ? 1 : 0), $4, $3 }' \
		"$1" | sort -k 1nr -k 2nr | awk 'NR == 1 { print $3, $2 }'
}

# pstore_panic: the line that tells why, of the log on standard input
pstore_panic() {
	tr -d '\000' | sed 's/^<[0-9]*>//; s/^\[[^]]*\] //' | awk '
	{ sub(/^\[[^]]*\] /, "") }
	/Kernel panic - not syncing: / && !panic {
		panic = $0
		sub(/^.*Kernel panic - not syncing: /, "", panic)
	}
	/^(BUG: |Oops: |Unable to handle |general protection fault|kernel BUG at )/ && !oops {
		oops = $0
	}
	END {
		# what was wrong says more than that it was fatal
		if (panic ~ /^Fatal exception/ && oops)
			panic = oops
		print panic ? panic : oops
	}'
}

# pstore_release: of the kernel that wrote the log on standard input
pstore_release() {
	awk '
	function known(text) {
		if (text ~ /^[0-9]+\.[0-9]/ && !release)
			release = text
	}
	# "CPU: 0 PID: 1 Comm: sh Not tainted 6.1.0 #1 Debian"
	/[Tt]ainted/ {
		for (i = 2; i <= NF; i++)
			if ($i ~ /^#[0-9]/)
				known($(i - 1))
	}
	match($0, /Linux version [^ ]+/) { known(substr($0, RSTART + 14, RLENGTH - 14)) }
	END { print release }'
}

# pstore_known EPOCH: the record of a crash at that time that was found otherwise; one that
# only says that nothing was saved is removed, as it is not true
pstore_known() {
	for pstore_file in "$records_dir"/*; do
		[ -f "$pstore_file" ] || continue
		[ "$(record_get source "$pstore_file")" != pstore ] || continue
		pstore_epoch=$(record_epoch "$pstore_file")
		[ "$pstore_epoch" -ge $(($1 - 120)) ] || continue
		[ "$pstore_epoch" -le $(($1 + 120)) ] || continue
		if [ "$(record_get kind "$pstore_file")" = unsaved ]; then
			rm -f "$pstore_file"
			continue
		fi
		printf '%s\n' "$pstore_file"
		return
	done
	return 1
}

# pstore_save LIST FOLDER: the files as they are, durable
pstore_save() {
	mkdir -p "$2/pstore" || return
	pstore_bad=0
	while read -r _ _ _ _ _ pstore_file; do
		pstore_copy=$2/pstore/${pstore_file##*/}
		# the same name again, of an earlier crash
		! [ -e "$pstore_copy" ] || cmp -s "$pstore_file" "$pstore_copy" ||
			pstore_copy=$pstore_copy.$(pstore_time "$pstore_file")
		cat "$pstore_file" >"$pstore_copy.new" && mv "$pstore_copy.new" "$pstore_copy" ||
			pstore_bad=1
	done <"$1"
	return $pstore_bad
}

# pstore_forget LIST: what is safe now is deleted where it was, so that there is room for
# the next crash; systemd's copies are remembered instead
pstore_forget() {
	while read -r _ _ _ _ _ pstore_file; do
		case $pstore_file in
		"$KDUMP_ROOT"/sys/fs/pstore/*)
			rm -f "$pstore_file" || say "$pstore_file: cannot be deleted"
			;;
		*)
			mkdir -p "$records_dir"
			pstore_mark "$pstore_file" >>"$records_dir/.pstore"
			;;
		esac
	done <"$1"
}

# pstore_record HOST: the record of the crash of pstore_crash
pstore_record() {
	pstore_kind=$(printf '%s' "$pstore_why" | tr '[:upper:]' '[:lower:]')
	printf '%s\n' format=1 "host=$1" "crash_time=$pstore_date" "crash_epoch=$pstore_at" \
		"folder=$pstore_folder" "panic=$(pstore_panic <"$work/pstore.log")" "kind=$pstore_kind" \
		"release=$(pstore_release <"$work/pstore.log")" log=saved \
		"log_size=$(stat -c %s "$pstore_log")" dump=lost |
		grep -v '=$'
}

# pstore_crash LIST HOME HOST: the records of one crash
pstore_crash() {
	pstore_at=$(awk 'NR == 1 { print $2 }' "$1")
	read -r pstore_why pstore_count <<-EOF
		$(pstore_best "$1")
	EOF
	pstore_join "$1" "$pstore_why" "$pstore_count" >"$work/pstore.log"
	# no dump of the log, but what went to the console
	if [ "$pstore_why" = none ]; then
		pstore_console=$(awk '$6 ~ /\/console-/ { print $6 }' "$1" | head -n 1)
		[ -n "$pstore_console" ] || return 0
		pstore_unpack "$pstore_console" | tr -d '\000' >"$work/pstore.log"
		pstore_text=$(pstore_panic <"$work/pstore.log")
		[ -n "$pstore_text" ] || {
			detail "$pstore_console: no crash in it: left alone"
			return 0
		}
		pstore_why=Panic
	fi
	case $pstore_why in
	Panic | Oops | Emergency) ;;
	*)
		# a shutdown, where printk.always_kmsg_dump asks for it
		detail "pstore: a log of a $pstore_why: kept in /var/lib/crashpipe/pstore"
		pstore_save "$1" "$KDUMP_ROOT/var/lib/crashpipe/pstore/$pstore_at" && sync &&
			pstore_forget "$1"
		return
		;;
	esac
	pstore_date=$(date -u -d "@$pstore_at" +%Y-%m-%d-%H:%M:%S) || pstore_date=unknown
	pstore_folder=$3-$pstore_date
	pstore_other=$(pstore_known "$pstore_at") && pstore_folder=${pstore_other##*/}
	if ! collect_make "$2/$pstore_folder" || ! pstore_save "$1" "$2/$pstore_folder"; then
		collect_missing pstore "$2/$pstore_folder: cannot be written to, or is another user's: the records stay there"
		return
	fi
	pstore_log=$2/$pstore_folder/vmcore-dmesg.txt
	pstore_rank=
	[ -z "$pstore_other" ] || pstore_rank=$(record_rank "$pstore_other")
	case $pstore_rank in
	'')
		cat "$work/pstore.log" >"$pstore_log"
		pstore_record "$3" >"$2/$pstore_folder/kdump-record"
		sync
		record_keep "$2/$pstore_folder/kdump-record" pstore "${2#"$KDUMP_ROOT"}/$pstore_folder"
		;;
	0* | 1*)
		# the capture has saved nothing: then this is the log
		cat "$work/pstore.log" >"$pstore_log"
		sync
		record_add "${pstore_other##*/}" log=saved "log_size=$(stat -c %s "$pstore_log")" \
			log_name=vmcore-dmesg.txt "place=${2#"$KDUMP_ROOT"}/$pstore_folder"
		;;
	*) sync ;;
	esac
	pstore_forget "$1"
	inform "pstore: records of the crash of $pstore_date are in ${2#"$KDUMP_ROOT"}/$pstore_folder"
}

# pstore_mount: where nobody has done it
pstore_mount() {
	[ -z "$KDUMP_ROOT" ] && [ -d /sys/fs/pstore ] || return 0
	grep -q ' /sys/fs/pstore pstore ' /proc/mounts ||
		mount -t pstore pstore /sys/fs/pstore 2>/dev/null || return 0
}

# pstore_collect HOME HOST
pstore_collect() {
	pstore_mount
	pstore_list >"$work/pstore.list"
	[ -s "$work/pstore.list" ] || return 0
	pstore_group <"$work/pstore.list" >"$work/pstore.groups"
	cut -d ' ' -f 1 "$work/pstore.groups" | sort -nu >"$work/pstore.numbers"
	while read -r pstore_n; do
		grep "^$pstore_n " "$work/pstore.groups" >"$work/pstore.crash"
		pstore_crash "$work/pstore.crash" "$1" "$2" </dev/null
	done <"$work/pstore.numbers"
}
