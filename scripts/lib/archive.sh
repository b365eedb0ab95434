# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# archive.sh - a folder as an initramfs and back; to be sourced behind say.sh
#
# The format is newc (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst),
# and the same folder gives the same bytes: sorted, of root, time 0. Hard links stay one file.

# archive_name FILE: how it is compressed, by its first bytes
archive_name() {
	case $(head -c 6 "$1" | od -A n -t x1 | tr -d ' \n') in
	303730373031 | 303730373032) echo none ;;
	1f8b*) echo gzip ;;
	28b52ffd*) echo zstd ;;
	fd377a585a00) echo xz ;;
	*) return 1 ;;
	esac
}

# archive_cpio ARGUMENT...: whoever can do it, -i or -o
archive_cpio() {
	if command -v cpio >/dev/null; then
		cpio "$@"
	else
		busybox cpio "$@"
	fi
}

# archive_make TREE FILE none|gzip: all of TREE. The times in TREE become 0. 1: failed, FILE
# is not to be used.
archive_make() {
	find "$1" -exec touch -h -d @0 {} + || return 1
	archive_flags=''
	! cpio --help 2>/dev/null | grep -q -e --reproducible || archive_flags=--reproducible
	{
		(cd "$1" && find . | sort) ||
			echo ./failed
	} >"$2.list"
	# shellcheck disable=SC2086  # a word or none
	(cd "$1" && archive_cpio -o -H newc -R 0:0 $archive_flags) \
		<"$2.list" >"$2" 2>"$2.said" || {
		say "cpio: $(tail -n 1 "$2.said")"
		rm -f "$2.list" "$2.said"
		return 1
	}
	rm -f "$2.list" "$2.said"
	[ "$3" = gzip ] || return 0
	gzip -6n <"$2" >"$2.gz" && mv "$2.gz" "$2"
}

# unxz_any FILE: busybox knows xz, too, which a small Debian does not have although its
# kernel's modules need it
unxz_any() {
	if command -v xz >/dev/null; then
		xz -dc "$1"
	else
		busybox xz -dc "$1"
	fi
}

# archive_plain FILE OUT: decompressed
archive_plain() {
	case $(archive_name "$1") in
	none) cat "$1" ;;
	gzip) gzip -dc "$1" ;;
	zstd) zstd -qdc "$1" ;;
	xz) unxz_any "$1" ;;
	*)
		echo 'no archive of a kind that is known' >&2
		false
		;;
	esac >"$2" 2>"$2.said" || {
		say "$1: cannot be unpacked: $(tail -n 1 "$2.said" 2>/dev/null)"
		return 1
	}
	rm -f "$2.said"
}

# archive_whole FILE: has a plain archive its trailer, and nothing but zeros behind it?
archive_whole() {
	tail -c 1024 "$1" | tr -d '\0' | tail -c 11 | grep -q -F 'TRAILER!!!'
}

# archive_unpack FILE TREE: 5 when it is damaged
archive_unpack() {
	if ! archive_plain "$1" "$2.cpio"; then
		rm -f "$2.cpio"*
		return 5
	fi
	archive_failed=''
	# busybox's does so without being told
	archive_safe=''
	! cpio --help 2>/dev/null | grep -q -e --no-absolute || archive_safe=--no-absolute-filenames
	# shellcheck disable=SC2086  # a word or none
	if ! archive_whole "$2.cpio"; then
		say "$1: it ends too early"
		archive_failed=yes
	elif ! (cd "$2" && archive_cpio -i -d -m $archive_safe) \
		<"$2.cpio" 2>"$2.said" >/dev/null; then
		say "$1: cannot be unpacked: $(head -n 1 "$2.said")"
		archive_failed=yes
	fi
	rm -f "$2.cpio" "$2.said"
	[ -z "$archive_failed" ] || return 5
}
