# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# options.sh - with which options a kernel was built, as far as its configuration can be
# found; to be sourced behind kernel.sh

# options_file RELEASE: where its configuration is; 1 when there is none
options_file() {
	for options_try in "/boot/config-$1" "/lib/modules/$1/config" "/usr/lib/modules/$1/config" \
		"/lib/modules/$1/build/.config" "/usr/lib/kernel/config-$1" "/boot/config-$1.gz"; do
		[ -r "$KDUMP_ROOT$options_try" ] || continue
		printf '%s\n' "$options_try"
		return
	done
	[ "$1" = "$(running_release)" ] && [ -r "$KDUMP_ROOT/proc/config.gz" ] || return 1
	printf '/proc/config.gz\n'
}

# options_read FILE
options_read() {
	case $1 in
	*.gz) gzip -dc "$KDUMP_ROOT$1" 2>/dev/null ;;
	*) cat "$KDUMP_ROOT$1" ;;
	esac | grep '^CONFIG_[A-Z0-9_]*=[ym]$'
}

# options_missing LIST WORD...: those that are not in LIST; WORD may be A|B, either will do
options_missing() {
	options_list=$1
	shift
	for options_word; do
		grep -q -x -E "CONFIG_($options_word)=[ym]" "$options_list" ||
			printf '%s\n' "$options_word" | sed 's/|/ or /g; s/^/CONFIG_/; s/ or / or CONFIG_/g'
	done
}

# options_machine: of the kernels here
options_machine() {
	cat "$KDUMP_ROOT/proc/sys/kernel/arch" 2>/dev/null || uname -m
}

# options_first: what the kernel that crashes must have
options_first() {
	printf '%s\n' 'KEXEC|KEXEC_FILE' 'CRASH_CORE|CRASH_DUMP|VMCORE_INFO|KEXEC_CORE'
}

# options_capture IMAGE: what the kernel that captures must have, for this image
options_capture() {
	printf '%s\n' CRASH_DUMP PROC_VMCORE BLK_DEV_INITRD DEVTMPFS TMPFS
	case $(options_machine) in
	x86_64 | aarch64 | ppc64*) printf '%s\n' RELOCATABLE ;;
	esac
	case $(archive_name "$1" 2>/dev/null) in
	gzip) printf '%s\n' RD_GZIP ;;
	xz) printf '%s\n' RD_XZ ;;
	zstd) printf '%s\n' RD_ZSTD ;;
	esac
}
