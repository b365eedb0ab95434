# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# write.sh - the small files beside a dump: README.txt, kdump-record, logs; to be sourced
# after save, readme, record
#
#	README.txt, kdump-record	at the start, as incomplete, and in the end; to a server
#					together with the log
#	capture.log			everything that was said
#	kexec-dmesg.log			the capture kernel's own messages
#	kexec_cmd			layout debian: how the capture kernel was loaded
#	HOST-last			in the target's own folder: the record of the last crash

# what a full disk must still take in the end; it is put down at the start
reserve_size=98304
file_limit=60 doubtful_limit=10

# put TEXT FILE: without a word if there is no room, and without an empty file
put() {
	{ printf '%s' "$1" >"$2"; } 2>/dev/null && return
	[ -s "$2" ] || rm -f "$2"
	return 1
}

# put_whole TEXT FILE: or it stays as it was
put_whole() {
	rm -f "$2.new"
	if [ -d "$2" ] || ! put "$1" "$2.new" || ! mv -f "$2.new" "$2"; then
		rm -f "$2.new"
		return 1
	fi
}

# put_last: HOST-last, in base, which others may write to: links are replaced, not followed
put_last() {
	[ "$layout" != plain ] || return 0
	[ ! -L "$base/$host-last" ] || rm -f "$base/$host-last"
	put_whole "$record" "$base/$host-last" || say "$base/$host-last: cannot be written"
}

# kexec_cmd: how this kernel was loaded, as far as it is known here, in words
kexec_cmd() {
	! ask kexec_cmd || {
		words=$value
		return
	}
	line=
	{ IFS= read -r line <"${KDUMP_ROOT:-}/proc/cmdline"; } 2>/dev/null
	words="kexec-load -p --append='$line'"
}

# write_begin: into the new place of a local target
write_begin() {
	readme_make running
	put "$readme" "$place/README.txt"
	record_make running
	put "$record" "$place/kdump-record"
	put_last
	if [ "$layout" = debian ]; then
		kexec_cmd
		put "$words$nl" "$place/kexec_cmd"
	fi
	{ printf "%0${reserve_size}d" 0 >"$place/.room"; } 2>/dev/null
	return 0
}

# sizes: of the dump and the log in place, where it is a local one that has them
sizes() {
	recall "$target" dump
	case $value in
	saved | less) dump_as=$dump_name ;;
	raw) dump_as=$raw_name ;;
	partial | incomplete)
		dump_as=$dump_name-incomplete
		[ -e "$place/$dump_as" ] || [ ! -e "$place/$raw_name-incomplete" ] ||
			dump_as=$raw_name-incomplete
		;;
	*) dump_as= ;;
	esac
	recall "$target" log
	case $value in
	saved | less) log_as=$log_name ;;
	incomplete) log_as=$log_name-incomplete ;;
	esac
	is_local || {
		recall "$target" size
		dump_size=$value
		return
	}
	[ -z "$log_as" ] || log_size=$(stat -c %s "$place/$log_as")
	[ "$dump_target" = "$target" ] && [ -e "$place/$dump_as" ] || return 0
	dump_size=$(stat -c %s "$place/$dump_as")
}

# log_alone: where there is no dump, the record is about the first log
log_alone() {
	if [ -n "$log_as" ] || ! recall "$target" log; then
		return 0
	fi
	sizes
	[ -z "$folder" ] || dump_folder=${place##*/}
}

# write_local STATUS
write_local() {
	rm -f "$place/.room"
	readme_make "$1"
	put "$readme" "$place/README.txt" || say "$place/README.txt: cannot be written: is the disk full?"
	put_whole "$record" "$place/kdump-record" || say "$place/kdump-record: cannot be written"
	put_last
	[ -z "$log" ] || cp "$log" "$place/capture.log" || :
	[ ! -e "$work/kexec-dmesg.log" ] || cp "$work/kexec-dmesg.log" "$place/" || :
}

# send_limit: a server that did not take the dump may not answer now, either
send_limit() {
	recall "$target" dump
	case $value in
	partial | incomplete | none) limit=$doubtful_limit ;;
	*) limit=$file_limit ;;
	esac
}

# beside_all: dumpsend's options for README.txt and the record
beside_all() {
	beside=
	for each in README.txt kdump-record kdump-record:../$host-last; do
		case $layout$each in
		plain*:*) continue ;;
		esac
		# there may have been no room for it
		[ ! -s "$work/${each%%:*}" ] || beside="$beside --beside=$work/$each"
	done
}

# log_beside: what goes to a server together with the log
log_beside() {
	[ -z "$dry_run" ] || return 0
	readme_make running
	put "$readme" "$work/README.txt"
	record_make running
	put "$record" "$work/kdump-record"
	beside_all
}

# write_server STATUS: all over one connection
write_server() {
	readme_make "$1"
	put "$readme" "$work/README.txt"
	put "$record" "$work/kdump-record"
	beside_all
	[ ! -s "$work/kexec-dmesg.log" ] || beside="$beside --beside=$work/kexec-dmesg.log"
	# not the one that grows while it is sent
	[ -z "$log" ] || cp "$log" "$work/capture.log.sent" || :
	send_limit
	send_options "$limit" 10
	place_url capture.log
	# shellcheck disable=SC2086 # options: words on purpose
	within $((limit + 10)) dumpsend -q --no-sha256 -i "$work/capture.log.sent" $sending "$where" ||
		say "$where: not sent, or not with all that belongs to it"
	beside=
}

# write_raw: the record behind dumpsend's header, which takes the first of eight sectors; only
# where a dump has begun: what else lies there is not ours
write_raw() {
	recall "$target" dump
	case $value in
	'' | none) return 0 ;;
	esac
	[ -b "$device" ] || return 0
	while [ ${#record} -gt 3584 ]; do
		record=${record%"$nl"*"$nl"}$nl
	done
	put "$record" "$work/kdump-record"
	within 30 dd if="$work/kdump-record" of="$device" bs=512 seek=1 conv=notrunc,fsync
}

# write_to PASS STATUS: to the target of target_read, if this is its turn
write_to() {
	if is_dead; then
		:
	elif is_local; then
		[ "$1" != local ] || aside 60 write_local "$2"
		[ "$1$stuck" != localyes ] || remember "$target" dead yes
	elif [ "$1" = local ]; then
		:
	elif [ "$kind" = raw ]; then
		device=${place#raw:}
		write_raw
	elif recall "$target" log || { recall "$target" dump && [ "$value" != none ]; }; then
		write_server "$2"
	fi
}

# write_end STATUS: to every target that has got something
write_end() {
	[ -z "$dry_run" ] || return 0
	output=$work/kexec-dmesg.log
	within 10 dmesg
	output=
	n=0
	while [ $n -lt "$ntargets" ]; do
		n=$((n + 1))
		target_read $n
		[ -n "$place" ] || continue
		case $dump_target in
		"$target") is_dead || sizes ;;
		'') is_dead || log_alone ;;
		esac
	done
	record_make "$1"
	# what cannot hang first
	for pass in local other; do
		n=0
		while [ $n -lt "$ntargets" ]; do
			n=$((n + 1))
			target_read $n
			[ -z "$place" ] || write_to $pass "$1"
		done
	done
}
