# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with kdump and the other parts of it
#
# verb-convert.sh - print another program's configuration as ours

need settings collector conf convert convert-debian convert-suse convert-arch convert-rhel

help_convert() {
	cat <<-'EOF'
		usage: kdump convert [FILE]

		Prints what FILE says as lines of kdump.conf. FILE is /etc/default/kdump-tools
		(Debian, Ubuntu), /etc/sysconfig/kdump (SUSE), /etc/conf.d/simple-kdump.conf (Arch)
		or RHEL's kdump.conf, which is nearly the same; without FILE, the one of the first
		three that is here. It is read, never run. What has no equal stands in the output
		as a remark that says why, and what belongs into /etc/default/kdump as well.

		exit: 0; 1 no such file; 2 there are several: name one; 5 it is none of these;
		6 something had to be left out that matters, such as a target
	EOF
}

# convert_dialect FILE [NAME]: what it is: debian, suse, arch, settings, rhel or nothing
convert_dialect() {
	convert_odd=$(printf '%s\n' "$settings" | grep -c '^! [0-9]* is not NAME=VALUE')
	if [ "$convert_odd" -gt "$(printf '%s\n' "$settings" | grep -c '^[A-Za-z_]')" ]; then
		# most lines are no assignments; NAME VALUE is RHEL's way
		! grep -q -E '^[[:blank:]]*[a-z_0-9]+[[:blank:]]' "$1" || echo rhel
	elif printf '%s\n' "$settings" |
		grep -q -E '^(USE_KDUMP|KDUMP_COREDIR|MAKEDUMP_ARGS|KDUMP_FAIL_CMD|KDUMP_CMDLINE(_APPEND)?|KDUMP_NUM_DUMPS|SSH|NFS|FTP|HOSTTAG) '; then
		echo debian
	elif printf '%s\n' "$settings" |
		grep -q -E '^KDUMP_(SAVEDIR|DUMPFORMAT|DUMPLEVEL|KEEP_OLD_DUMPS|IMMEDIATE_REBOOT|NETCONFIG|TRANSFER|CPUS) '; then
		echo suse
	elif printf '%s\n' "$settings" | grep -q -E '^(KERNEL|INITRAMFS|BOOT_OPTIONS) '; then
		echo arch
	elif printf '%s\n' "$settings" | grep -q -E '^(KDUMP_|KEXEC_ARGS |FADUMP_)'; then
		echo settings
	elif ! printf '%s\n' "$settings" | grep -q . && ! grep -q -v -E '^[[:blank:]]*(#.*)?$' "$1"; then
		# all of it is commented out: its name tells, and its defaults count
		case ${2:-$1} in
		*kdump-tools*) echo debian ;;
		*simple-kdump*) echo arch ;;
		*sysconfig*) echo suse ;;
		*) echo rhel ;;
		esac
	fi
}

# convert_read FILE: sets settings as settings_get wants them
convert_read() {
	settings=$settings_nl$(settings_parse "$1")$settings_nl
}

# convert_find: sets convert_path to the one that is here
convert_find() {
	convert_found=
	for convert_try in /etc/default/kdump-tools /etc/sysconfig/kdump /etc/conf.d/simple-kdump.conf; do
		[ -f "$KDUMP_ROOT$convert_try" ] || continue
		convert_read "$KDUMP_ROOT$convert_try"
		if [ "$(convert_dialect "$KDUMP_ROOT$convert_try")" = settings ]; then
			inform "$convert_try: is read by kdump as it is: there is nothing to convert"
			continue
		fi
		convert_found="$convert_found $convert_try"
	done
	# shellcheck disable=SC2086  # a word each
	set -- $convert_found
	case $# in
	0) die 1 'none of /etc/default/kdump-tools, /etc/sysconfig/kdump (SUSE), /etc/conf.d/simple-kdump.conf is here: name a FILE' ;;
	1) inform "found $1" ;;
	*) die 2 "found$convert_found: name one of them" ;;
	esac
	convert_path=$1
}

verb_convert() {
	case $# in
	0) convert_find ;;
	1)
		convert_path=$1
		case $1 in
		-*)
			say "convert: no option $1"
			usage
			;;
		esac
		;;
	*) usage ;;
	esac
	convert_file=$convert_path
	[ $# -eq 1 ] || convert_file=$KDUMP_ROOT$convert_path
	[ -e "$convert_file" ] || die 1 "$convert_path: no such file"
	[ -f "$convert_file" ] || die 1 "$convert_path: is not a file"
	[ -r "$convert_file" ] || die 1 "$convert_path: cannot be read"
	work_folder
	tr -d '\000' <"$convert_file" >"$work/convert" || die 1 "$convert_path: cannot be read"
	cmp -s "$convert_file" "$work/convert" || die 5 "$convert_path: is not a text file"
	# without the mark that some editors put in front of UTF-8
	sed "1s/^$(printf '\357\273\277')//" "$convert_file" >"$work/convert" || die 1 "$convert_path: cannot be read"
	convert_read "$work/convert"
	convert_kind=$(convert_dialect "$work/convert" "$convert_path")
	case $convert_kind in
	debian | suse | arch) convert_run "$convert_kind" ;;
	rhel) convert_rhel ;;
	settings)
		inform "$convert_path: is read by kdump as it is: there is nothing to convert"
		printf '# %s is read as it is\n' "$(convert_shown "$convert_path")"
		;;
	*) die 5 "$convert_path: neither kdump-tools', nor SUSE's, nor simple-kdump's, nor RHEL's configuration" ;;
	esac
}
