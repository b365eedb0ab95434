# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# convert-debian.sh - /etc/default/kdump-tools (Debian and Ubuntu, kdump-tools 1.6 to 1.10);
# to be sourced after convert.sh

convert_debian_known='USE_KDUMP KDUMP_KERNEL KDUMP_INITRD KDUMP_COREDIR KDUMP_FAIL_CMD
	KDUMP_DUMP_DMESG KDUMP_NUM_DUMPS KDUMP_COMPRESSION MAKEDUMP_ARGS KDUMP_KEXEC_ARGS
	KDUMP_CMDLINE KDUMP_CMDLINE_APPEND KDUMP_SYSCTL HOSTTAG NFS NFS_TIMEO NFS_RETRANS
	NFS_MOUNT_RETRY FTP FTP_USER FTP_PASSWORD FTP_PORT SSH SSH_KEY SSH_KDUMP_RETRY'

convert_debian() {
	convert_line layout debian
	convert_debian_targets
	# an empty one is there as one that is not given
	convert_args=$(settings_get MAKEDUMP_ARGS)
	convert_collector "makedumpfile ${convert_args:--c -d 31}"
	convert_debian_fail "$(settings_get KDUMP_FAIL_CMD)"
	case $(settings_get USE_KDUMP 1) in
	0 | '') convert_setting USE_KDUMP 0 ;;
	esac
	convert_debian_kernel
	convert_debian_cmdline
	[ "$(settings_get KDUMP_DUMP_DMESG 1)" != 0 ] ||
		convert_note 'KDUMP_DUMP_DMESG="0": the log is always saved, before the dump'
	convert_no KDUMP_COMPRESSION 'the dump is compressed page by page (core_collector), and crash opens it as it is'
	convert_setting KDUMP_SYSCTL "$(settings_get KDUMP_SYSCTL)"
	convert_no NFS_TIMEO 'the server has 60 s to answer, and is tried again; a target has time_limit'
	convert_no NFS_RETRANS 'broken connections are made again; a target has time_limit'
	convert_no NFS_MOUNT_RETRY 'broken connections are made again; a target has time_limit'
	convert_no SSH_KDUMP_RETRY 'broken connections are made again; a target has time_limit'
	# shellcheck disable=SC2086  # a word each
	convert_others $convert_debian_known
}

# several may be named: kdump-tools saved the dump to each, here the first that works has it
convert_debian_targets() {
	convert_coredir=$(settings_get KDUMP_COREDIR /var/crash)
	convert_coredir=${convert_coredir:-/var/crash}
	convert_ssh=$(settings_get SSH)
	convert_nfs=$(settings_get NFS)
	convert_keep=$(settings_get KDUMP_NUM_DUMPS 0)
	if [ -n "$(settings_get FTP)" ]; then
		convert_lost 'FTP: not possible: neither secret nor sure to be whole: name an ssh or nfs target'
	fi
	convert_secret FTP_USER 'see FTP'
	convert_secret FTP_PASSWORD 'see FTP'
	convert_no FTP_PORT 'see FTP'
	if [ -n "$convert_ssh" ]; then
		# ssh takes root's own name there where none is given
		case $convert_ssh in
		*@*) ;;
		*) convert_ssh=root@$convert_ssh ;;
		esac
		convert_line ssh "$convert_ssh"
		convert_line sshkey "$(settings_get SSH_KEY)"
		convert_line path "$convert_coredir"
	elif [ -n "$(settings_get SSH_KEY)" ]; then
		convert_no SSH_KEY 'there is no SSH target'
	fi
	if [ -n "$convert_nfs" ]; then
		convert_line nfs "$convert_nfs"
		convert_line path /
	fi
	if [ -n "$convert_ssh" ] && [ -n "$convert_nfs" ]; then
		convert_note 'SSH and NFS: kdump-tools saved the dump to both; here the second is for when the first fails'
	fi
	if [ -z "$convert_ssh$convert_nfs" ]; then
		convert_line path "$convert_coredir"
		if [ -n "$convert_keep" ] && convert_number KDUMP_NUM_DUMPS "$convert_keep"; then
			[ "$convert_keep" -eq 0 ] || convert_line keep "$convert_keep"
		fi
	else
		[ "${convert_keep:-0}" = 0 ] || convert_no KDUMP_NUM_DUMPS 'old dumps are removed on local disks only'
		case $(settings_get HOSTTAG ip) in
		hostname) ;;
		*) convert_note 'HOSTTAG="ip" (or not set): folders here begin with the name of the host, not with its address' ;;
		esac
	fi
}

# the command for when it fails: what it ends in
convert_debian_fail() {
	case $1 in
	'' | 'reboot -f' | reboot | '/sbin/reboot -f' | 'systemctl reboot'*) ;;
	*poweroff*) convert_line failure_action poweroff ;;
	*halt*) convert_line failure_action halt ;;
	*/sh* | *bash* | sh | 'sh;'* | *' sh;'* | *sulogin*)
		convert_line failure_action shell
		convert_note "KDUMP_FAIL_CMD=\"$(convert_shown "$1")\": taken for a shell; it was never run as it is written"
		;;
	*) convert_lost "KDUMP_FAIL_CMD=\"$(convert_shown "$1")\": a line of shell: write it into a script, and name that by kdump_emergency" ;;
	esac
}

convert_debian_kernel() {
	case $(settings_get KDUMP_KERNEL) in
	'' | /var/lib/kdump/vmlinuz) ;;
	/boot/vmlinuz-?*)
		convert_kernel=$(settings_get KDUMP_KERNEL)
		convert_setting KDUMP_KERNELVER "${convert_kernel#/boot/vmlinuz-}"
		;;
	*) convert_no KDUMP_KERNEL 'KDUMP_KERNELVER in /etc/default/kdump names a version under /boot' ;;
	esac
	case $(settings_get KDUMP_INITRD) in
	'' | /var/lib/kdump/initrd.img) ;;
	*) convert_no KDUMP_INITRD 'the image is made by mkcapture' ;;
	esac
	convert_setting KEXEC_ARGS "$(settings_get KDUMP_KEXEC_ARGS)"
}

# words that kdump-tools needs for itself, or that are added here anyway, are left out
convert_debian_cmdline() {
	convert_setting KDUMP_COMMANDLINE "$(settings_get KDUMP_CMDLINE)"
	convert_setting KDUMP_COMMANDLINE_APPEND "$(convert_words "$(settings_get KDUMP_CMDLINE_APPEND)" \
		systemd.unit reset_devices nr_cpus=1 maxcpus=1 irqpoll nousb usbcore.nousb)"
}
