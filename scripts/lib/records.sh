# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# records.sh - the records of crashes, NAME=VALUE lines as README.md says; to be sourced
# behind say.sh
#
# They come from a capture kernel by way of a disk or a server: nothing in them is run,
# and what is kept of them is lines of printable ASCII, each name once, at most 64 KiB.
# /var/lib/crashpipe/reports/ has one of each crash, called after its folder HOST-DATE.

records_dir=${KDUMP_ROOT:-}/var/lib/crashpipe/reports

# record_get NAME FILE: its value; nothing when it has none
record_get() {
	sed -n "s/^$1=//p" "$2" 2>/dev/null | head -n 1
}

# record_number NAME FILE: only if it is a number, whole or with a fraction, that can be
# worked with
record_number() {
	record_get "$1" "$2" | grep -x '[0-9]\{1,15\}\(\.[0-9]\{1,9\}\)\{0,1\}'
}

# record_clean: from standard input to standard output. Numbers are worked with, and names
# become parts of lines to type: those that are none are left out.
record_clean() {
	head -c 65536 | tr '\000-\011\013-\037\177-\377' '?' | awk '
	function fits(name, value) {
		if (name ~ /^(crash_epoch|started|dump_started|dump_ended|ended|memory_total|memory_least|reserved|log_size|dump_size)$/)
			return value ~ /^[0-9]+([.][0-9]+)?$/ && length(value) <= 16
		if (name ~ /^(log_name|dump_name|release)$/)
			return value !~ /[^A-Za-z0-9._:+@~-]/
		return 1
	}
	match($0, /^[a-z][a-z0-9_]*=/) && length($0) <= 1024 {
		name = substr($0, 1, RLENGTH - 1)
		if (!(name in seen) && fits(name, substr($0, RLENGTH + 1)) && ++count <= 100)
			print
		seen[name] = 1
	}'
}

# record_valid FILE: is it one, of a version that we know?
record_valid() {
	[ "$(record_get format "$1")" = 1 ]
}

# record_fit TEXT: what may be the name of a folder or file
record_fit() {
	printf '%s' "$1" | tr -c 'A-Za-z0-9._:-' _ | sed 's/^[.-]/_/' | cut -c 1-120
}

# record_name FILE: what it is kept under
record_name() {
	record_folder=$(record_get folder "$1")
	[ -n "$record_folder" ] ||
		record_folder=$(record_get host "$1")-$(record_get crash_time "$1")
	record_fit "$record_folder"
}

# record_rank FILE: how much was saved, 0 nothing to 6 all, and behind it 1 if the capture
# came to its end, else 0
record_rank() {
	case $(record_get dump "$1") in
	saved) record_rank=6 ;;
	raw) record_rank=5 ;;
	partial | incomplete) record_rank=4 ;;
	*)
		record_rank=1
		case $(record_get log "$1")$(record_get kind "$1") in
		saved*) record_rank=3 ;;
		incomplete*) record_rank=2 ;;
		*unsaved) record_rank=0 ;;
		esac
		;;
	esac
	case $(record_get status "$1") in
	running) echo "${record_rank}0" ;;
	*) echo "${record_rank}1" ;;
	esac
}

# record_sync FILE: to the disk; where sync(1) takes no names, all files
record_sync() {
	sync "$1" 2>/dev/null || sync
}

# record_put FILE NAME: FILE becomes reports/NAME, whole and durable
record_put() {
	mkdir -p "$records_dir" || return
	chmod 700 "$records_dir"
	cat "$1" >"$records_dir/.$2.new" || return
	record_sync "$records_dir/.$2.new"
	mv "$records_dir/.$2.new" "$records_dir/$2" || return
	record_sync "$records_dir"
}

# record_keep FILE SOURCE PLACE: a record that was found. SOURCE: local, server, raw,
# pstore or boot; PLACE: where the files of this crash are, a folder or URL, as seen from
# here. Sets record_kept to its name. 0: it is new, or says more than the one there was;
# 1: nothing new; 5: it is no record.
record_keep() {
	record_clean <"$1" >"$work/record.clean"
	record_valid "$work/record.clean" || return 5
	record_kept=$(record_name "$work/record.clean")
	{
		grep -v -e '^source=' -e '^place=' -e '^collected=' "$work/record.clean"
		printf 'source=%s\nplace=%s\ncollected=%s\n' "$2" "$3" "$(date +%s)"
	} | record_clean >"$work/record.new"
	if [ -e "$records_dir/$record_kept" ]; then
		[ "$(record_rank "$work/record.new")" -gt \
			"$(record_rank "$records_dir/$record_kept")" ] || return 1
	fi
	record_put "$work/record.new" "$record_kept" 2>/dev/null || {
		record_elsewhere && record_put "$work/record.new" "$record_kept"
	} || die 1 "$records_dir: cannot be written to"
}

# record_elsewhere: a disk that is full, or read-only since the crash, shall not hide it: what is
# found is added to a copy of what was known
record_elsewhere() {
	[ "$records_dir" != "$work/reports" ] || return
	rm -f "$records_dir"/.*.new 2>/dev/null
	say "$records_dir: cannot be written to: what is found is shown, but not kept"
	mkdir "$work/reports" || return
	for record_file in "$records_dir"/*; do
		[ ! -f "$record_file" ] || cp "$record_file" "$work/reports/" || return
	done
	records_dir=$work/reports
}

# record_add NAME LINE...: to a record that is kept, in place of older lines of these names
record_add() {
	record_of=$records_dir/$1
	shift
	[ -e "$record_of" ] || return 1
	cat "$record_of" >"$work/record.add" || return
	for record_line; do
		grep -v "^${record_line%%=*}=" "$work/record.add" >"$work/record.rest"
		printf '%s\n' "$record_line" >>"$work/record.rest"
		mv "$work/record.rest" "$work/record.add"
	done
	record_clean <"$work/record.add" >"$work/record.rest"
	record_put "$work/record.rest" "${record_of##*/}"
}

# record_epoch FILE: when it crashed, seconds since 1970; 0 when it is not known
record_epoch() {
	record_at=$(record_number crash_epoch "$1")
	record_at=${record_at%%.*}
	printf '%s\n' "${record_at:-0}"
}

# records_list: the names of all that are kept, the oldest crash first
records_list() {
	for record_file in "$records_dir"/*; do
		[ -f "$record_file" ] || continue
		printf '%s %s\n' "$(record_epoch "$record_file")" "${record_file##*/}"
	done | sort -k 1n -k 2 | cut -d ' ' -f 2
}

# record_json FILE: as an object on one line, all values strings but whole numbers
record_json() {
	record_clean <"$1" | awk '
	BEGIN { printf "{" }
	{
		at = index($0, "=")
		v = substr($0, at + 1)
		if (v !~ /^(0|[1-9][0-9]*)$/ || length(v) > 15) {
			gsub(/\\/, "&&", v)
			gsub(/"/, "\\\\&", v)
			v = "\"" v "\""
		}
		printf "%s\"%s\": %s", (n++ ? ", " : ""), substr($0, 1, at - 1), v
	}
	END { printf "}" }'
}
