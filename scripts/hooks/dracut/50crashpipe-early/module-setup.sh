#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# module-setup.sh - dracut: the normal initramfs carries the capture kernel
#
# Only when asked for: dracut --add crashpipe-early. Loaded when the kernel command line
# has rd.earlykdump. See kdump-hooks(7).
#
# shellcheck disable=SC2154  # dracut's variables

check() {
	[[ -x ${dracutsysrootdir-}/usr/lib/crashpipe/contents ]] || return 1
	return 255
}

depends() {
	return 0
}

# crashpipe_add KIND: what "contents" says, by the generator's own functions
crashpipe_add() {
	local work="$DRACUT_TMPDIR/crashpipe-$1" what one two three
	mkdir -p "$work" || return 1
	/usr/lib/crashpipe/contents -k "$kernel" "$1" "$work" >"$work/list" || {
		dfatal "crashpipe: nothing was added"
		return 1
	}
	while read -r what one two three; do
		case $what in
			dir) mkdir -p "$initdir$one" ;;
			link) mkdir -p "$initdir${two%/*}" && ln -sfn "$one" "$initdir$two" ;;
			file) inst_simple "$two" "$three" && chmod "$one" "$initdir$three" ;;
		esac || return 1
	done <"$work/list"
}

install() {
	crashpipe_add early || exit 1
	inst_hook cmdline 00 "$moddir/early.sh"
}
