# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# tree.sh - the folder that becomes the capture image; to be sourced behind programs.sh
# and modules.sh
#
# shellcheck disable=SC2154  # from mkcapture: here, lib, from, kver, work, inputs, use_busybox
#
# It takes what mkcapture has settled: here, lib, from, kver, work, inputs, use_busybox.
# /usr is / itself and /sbin is /bin, so that every path that a system uses is found.

# what our scripts call; busybox has them in one program
applets='[ awk basename brctl cat chmod chroot cmp cp cut date dd df dirname dmesg du echo
env expr false find findfs free grep gzip halt head hostname id ifconfig insmod ip kill ln ls lsmod
mkdir mkfifo mknod mktemp mount mv nslookup od ping ping6 poweroff printf ps readlink realpath reboot
rm rmdir sed seq setsid sh sleep sort stat stty sync sysctl tail tee test timeout touch tr true
udhcpc umount uname uniq uptime vconfig vi watchdog wc xargs'
# without these nothing goes; without reboot the kernel is told to
applets_must='awk cat cp cut date dd df dmesg grep head insmod kill mkdir mount mv printf
readlink rm sed sh sleep sort stat sync tail tr umount uname wc'

# tree_make TREE: 1 failed, 5 something that goes in is missing or damaged
tree_make() {
	tree_status=0
	tree_skeleton "$1" || return 1
	if [ -n "$use_busybox" ] && tree_busybox "$1"; then
		:
	else
		tree_plain "$1" || return
	fi
	tree_scripts "$1" || return
	tree_tools "$1" || return
	tree_settled "$1" || return
	{
		cat "$from/modules"
		! grep -q -x 'watchdog yes' "$from/capture.conf" || watchdog_modules "$KDUMP_ROOT"
	} >"$work/modules"
	modules_add "$KDUMP_ROOT" "$1" "$kver" "$work/modules" || return
	firmware_add "$KDUMP_ROOT" "$1" "$kver" "$work/modules.facts" || return
	find "$1" -type d -exec chmod 755 {} + && chmod 700 "$1/root" && chmod 1777 "$1/tmp"
}

tree_skeleton() {
	mkdir -p "$1/bin" "$1/dev" "$1/etc/crashpipe" "$1/lib/crashpipe/lib" "$1/proc" "$1/root" \
		"$1/run" "$1/sys" "$1/tmp" "$1/var" || return 1
	ln -sf . "$1/usr" && ln -sf bin "$1/sbin" && ln -sf ../run "$1/var/run" || return 1
	printf 'root:x:0:0:root:/root:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\n' >"$1/etc/group"
	printf 'hosts: files dns\n' >"$1/etc/nsswitch.conf"
	printf '127.0.0.1 localhost\n::1 localhost\n' >"$1/etc/hosts"
	chmod 644 "$1/etc/passwd" "$1/etc/group" "$1/etc/nsswitch.conf" "$1/etc/hosts"
}

# tree_find_busybox: a static one if there is one; its path in KDUMP_ROOT
tree_find_busybox() {
	tree_found=''
	for tree_try in /bin/busybox /usr/bin/busybox /sbin/busybox /usr/sbin/busybox \
		/bin/busybox.static /usr/lib/initcpio/busybox /usr/lib/initramfs-tools/bin/busybox; do
		[ -x "$KDUMP_ROOT$tree_try" ] || continue
		: "${tree_found:=$tree_try}"
		if ! tree_loader=$(elf_interpreter "$KDUMP_ROOT$tree_try") || [ -n "$tree_loader" ]; then
			continue
		fi
		tree_found=$tree_try
		break
	done
	[ -n "$tree_found" ] && printf '%s\n' "$tree_found"
}

# tree_busybox TREE: links for its applets; what it has not comes from the system
tree_busybox() {
	tree_box=$(tree_find_busybox) || {
		detail 'no busybox: taking the programs of this system'
		return 1
	}
	program_copy "$KDUMP_ROOT" "$1" "$tree_box" /bin/busybox || return 1
	chmod 755 "$1/bin/busybox"
	tree_has=" $(chroot "$1" /bin/busybox --list | tr '\n' ' ') "
	case $tree_has in *' sh '*) ;; *) return 1 ;; esac
	tree_links=''
	for tree_applet in $applets; do
		case $tree_has in
		*" $tree_applet "*) tree_links="$tree_links $tree_applet" ;;
		*) tree_program "$1" "$tree_applet" || return 1 ;;
		esac
	done
	# all in one process where its shell knows its own applets
	# shellcheck disable=SC2016,SC2086  # for that shell; words
	chroot "$1" /bin/busybox sh -c 'cd /bin && for name; do
		ln busybox "$name" || ./busybox ln busybox "$name" || exit
	done' sh $tree_links 2>"$work/links" || {
		say "busybox: $(head -n 1 "$work/links")"
		return 1
	}
}

# tree_plain TREE: the system's shell and programs
tree_plain() {
	for tree_applet in $applets; do
		tree_program "$1" "$tree_applet" || return 1
	done
}

# tree_program TREE NAME: of the system, wherever it is; 1 if we cannot do without it
tree_program() {
	for tree_dir in /usr/sbin /usr/bin /sbin /bin; do
		[ -f "$KDUMP_ROOT$tree_dir/$2" ] || continue
		program_copy "$KDUMP_ROOT" "$1" "$tree_dir/$2" "/bin/$2"
		return
	done
	case $(printf ' %s ' "$applets_must" | tr '\n' ' ') in
	*" $2 "*)
		say "$2: neither in busybox nor on this system: install busybox"
		return 1
		;;
	esac
	detail "$2: neither in busybox nor on this system: going on without"
}

# tree_scripts TREE: init, capture, and the functions they name
tree_scripts() {
	tree_copy "$here" "$1" capture-init /init || return 1
	tree_copy "$here" "$1" capture /lib/crashpipe/capture || return 1
	tree_sourced "$1/init" "$1/lib/crashpipe/capture" "$lib/say.sh" >"$work/sourced"
	set -- "$1"
	while read -r tree_file; do
		if [ ! -r "$tree_file" ]; then
			say "$tree_file: not there: is all installed?"
			return 1
		fi
		set -- "$@" "$tree_file"
	done <"$work/sourced"
	tree_to=$1
	shift
	cp "$@" "$tree_to/lib/crashpipe/lib/" || return 1
	printf '%s\n' "$@" >>"$inputs"
	chmod 755 "$tree_to/init" "$tree_to/lib/crashpipe/capture" &&
		chmod 644 "$tree_to/lib/crashpipe/lib"/*
}

# tree_sourced FILE...: the files of functions that they read, or start, and these in
# turn: "$lib/NAME.sh", not in a comment
tree_sourced() {
	printf '%s\n' "$@" | awk -v lib="$lib" '
	{ queue[++last] = $0 }
	END {
		for (first = 1; first <= last; first++) {
			file = queue[first]
			while ((getline line < file) > 0) {
				if (line ~ /^[ \t]*#/)
					continue
				while (match(line, /\$[{]?lib[}]?"?\/[a-z0-9-]+\.sh/)) {
					name = substr(line, RSTART, RLENGTH)
					line = substr(line, RSTART + RLENGTH)
					sub(/.*\//, "", name)
					if (name in seen)
						continue
					seen[name] = 1
					queue[++last] = lib "/" name
					print lib "/" name
				}
			}
			close(file)
		}
	}'
}

# tree_copy FOLDER TREE NAME DESTINATION: beside us, or where it was installed
tree_copy() {
	for tree_try in "$1/$3" "$lib/../$3"; do
		[ -r "$tree_try" ] || continue
		cp "$tree_try" "$2$4" || return 1
		printf '%s\n' "$tree_try" >>"$inputs"
		return
	done
	say "$3: not there: is all installed?"
	return 1
}

# tree_tools TREE: dumpfilter, dumpmsg, dumpsend: the smallest that can do what is asked
tree_tools() {
	tree_needs="file $(sed -n 's/^target [0-9]* kind \(nfs\|ssh\)$/\1/p' "$from/capture.conf" |
		sort -u | tr '\n' ' ')"
	# shellcheck disable=SC2013  # words on purpose
	for tree_word in $(sed -n 's/^dump_options //p' "$from/capture.conf"); do
		case $tree_word in
		zstd* | --compress=zstd* | -z* | -[a-z]*z*) tree_needs="$tree_needs zstd" ;;
		esac
	done
	tree_best=''
	for tree_try in $(stat -L -c '%s %n' ${CRASHPIPE_SMALL:+"$CRASHPIPE_SMALL"/tools-*} \
		${CRASHPIPE_BIN:+"$CRASHPIPE_BIN"/../small/bin/tools-*} "$lib"/../small/tools-* \
		2>/dev/null | sort -n | cut -d ' ' -f 2-); do
		tree_can "$tree_try" || continue
		tree_best=$tree_try
		break
	done
	if [ -z "$tree_best" ]; then
		tree_big_tools "$1"
		return
	fi
	cp -L "$tree_best" "$1/bin/dumpfilter" && chmod 755 "$1/bin/dumpfilter" &&
		ln "$1/bin/dumpfilter" "$1/bin/dumpmsg" &&
		ln "$1/bin/dumpfilter" "$1/bin/dumpsend" || return 1
	printf '%s\n' "$tree_best" >>"$inputs"
	detail "tools: $tree_best: has $tree_needs"
	printf 'tools %s\n' "${tree_best##*/tools-}" >"$1/lib/crashpipe/made"
}

# tree_can FILE: has it all of $tree_needs? It says so by itself.
tree_can() {
	[ -x "$1" ] || return 1
	tree_words=" $({ "$1" dumpsend --version && "$1" dumpfilter --version; } 2>/dev/null |
		tr ',\n' '  ') "
	for tree_need in $tree_needs; do
		case $tree_words in *" $tree_need "*) ;; *) return 1 ;; esac
	done
}

# tree_big_tools TREE: those of the system, with their libraries
tree_big_tools() {
	for tree_name in dumpfilter dumpmsg dumpsend; do
		tree_try=$(command -v "$tree_name") || {
			say "$tree_name: not found"
			return 1
		}
		program_copy '' "$1" "$tree_try" "/bin/$tree_name" || return 5
	done
	detail 'tools: no static ones: taking those that run here, with their libraries'
	printf 'tools libraries\n' >"$1/lib/crashpipe/made"
}

# tree_settled TREE: what was found out about this machine
tree_settled() {
	cp "$from/capture.conf" "$1/etc/crashpipe/capture.conf" || return 1
	chmod 600 "$1/etc/crashpipe/capture.conf"
	while read -r tree_mode tree_source tree_to; do
		[ -n "$tree_to" ] || continue
		tree_file "$1" "$tree_mode" "$tree_source" "$tree_to" || tree_status=5
	done <"$from/files"
	while read -r tree_source; do
		[ -n "$tree_source" ] || continue
		tree_replace "$1" "$tree_source" || continue
		if program_copy "$KDUMP_ROOT" "$1" "$tree_source" "/bin/${tree_source##*/}"; then
			program_link "$1" "$tree_source"
		else
			tree_status=5
		fi
	done <"$from/programs"
	return "$tree_status"
}

# tree_replace TREE PATH: a program that is named goes before an applet of busybox; 1 when
# it must not: our scripts are run by that shell, and end the machine by these
tree_replace() {
	tree_name=${2##*/}
	[ -e "$1/bin/$tree_name" ] && [ -e "$1/bin/busybox" ] &&
		[ "$(stat -c %i "$1/bin/$tree_name")" = "$(stat -c %i "$1/bin/busybox")" ] || return 0
	case $tree_name in
	sh | busybox | reboot | halt | poweroff)
		inform "$2: not taken: the image needs that of busybox"
		return 1
		;;
	esac
	rm -f "$1/bin/$tree_name"
}

# program_link TREE PATH: it is found under its own path, too
program_link() {
	[ -e "$1$2" ] || { mkdir -p "$1${2%/*}" && ln "$1/bin/${2##*/}" "$1$2"; }
}

# tree_file TREE MODE SOURCE DESTINATION
tree_file() {
	tree_from=$KDUMP_ROOT$3
	# what was made for this image lies beside the list
	case $3 in "$from"/*) tree_from=$3 ;; esac
	if [ ! -f "$tree_from" ]; then
		say "$tree_from: not there"
		return 1
	fi
	mkdir -p "$1${4%/*}" && rm -f "$1$4" && cp -L "$tree_from" "$1$4" && chmod "$2" "$1$4" || return 1
	[ "$tree_from" != "$KDUMP_ROOT$3" ] || printf '%s\n' "$tree_from" >>"$inputs"
	case $2 in
	*[1357]*) [ "$tree_from" != "$KDUMP_ROOT$3" ] || program_needs "$KDUMP_ROOT" "$1" "$3" ;;
	esac
}

# tree_pack TREE: what is not needed to start is compressed in the image. The kernel has
# all of the archive in memory until all of it is unpacked, and at that moment it needs the
# most; init unpacks these when the archive is gone. The time is the same: it is inflated
# once, there or here.
tree_pack() {
	[ -x "$1/bin/gzip" ] || return 0
	for tree_file in "$1"/lib/modules/*.ko; do
		[ ! -e "$tree_file" ] || gzip -9n "$tree_file" || return 1
	done
	# several links are one file: then it is ours alone
	[ "$(stat -c %h "$1/bin/dumpfilter")" = 3 ] || return 0
	gzip -9n <"$1/bin/dumpfilter" >"$1/lib/crashpipe/tools.gz" &&
		rm "$1/bin/dumpfilter" "$1/bin/dumpmsg" "$1/bin/dumpsend"
}

# tree_expand TREE: the opposite, as init does it
tree_expand() {
	for tree_file in "$1"/lib/modules/*.ko.gz; do
		[ ! -e "$tree_file" ] || gzip -d "$tree_file" || return 1
	done
	[ -e "$1/lib/crashpipe/tools.gz" ] || return 0
	gzip -dc "$1/lib/crashpipe/tools.gz" >"$1/bin/dumpfilter" && chmod 755 "$1/bin/dumpfilter" &&
		ln "$1/bin/dumpfilter" "$1/bin/dumpmsg" && ln "$1/bin/dumpfilter" "$1/bin/dumpsend" &&
		rm "$1/lib/crashpipe/tools.gz"
}
