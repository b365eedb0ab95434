# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # names are shared with the other parts of kdump
#
# convert-suse.sh - /etc/sysconfig/kdump as SUSE has it (kdump 0.8 to 2.1); to be sourced
# after convert.sh

convert_suse_known='KDUMP_KERNELVER KDUMP_CRASHKERNEL KDUMP_UPDATE_BOOTLOADER KDUMP_CPUS
	KDUMP_COMMANDLINE KDUMP_COMMANDLINE_APPEND KDUMP_AUTO_RESIZE KDUMP_FADUMP
	KDUMP_FADUMP_SHELL KEXEC_OPTIONS MAKEDUMPFILE_OPTIONS KDUMP_IMMEDIATE_REBOOT
	KDUMP_TRANSFER KDUMP_SAVEDIR KDUMP_KEEP_OLD_DUMPS KDUMP_FREE_DISK_SIZE KDUMP_VERBOSE
	KDUMP_DUMPLEVEL KDUMP_DUMPFORMAT KDUMP_CONTINUE_ON_ERROR KDUMP_REQUIRED_PROGRAMS
	KDUMP_PRESCRIPT KDUMP_POSTSCRIPT KDUMP_COPY_KERNEL KDUMPTOOL_FLAGS KDUMP_NETCONFIG
	KDUMP_NET_TIMEOUT KDUMP_SMTP_SERVER KDUMP_SMTP_USER KDUMP_SMTP_PASSWORD
	KDUMP_NOTIFICATION_TO KDUMP_NOTIFICATION_CC KDUMP_HOST_KEY KDUMP_SSH_HOST_KEY
	KDUMP_SSH_IDENTITY KDUMP_RUN_AS_USER'

convert_suse() {
	convert_suse_host_key
	convert_suse_targets
	[ -z "$convert_local" ] || convert_suse_keep
	[ -z "$convert_ssh" ] || convert_suse_keys
	convert_suse_network
	convert_suse_collector
	convert_suse_programs
	convert_suse_actions
	convert_suse_boot
	convert_suse_none
	# shellcheck disable=SC2086  # a word each
	convert_others $convert_suse_known
}

# convert_suse_url URL: host, path and maybe user of PROTOCOL://[USER[:PASSWORD]@]HOST[:PORT]/PATH
convert_suse_url() {
	convert_rest=${1#*://}
	case $convert_rest in
	*/*)
		convert_folder=/${convert_rest#*/}
		convert_rest=${convert_rest%%/*}
		;;
	*) convert_folder=/ ;;
	esac
	convert_user='' convert_password=''
	case $convert_rest in
	*@*)
		convert_user=${convert_rest%@*}
		convert_rest=${convert_rest##*@}
		;;
	esac
	case $convert_user in
	*:*)
		convert_password=yes
		convert_user=${convert_user%%:*}
		;;
	esac
	convert_port=
	case $convert_rest in
	\[*\]:*)
		convert_port=${convert_rest##*:}
		convert_rest=${convert_rest%:*}
		;;
	\[*\]) ;;
	*:*)
		convert_port=${convert_rest#*:}
		convert_rest=${convert_rest%%:*}
		;;
	esac
	convert_host=$convert_rest
}

# folders and URLs with blanks between them: there, parts of one dump went to all of them
convert_suse_targets() {
	convert_local='' convert_ssh=''
	convert_savedir=$(settings_get KDUMP_SAVEDIR /var/crash)
	[ -n "$convert_savedir" ] || convert_savedir=/var/crash
	set -f
	# shellcheck disable=SC2086  # words on purpose
	set -- $convert_savedir
	set +f
	convert_count=$#
	[ $# -eq 1 ] || convert_note 'KDUMP_SAVEDIR has several targets: parts of the dump went to all of them; here the first that works has it all'
	for convert_url; do
		convert_suse_target "$convert_url"
	done
}

convert_suse_target() {
	case $1 in
	file:///* | file:/[!/]* | /*)
		convert_url=${1#file:}
		case $convert_url in
		///*) convert_url=${convert_url#//} ;;
		esac
		convert_local=yes
		if [ "$convert_count" -eq 1 ]; then
			convert_line path "$convert_url"
		else
			convert_lost "KDUMP_SAVEDIR: $(convert_shown "$convert_url"): a folder of this machine beside other targets: name the device it is on (ext4 UUID=..., and path)"
		fi
		;;
	nfs://*)
		convert_suse_url "$1"
		[ -z "$convert_port" ] || [ "$convert_port" = 2049 ] ||
			convert_lost "KDUMP_SAVEDIR: port $(convert_shown "$convert_port"): another port than 2049 is not possible for nfs"
		convert_line nfs "$convert_host:$convert_folder"
		convert_line path /
		;;
	ssh://* | sftp://* | scp://*)
		convert_ssh=yes
		convert_suse_url "$1"
		[ -z "$convert_password" ] ||
			convert_lost 'KDUMP_SAVEDIR: a password is not possible, and stood where others can read it: use a key (kdump propagate), and change that password'
		case $convert_port in 22) convert_port= ;; esac
		convert_line ssh "${convert_user:-root}@$convert_host${convert_port:+:$convert_port}"
		convert_line path "$convert_folder"
		convert_suse_key
		;;
	ftp://*) convert_lost 'KDUMP_SAVEDIR: ftp is not possible: neither secret nor sure to be whole: name an ssh or nfs target' ;;
	cifs://* | smb://*) convert_lost 'KDUMP_SAVEDIR: cifs is not possible: name an ssh or nfs target' ;;
	*) convert_lost "KDUMP_SAVEDIR: $(convert_shown "${1%%:*}"): not a folder and not a known protocol" ;;
	esac
}

# keys belong to each ssh target
convert_suse_key() {
	set -f
	# shellcheck disable=SC2046  # words on purpose
	set -- $(settings_get KDUMP_SSH_IDENTITY)
	set +f
	case ${1:-} in
	'') ;;
	/*) convert_line sshkey "$1" ;;
	*) convert_line sshkey "/root/.ssh/$1" ;;
	esac
	[ -z "$convert_fingerprint" ] || convert_line host_key "$convert_fingerprint"
}

convert_suse_keys() {
	set -f
	# shellcheck disable=SC2046  # words on purpose
	set -- $(settings_get KDUMP_SSH_IDENTITY)
	set +f
	if [ $# -eq 0 ]; then
		convert_note "KDUMP_SSH_IDENTITY: not set: there, root's own keys were tried; here kdump_id_ed25519, kdump_id_ecdsa or kdump_id_rsa in /root/.ssh is, unless sshkey names another"
	elif [ $# -gt 1 ]; then
		shift
		convert_note "KDUMP_SSH_IDENTITY: a target has one key: without $(convert_shown "$*")"
	fi
}

# convert_suse_host_key: the fingerprint of the server's key, which stands there as it does
# in a file of known hosts; sets convert_fingerprint
convert_suse_host_key() {
	convert_fingerprint=
	convert_key=$(settings_get KDUMP_SSH_HOST_KEY "$(settings_get KDUMP_HOST_KEY)")
	case $convert_key in
	'') ;;
	'*') convert_lost 'KDUMP_HOST_KEY="*": any server would get the dump: not possible: kdump propagate fetches the right key' ;;
	*[!A-Za-z0-9+/=]*) convert_lost 'KDUMP_HOST_KEY: not a key in base64: kdump propagate fetches the right one' ;;
	*)
		convert_hash=$(printf '%s' "$convert_key" | base64 -d 2>/dev/null | sha256sum)
		convert_hash=$(printf '%s' "${convert_hash%% *}" | sed 's/../\\x&/g')
		# two hexadecimal digits at a time, as octal numbers: those every printf knows
		convert_octal=
		while [ -n "$convert_hash" ]; do
			convert_byte=${convert_hash#\\x}
			convert_byte=${convert_byte%%\\*}
			convert_hash=${convert_hash#"\\x$convert_byte"}
			convert_octal=$convert_octal\\$(printf %03o "0x$convert_byte")
		done
		# shellcheck disable=SC2059  # a format made of digits
		convert_fingerprint=SHA256:$(printf "$convert_octal" | base64 | tr -d '=\n')
		;;
	esac
}

# there, that many older ones were kept beside the new one
convert_suse_keep() {
	convert_keep=$(settings_get KDUMP_KEEP_OLD_DUMPS 0)
	case $convert_keep in
	'' | 0) ;;
	-1)
		convert_line keep 1
		convert_note 'KDUMP_KEEP_OLD_DUMPS="-1": all earlier dumps were deleted before the new one was tried, so that a failure left none; keep 1 deletes them when the new one is whole'
		;;
	*)
		if convert_number KDUMP_KEEP_OLD_DUMPS "$convert_keep"; then
			convert_remark "$convert_keep older ones and the new one"
			convert_line keep $((convert_keep + 1))
		fi
		;;
	esac
	convert_free=$(settings_get KDUMP_FREE_DISK_SIZE 64)
	case $convert_free in
	'' | 0) ;;
	*)
		if convert_number KDUMP_FREE_DISK_SIZE "$convert_free"; then
			convert_line keep_free "${convert_free}M"
			convert_note "KDUMP_FREE_DISK_SIZE=\"$convert_free\": there, a new dump was given up for it; keep_free removes older dumps: without that line none is removed for a new one"
		fi
		;;
	esac
}

# [INTERFACE:]MODE[:force]
convert_suse_network() {
	convert_net=$(settings_get KDUMP_NETCONFIG auto)
	case $convert_net in
	*:force)
		convert_note 'KDUMP_NETCONFIG: force: there is a network only if a target needs it'
		convert_net=${convert_net%:force}
		;;
	esac
	case $convert_net in
	auto | *:auto) ;;
	'') [ -n "$convert_local" ] || convert_line network none ;;
	*:static) convert_line network static ;;
	*:dhcp | *:dhcp4) convert_line network "ip=${convert_net%%:*}:dhcp" ;;
	*:dhcp6 | *:auto6) convert_line network "ip=${convert_net%%:*}:${convert_net#*:}" ;;
	*) convert_lost "KDUMP_NETCONFIG=\"$(convert_shown "$convert_net")\": not known: see network in kdump.conf(5)" ;;
	esac
	convert_no KDUMP_NET_TIMEOUT 'nothing is pinged: the server is connected to; a target has time_limit'
}

convert_suse_collector() {
	convert_level=$(settings_get KDUMP_DUMPLEVEL 31)
	convert_format=$(settings_get KDUMP_DUMPFORMAT compressed)
	convert_letter=
	case $convert_format in
	compressed | '') convert_letter=-c ;;
	ELF | elf) convert_letter=-E ;;
	lzo) convert_letter=-l ;;
	snappy) convert_letter=-p ;;
	zstd) convert_letter=-z ;;
	raw) ;;
	none)
		convert_letter=-c
		convert_lost 'KDUMP_DUMPFORMAT="none": the log alone cannot be asked for: it is saved first, and then the dump; max_size bounds it'
		;;
	*)
		convert_letter=-c
		convert_lost "KDUMP_DUMPFORMAT=\"$(convert_shown "$convert_format")\": not known, taken as compressed"
		;;
	esac
	convert_append=
	convert_threads=$(settings_get KDUMP_CPUS)
	case $convert_threads in
	'' | *[!0-9]* | ?????*) convert_threads= ;;
	0 | 1) ;;
	*)
		convert_append="nr_cpus=$convert_threads"
		convert_threads="--num-threads $convert_threads"
		;;
	esac
	case $convert_threads in [01]) convert_threads= ;; esac
	convert_more=$(settings_get MAKEDUMPFILE_OPTIONS)
	convert_collector "makedumpfile${convert_letter:+ $convert_letter} -d ${convert_level:-31}${convert_threads:+ $convert_threads}${convert_more:+ $convert_more}"
}

convert_suse_programs() {
	convert_program KDUMP_PRESCRIPT "$(settings_get KDUMP_PRESCRIPT)" &&
		convert_line kdump_pre "$(settings_get KDUMP_PRESCRIPT)"
	convert_program KDUMP_POSTSCRIPT "$(settings_get KDUMP_POSTSCRIPT)" &&
		convert_line kdump_post "$(settings_get KDUMP_POSTSCRIPT)"
	convert_line extra_bins "$(settings_get KDUMP_REQUIRED_PROGRAMS)"
	convert_transfer=$(settings_get KDUMP_TRANSFER)
	[ -z "$convert_transfer" ] || convert_lost \
		"KDUMP_TRANSFER=\"$(convert_shown "$convert_transfer")\": a program that saves the dump itself: name it by kdump_pre, and let it end with a status other than 0: then no other dump is made"
}

convert_suse_actions() {
	convert_value=$(settings_get KDUMP_IMMEDIATE_REBOOT true)
	convert_true "${convert_value:-true}" || convert_line final_action shell
	convert_value=$(settings_get KDUMP_CONTINUE_ON_ERROR true)
	convert_true "${convert_value:-true}" || convert_line failure_action shell
}

convert_suse_boot() {
	convert_setting KDUMP_KERNELVER "$(settings_get KDUMP_KERNELVER)"
	convert_setting KDUMP_COMMANDLINE "$(settings_get KDUMP_COMMANDLINE)"
	convert_words=$(settings_get KDUMP_COMMANDLINE_APPEND)
	convert_setting KDUMP_COMMANDLINE_APPEND "$convert_words${convert_append:+${convert_words:+ }$convert_append}"
	convert_setting KEXEC_ARGS "$(settings_get KEXEC_OPTIONS)"
}

convert_suse_none() {
	convert_no KDUMP_CRASHKERNEL 'crashkernel= is for the boot loader: kdump estimate says how much'
	convert_no KDUMP_UPDATE_BOOTLOADER 'boot loaders are not changed: kdump estimate says what to write'
	! convert_true "$(settings_get KDUMP_AUTO_RESIZE)" ||
		convert_no KDUMP_AUTO_RESIZE 'crashreserve shrink gives back what is not needed'
	! convert_true "$(settings_get KDUMP_FADUMP)" || convert_lost 'KDUMP_FADUMP: firmware-assisted dumps are not done'
	! convert_true "$(settings_get KDUMP_FADUMP_SHELL)" || convert_note 'KDUMP_FADUMP_SHELL: see KDUMP_FADUMP'
	case $(settings_get KDUMP_VERBOSE 0) in
	'' | [0-7]) ;;
	*) convert_no KDUMP_VERBOSE 'what happens is written to the console and saved beside the dump' ;;
	esac
	! convert_true "$(settings_get KDUMP_COPY_KERNEL)" ||
		convert_no KDUMP_COPY_KERNEL 'the kernel is not copied: README.txt beside the dump names its release'
	convert_no KDUMPTOOL_FLAGS 'of no meaning here'
	convert_no KDUMP_RUN_AS_USER 'of no meaning here'
	convert_no KDUMP_SMTP_SERVER 'no mail is sent: kdump report tells after the reboot, kdump-report.service can be followed by a unit of yours'
	convert_no KDUMP_SMTP_USER 'no mail is sent'
	convert_secret KDUMP_SMTP_PASSWORD 'no mail is sent'
	convert_no KDUMP_NOTIFICATION_TO 'no mail is sent'
	convert_no KDUMP_NOTIFICATION_CC 'no mail is sent'
}
