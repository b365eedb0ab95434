# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# convert-arch.sh - /etc/conf.d/simple-kdump.conf (Arch); to be sourced after convert.sh
#
# It names a kernel, an initramfs and a command line; that the dump goes to /var/crash
# stands in simple-kdump's unit.

convert_arch() {
	convert_line path /var/crash
	convert_line core_collector 'makedumpfile -l -d 31'
	convert_note 'simple-kdump-collect.service: if its makedumpfile line was changed, write that as core_collector'
	case $(settings_get KERNEL) in
	'') ;;
	*/vmlinuz-[0-9]*)
		convert_kernel=$(settings_get KERNEL)
		convert_setting KDUMP_KERNELVER "${convert_kernel##*/vmlinuz-}"
		;;
	*) convert_no KERNEL 'the running kernel is taken; KDUMP_KERNELVER in /etc/default/kdump names another version' ;;
	esac
	convert_no INITRAMFS 'the image is made by mkcapture; kdump-capture.service reuses the normal initramfs, if you want that'
	convert_setting KDUMP_COMMANDLINE_APPEND "$(convert_words "$(settings_get BOOT_OPTIONS)" \
		root rootflags rootfstype rw ro resume quiet splash crashkernel initrd systemd.unit \
		nr_cpus=1 maxcpus=1 reset_devices irqpoll)"
	convert_others KERNEL INITRAMFS BOOT_OPTIONS
}
