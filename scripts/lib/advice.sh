# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# advice.sh - how memory for a capture kernel is reserved on this machine, as lines to
# type; to be sourced behind kernel.sh
#
# The boot loader's files belong to the distribution: nothing is written here.

# advice_target: what dumps are sent by, for crashreserve estimate
advice_target() {
	advice_n=1
	while :; do
		advice_kind=$(conf_target $advice_n kind 2>/dev/null)
		case $advice_kind in
		'') break ;;
		ssh) advice_found=ssh ;;
		nfs) [ "${advice_found:-}" = ssh ] || advice_found=nfs ;;
		esac
		advice_n=$((advice_n + 1))
	done
	printf '%s\n' "${advice_found:-local}"
}

# advice_size: crashkernel= as crashreserve would have it for our image and target, and
# for a usual one where the image is not made yet; 1 when that is not known
advice_size() {
	set -- estimate --target="$(advice_target)"
	if [ -n "${kernel:-}" ]; then
		set -- "$@" --kernel="$kernel"
		[ ! -s "${image:-}" ] || set -- "$@" --initrd="$image"
	fi
	[ -z "$KDUMP_ROOT" ] || set -- "$@" --root="$KDUMP_ROOT"
	advice_words=$(crashreserve "$@" 2>/dev/null | grep '^crashkernel=' | tail -n 1)
	[ -n "$advice_words" ] || return 1
	printf '%s\n' "$advice_words"
}

# advice_has PROGRAM: on the machine that is asked
advice_has() {
	for advice_dir in usr/sbin sbin usr/bin bin usr/local/sbin; do
		[ ! -x "$KDUMP_ROOT/$advice_dir/$1" ] || return 0
	done
	return 1
}

# advice_entry: a systemd-boot or other loader's entry of the running kernel
advice_entry() {
	for advice_file in "$KDUMP_ROOT"/efi/loader/entries/*.conf \
		"$KDUMP_ROOT"/boot/efi/loader/entries/*.conf "$KDUMP_ROOT"/boot/loader/entries/*.conf; do
		[ -f "$advice_file" ] || continue
		grep -q -F -e "$(running_release)" "$advice_file" || continue
		printf '%s\n' "${advice_file#"$KDUMP_ROOT"}"
		return
	done
	return 1
}

# advice_grub WORDS: a line for /etc/default/grub, as a command that prints it
advice_grub() {
	advice_name=GRUB_CMDLINE_LINUX_DEFAULT
	printf "echo '%s=\"\$%s %s\"'" $advice_name $advice_name "$1"
}

# advice_mkconfig: grub-mkconfig as it is called here, and what it writes
advice_mkconfig() {
	advice_cfg=/boot/grub/grub.cfg
	[ ! -d "$KDUMP_ROOT/boot/grub2" ] || advice_cfg=/boot/grub2/grub.cfg
	advice_make=grub-mkconfig
	! advice_has grub2-mkconfig || advice_make=grub2-mkconfig
	printf '%s -o %s' $advice_make $advice_cfg
}

# advice_line WORDS: the command that adds WORDS to the kernel's command line
advice_line() {
	advice_release=$(running_release)
	if [ -e "$KDUMP_ROOT/run/ostree-booted" ] && advice_has rpm-ostree; then
		advice_how=append
		case " $(cat "$KDUMP_ROOT/proc/cmdline" 2>/dev/null)" in
		*' crashkernel='*) advice_how=replace ;;
		esac
		printf "rpm-ostree kargs --%s='%s'\n" $advice_how "$1"
	elif advice_has grubby; then
		printf "grubby --update-kernel=ALL --args='%s'%s\n" "$1" \
			"$(! advice_has zipl || printf ' && zipl')"
	elif [ -e "$KDUMP_ROOT/etc/default/grub" ] && advice_has update-grub; then
		printf 'mkdir -p /etc/default/grub.d && %s >%s && update-grub\n' "$(advice_grub "$1")" \
			/etc/default/grub.d/kdump.cfg
	elif advice_has pbl; then
		printf "pbl --add-option '%s' && pbl --config\n" "$1"
	elif [ -e "$KDUMP_ROOT/etc/default/grub" ]; then
		printf '%s >>/etc/default/grub && %s\n' "$(advice_grub "$1")" "$(advice_mkconfig)"
	elif [ -e "$KDUMP_ROOT/etc/kernel/cmdline" ] && advice_has kernel-install; then
		printf "sed -i 's/\$/ %s/' /etc/kernel/cmdline && kernel-install add %s %s\n" "$1" \
			"$advice_release" "$(kernel_image "$advice_release" ||
				printf '/lib/modules/%s/vmlinuz' "$advice_release")"
	elif advice_file=$(advice_entry); then
		printf "sed -i 's/^options .*/& %s/' %s\n" "$1" "$advice_file"
	elif [ -e "$KDUMP_ROOT/boot/extlinux/extlinux.conf" ]; then
		printf "sed -i 's/^[ \\t]*append .*/& %s/I' /boot/extlinux/extlinux.conf\n" "$1"
	else
		return 1
	fi
}

# advice_reserve: lines of what to do so that enough memory is reserved
advice_reserve() {
	# it may be in the boot loader's file already: crashreserve says so
	case $(crashreserve show ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 2>/dev/null | head -n 1) in
	*'reboot needed'*)
		printf 'reboot\n'
		return
		;;
	*'built without'*)
		printf 'boot a kernel that has CONFIG_KEXEC and CONFIG_CRASH_DUMP\n'
		return
		;;
	esac
	if ! advice_words=$(advice_size); then
		advice_words=crashkernel=256M
		printf 'how much is needed is not known here: 256M is usual\n'
	fi
	if advice_command=$(advice_line "$advice_words"); then
		printf 'to reserve memory, type: %s\nand reboot\n' "$advice_command"
	else
		printf 'add %s to the kernel command line in the boot loader, and reboot\n' "$advice_words"
	fi
}
