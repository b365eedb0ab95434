# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# show-crash.sh - a record on one screen; to be sourced behind records.sh

# show_date FILE: YYYY-MM-DD HH:MM:SS
show_date() {
	record_get crash_time "$1" | sed 's/^\([0-9]*-[0-9]*-[0-9]*\)-/\1 /'
}

# show_saved FILE: in few words
show_saved() {
	case $(record_rank "$1") in
	60) printf 'whole dump, end of the capture not known\n' ;;
	6*) printf 'whole dump\n' ;;
	5*) printf 'whole dump, raw\n' ;;
	4*) printf 'part of the dump\n' ;;
	3*) printf 'log only\n' ;;
	2*) printf 'part of the log\n' ;;
	*) printf 'nothing saved\n' ;;
	esac
}

# show_row NAME TEXT: nothing where there is no text
show_row() {
	[ -z "$2" ] || printf '%-13s%s\n' "$1" "$2"
}

# show_bytes BYTES: in words
show_bytes() {
	awk -v n="$1" 'BEGIN {
		split("bytes KiB MiB GiB TiB", unit)
		for (i = 1; n >= 1024 && i < 5; i++)
			n /= 1024
		printf i == 1 ? "%d %s" : "%.1f %s", n, unit[i]
	}'
}

# show_size FILE NAME: ", 61.2 MiB" where it is known
show_size() {
	show_number=$(record_number "$2" "$1")
	[ -z "$show_number" ] || printf ', %s' "$(show_bytes "${show_number%%.*}")"
}

# show_dump FILE: is it whole, how large, where
show_dump() {
	show_place=$(record_get place "$1")
	show_dump_name=$(record_get dump_name "$1")
	show_query=
	case $show_place in
	*://*\?*)
		show_query="?${show_place#*\?}"
		show_place=${show_place%%\?*}
		;;
	esac
	show_path=$show_place/${show_dump_name:-vmcore}$show_query
	case $(record_get dump "$1") in
	saved) printf 'whole%s: %s\n' "$(show_size "$1" dump_size)" "$show_path" ;;
	raw) printf 'whole, all of memory, not filtered%s: %s\n' "$(show_size "$1" dump_size)" "$show_path" ;;
	partial | incomplete) printf 'INCOMPLETE, what came is readable%s: %s\n' "$(show_size "$1" dump_size)" "$show_path" ;;
	*) printf 'NONE\n' ;;
	esac
}

# show_log_path FILE
show_log_path() {
	show_name=$(record_get log_name "$1")
	show_at=$(record_get place "$1")
	case $show_at in
	*://*\?*) printf '%s/%s?%s\n' "${show_at%%\?*}" "${show_name:-vmcore-dmesg.txt}" "${show_at#*\?}" ;;
	*) printf '%s/%s\n' "$show_at" "${show_name:-vmcore-dmesg.txt}" ;;
	esac
}

show_log() {
	case $(record_get log "$1") in
	saved) printf 'saved%s: %s\n' "$(show_size "$1" log_size)" "$(show_log_path "$1")" ;;
	incomplete) printf 'INCOMPLETE%s: %s\n' "$(show_size "$1" log_size)" "$(show_log_path "$1")" ;;
	*)
		case $(record_get dump "$1") in
		saved | raw) printf 'not saved by itself: dumpmsg reads it from the dump\n' ;;
		*) printf 'NONE\n' ;;
		esac
		;;
	esac
}

# show_took FILE: seconds, as far as they are known
show_took() {
	awk -F = '{ v[$1] = substr($0, length($1) + 2) + 0; has[$1] = $2 != "" }
	END {
		if (!has["ended"])
			exit
		printf "%.0f s in the capture kernel", v["ended"]
		if (has["dump_started"])
			printf ": the dump began after %.1f s", v["dump_started"]
		if (has["dump_started"] && has["dump_ended"])
			printf " and took %.1f s", v["dump_ended"] - v["dump_started"]
		print ""
	}' "$1"
}

# show_memory FILE: what it took at most, of what was there
show_memory() {
	awk -F = '{ v[$1] = $2 + 0 }
	END {
		if (!v["memory_total"] || !v["memory_least"])
			exit
		printf "%.0f MiB at most, of %.0f MiB that the capture kernel had", \
			(v["memory_total"] - v["memory_least"]) / 1024, v["memory_total"] / 1024
		if (v["memory_least"] < 8192)
			printf ": TIGHT, only %.0f MiB were left", v["memory_least"] / 1024
		print ""
	}' "$1"
}

# show_smallest FILE: KiB that would have done: what was not used is given back but for
# 8 MiB, and rounded up to 16 MiB; never less than kernel and image need to boot
show_smallest() {
	show_boot=$(show_estimate "$1")
	awk -F = -v boot="${show_boot:-0}" '{ v[$1] = $2 + 0 }
	END {
		if (!v["reserved"] || !v["memory_least"])
			exit
		need = v["reserved"] - v["memory_least"] + 8192
		if (need < boot / 1024)
			need = boot / 1024
		need = int((need + 16383) / 16384) * 16384
		print (need > v["reserved"] ? v["reserved"] : need)
	}' "$1"
}

# show_estimate FILE: bytes that booting takes, by crashreserve, if the image of that
# crash is still there
show_estimate() {
	[ -z "${show_quick:-}" ] || return 0
	show_release=$(sed -n 's/^release //p' "$KDUMP_ROOT/run/crashpipe/loaded" 2>/dev/null | head -n 1)
	show_kernel=$(sed -n 's/^kernel //p' "$KDUMP_ROOT/run/crashpipe/loaded" 2>/dev/null | head -n 1)
	show_image=$KDUMP_ROOT/var/lib/crashpipe/$show_release/capture.img
	[ -n "$show_release" ] && [ -f "$show_kernel" ] && [ -f "$show_image" ] || return 0
	timeout 20 crashreserve estimate -q --json "--kernel=$show_kernel" "--initrd=$show_image" \
		2>/dev/null 9>&- | sed -n 's/.*"boot": \([0-9]*\),.*/\1/p' | tail -n 1
}

show_reservation() {
	show_kib=$(record_number reserved "$1")
	[ -n "$show_kib" ] || return 0
	show_least=$(show_smallest "$1")
	printf '%s MiB%s\n' $((${show_kib%%.*} / 1024)) \
		"${show_least:+; $((show_least / 1024)) MiB would have done}"
}

# show_vmlinux RELEASE: its symbols, if they are installed
show_vmlinux() {
	for show_file in "/usr/lib/debug/boot/vmlinux-$1" "/usr/lib/debug/lib/modules/$1/vmlinux" \
		"/usr/lib/debug/vmlinux-$1" "/lib/modules/$1/vmlinux" "/boot/vmlinux-$1"; do
		if [ -f "$KDUMP_ROOT$show_file" ]; then
			printf '%s\n' "$show_file"
			return
		fi
	done
	return 1
}

# show_get FILE: how a dump on a server is brought here
show_get() {
	show_url=$show_path
	case $show_url in
	ssh://*)
		show_url=${show_url#ssh://}
		show_server=${show_url%%/*}
		show_port=
		case $show_server in
		*]) ;;
		*:*)
			show_port="-P ${show_server##*:} "
			show_server=${show_server%:*}
			;;
		esac
		printf 'scp %s%s:/%s .\n' "$show_port" "$show_server" "${show_url#*/}"
		;;
	nfs://*) printf 'mount the export, or read it on the server: %s\n' "$show_url" ;;
	esac
}

# show_next FILE: what to do now, a line each
show_next() {
	show_dump "$1" >/dev/null
	show_there=$(record_get dump "$1")
	show_of=$(record_get release "$1")
	case $show_there in
	saved | raw | partial | incomplete)
		show_get
		case $show_path in *://*) show_path=./${show_dump_name:-vmcore} ;; esac
		[ "$show_there" != raw ] ||
			printf 'dumpfilter -l -d 31 %s %s   (smaller)\n' "$show_path" "${show_path%.raw}"
		if show_symbols=$(show_vmlinux "$show_of"); then
			printf 'crash %s %s\n' "$show_symbols" "$show_path"
			printf 'drgn -c %s -s %s\n' "$show_path" "$show_symbols"
		else
			printf 'dumpmsg --summary %s\n' "$show_path"
			printf 'crash and drgn need the symbols of %s: linux-image-%s-dbg, or kernel-debuginfo\n' \
				"${show_of:-this kernel}" "${show_of:-RELEASE}"
		fi
		;;
	*)
		case $(record_get log "$1") in
		saved | incomplete)
			printf 'less %s\n' "$(show_log_path "$1")"
			;;
		esac
		printf 'kdump status; kdump test   (why there is no dump)\n'
		;;
	esac
}

# show_end FILE: how the capture itself has ended
show_end() {
	case $(record_get source "$1"):$(record_get status "$1") in
	boot:*) ;;
	pstore:*) printf 'none: this is what the kernel itself has left in pstore\n' ;;
	*:running) printf 'NOT to its end: the machine was reset, or hung, before it was done\n' ;;
	*:0) printf 'all as it should be\n' ;;
	*:?*) printf 'exit %s\n' "$(record_get status "$1")" ;;
	esac
	sed -n 's/^try_[0-9]*=//p' "$1" | head -n 12
}

# show_rows NAME: lines of standard input, NAME before the first
show_rows() {
	awk -v name="$1" '{ printf "%-13s%s\n", (NR == 1 ? name : ""), $0 }'
}

# show_test FILE: was it made on purpose?
show_test() {
	[ -n "$(record_get test_id "$1")" ] || return 0
	show_made=$KDUMP_ROOT/var/lib/crashpipe/test
	if [ "$(record_get id "$show_made")" = "$(record_get test_id "$1")" ]; then
		printf 'made by kdump test --crash: %s\n' "$(record_get result "$show_made")"
	else
		printf 'made by kdump test --crash\n'
	fi
}

# show_crash FILE
show_crash() {
	if [ "$(record_get kind "$1")" = unsaved ]; then
		printf 'The machine crashed, was reset or lost its power before %s UTC,\n' "$(show_date "$1")"
		printf 'and nothing was saved: no dump, no log, no record in pstore.\n'
		show_next "$1" | show_rows 'what to do:'
		return
	fi
	printf 'Crash of %s, %s UTC%s\n' "$(record_get host "$1")" "$(show_date "$1")" \
		"$(show_text=$(record_get release "$1") && [ -n "$show_text" ] && printf ', Linux %s' "$show_text")"
	show_row 'panic:' "$(record_get panic "$1")"
	show_row 'test:' "$(show_test "$1")"
	show_row 'dump:' "$(show_dump "$1")"
	show_row 'log:' "$(show_log "$1")"
	show_end "$1" | show_rows 'capture:'
	show_row 'took:' "$(show_took "$1")"
	show_row 'memory:' "$(show_memory "$1")"
	show_row 'reservation:' "$(show_reservation "$1")"
	show_next "$1" | show_rows 'what to do:'
}
