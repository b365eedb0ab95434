# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # lib is set by the script
#
# resolve.sh - from the settled configuration and the running system to what the capture
# kernel needs; to be sourced after say.sh, conf.sh, device.sh, stack.sh, route.sh,
# netline.sh and sshkey.sh
#
# Writes the files capture.conf, files, modules and programs, as scripts/README.md
# describes them, and made ones (hosts, known_hosts.N) that files lists.
#
# Expects: lib (the folder this file is in).

# shellcheck source=scripts/lib/resolve-disk.sh
. "$lib/resolve-disk.sh"
# shellcheck source=scripts/lib/resolve-fence.sh
. "$lib/resolve-fence.sh"

# resolve_take: lines of stack_*, route_* and others on standard input go where they belong
resolve_take() {
	while read -r word rest; do
		case $word in
		conf) printf 'target %s %s\n' "$resolve_n" "$rest" >>"$resolve_dir/ground" ;;
		module) printf '%s\n' "$rest" >>"$resolve_dir/modules.found" ;;
		program) printf '%s\n' "$rest" >>"$resolve_dir/programs" ;;
		file) printf '%s\n' "$rest" >>"$resolve_dir/files" ;;
		address) printf '%s\n' "$rest" >"$resolve_dir/address" ;;
		esac
	done <"$1"
}

# resolve_from COMMAND...: run it and take its lines; its status
resolve_from() {
	"$@" >"$resolve_dir/lines"
	resolve_status=$?
	[ $resolve_status -ne 0 ] || resolve_take "$resolve_dir/lines"
	return $resolve_status
}

# resolve_put NAME VALUE: a line for the target that is being resolved
resolve_put() {
	[ -z "$2" ] || printf 'target %s %s %s\n' "$resolve_n" "$1" "$2" >>"$resolve_dir/target"
}

# resolve_encode TEXT: as the path of a URL
resolve_encode() {
	printf '%s' "$1" | od -A n -v -t x1 | tr ' ' '\n' | while read -r byte; do
		case $byte in
		'') ;;
		2[d-f] | 3[0-9] | 4[1-9a-f] | 5[0-9a] | 5f | 6[1-9a-f] | 7[0-9a] | 7e)
			# shellcheck disable=SC2059  # a format made of two digits
			printf "\\$(printf '%03o' "0x$byte")"
			;;
		*) printf '%%%s' "$byte" ;;
		esac
	done
}

# resolve_join FOLDER PATH: one path, with single slashes
resolve_join() {
	printf '%s/%s\n' "$1" "$2" | sed 's|//*|/|g; s|\(.\)/$|\1|'
}

# resolve_plain WHAT TEXT: control characters have no place in a line
resolve_plain() {
	case $2 in
	*[[:cntrl:]]*)
		say "$1: control characters in '$(printf '%s' "$2" | tr '[:cntrl:]' '?')'"
		return 1
		;;
	esac
}

# resolve_mounted_nfs HOST:/EXPORT OPTIONS FOLDER: of a folder on a mounted server
resolve_mounted_nfs() {
	case ,$2, in
	*,vers=3,* | *,nfsvers=3,*) resolve_version=version=3 ;;
	,nfs4,* | *,vers=4*) resolve_version=version=4 ;;
	*) resolve_version= ;;
	esac
	resolve_nfs "$1" "$3" "$resolve_version"
}

# resolve_nfs HOST:/EXPORT FOLDER [OPTIONS]
resolve_nfs() {
	case $1 in
	\[*\]:/*) resolve_host=${1#\[} resolve_host=${resolve_host%%\]:/*} ;;
	*:/*) resolve_host=${1%%:/*} ;;
	*)
		say "nfs $1: not HOST:/EXPORT"
		return 1
		;;
	esac
	resolve_server "$resolve_host" || return
	resolve_folder=$(resolve_join "/${1#*:/}" "$2")
	resolve_put kind nfs
	resolve_put needs "$resolve_needs"
	resolve_put url "nfs://$resolve_urlhost$(resolve_encode "$resolve_folder")${3:+?$3}"
	resolve_put shown "nfs $resolve_host:$resolve_folder"
}

# resolve_server HOST: the way there; sets resolve_urlhost and resolve_needs
resolve_server() {
	case $1 in
	*[!A-Za-z0-9.:%_-]* | '' | -*)
		say "'$1': not a host's name or address"
		return 1
		;;
	esac
	resolve_needs=net
	: >"$resolve_dir/address"
	resolve_from netline_to "$1" "$(conf_get network)" || return
	read -r resolve_address <"$resolve_dir/address" || resolve_address=
	resolve_urlhost=$1
	case $1 in
	*:*) resolve_urlhost="[$(printf '%s' "$1" | sed 's/%/%25/')]" ;;
	esac
	case $(conf_get network) in
	none) resolve_needs=nothing ;;
	esac
	if [ -n "$resolve_address" ] && [ "$resolve_address" != "$1" ]; then
		printf '%s %s\n' "${resolve_address%%%*}" "$1" >>"$resolve_dir/hosts.found"
	fi
}

# resolve_ssh [USER@]HOST[:PORT] PATH
resolve_ssh() {
	resolve_user=
	case $1 in
	*@*) resolve_user=${1%@*} ;;
	esac
	resolve_host=${1##*@} resolve_port=
	case $resolve_host in
	\[*\]*)
		resolve_port=${resolve_host##*\]}
		resolve_port=${resolve_port#:}
		resolve_host=${resolve_host#\[}
		resolve_host=${resolve_host%%\]*}
		;;
	*:*:*) ;;
	*:*)
		resolve_port=${resolve_host##*:}
		resolve_host=${resolve_host%:*}
		;;
	esac
	case $resolve_port in
	*[!0-9]*)
		say "ssh $1: not USER@HOST[:PORT]"
		return 1
		;;
	esac
	resolve_server "$resolve_host" || return
	resolve_from sshkey_files "$resolve_n" "$resolve_host" "$resolve_port" \
		"$(conf_target "$resolve_old" sshkey)" "$(conf_target "$resolve_old" known_hosts)" \
		"$(conf_target "$resolve_old" host_key)" || return
	resolve_put kind ssh
	resolve_put needs "$resolve_needs"
	[ -z "$resolve_user" ] || resolve_user=$(resolve_encode "$resolve_user")@
	resolve_folder=$(resolve_encode "$(resolve_join / "$2")")
	resolve_put url \
		"ssh://$resolve_user$resolve_urlhost${resolve_port:+:$resolve_port}$resolve_folder"
	resolve_put send "$(cat "$resolve_dir/send")"
	resolve_put shown "ssh $1:$2"
}

# resolve_one: target resolve_old of the configuration becomes resolve_n
resolve_one() {
	resolve_kind=$(conf_target "$resolve_old" kind)
	resolve_spec=$(conf_target "$resolve_old" spec)
	resolve_where=$(conf_target "$resolve_old" path)
	resolve_plain "target $resolve_old" "$resolve_spec$resolve_where" || return
	case $resolve_kind in
	path) resolve_folder "$resolve_spec" ;;
	disk) resolve_disk "$resolve_spec" "$(conf_target "$resolve_old" fstype)" \
		"${resolve_where:-/}" ;;
	nfs)
		resolve_version=''
		[ "$(conf_target "$resolve_old" fstype)" != nfs4 ] || resolve_version=version=4
		resolve_nfs "$resolve_spec" "$resolve_where" "$resolve_version"
		;;
	ssh) resolve_ssh "$resolve_spec" "$resolve_where" ;;
	raw) resolve_raw "$resolve_spec" ;;
	*)
		say "target $resolve_old: kind '$resolve_kind' is not known"
		return 1
		;;
	esac
}

# resolve_commit: a target that could be resolved is added to the others
resolve_commit() {
	cat "$resolve_dir/target" >>"$resolve_dir/targets"
	awk '!seen[$0]++' "$resolve_dir/ground" >>"$resolve_dir/targets"
	resolve_n=$((resolve_n + 1))
}

# resolve_targets: all of them; the status is that of resolve_config
resolve_targets() {
	resolve_n=1 resolve_old=1 resolve_failed=0
	while [ -n "$(conf_target "$resolve_old" kind)" ]; do
		: >"$resolve_dir/ground"
		: >"$resolve_dir/target"
		if resolve_one; then
			resolve_put time_limit "$(conf_target "$resolve_old" time_limit)"
			resolve_put max_size "$(conf_target "$resolve_old" max_size)"
			resolve_commit
		else
			[ $? -ne 4 ] || resolve_later=1
			resolve_failed=$((resolve_failed + 1))
		fi
		resolve_old=$((resolve_old + 1))
	done
	[ "$(conf_get failure_action)" != dump_to_rootfs ] || resolve_dump_to_rootfs
	if [ $resolve_n -eq 1 ]; then
		[ "$resolve_later" -eq 0 ] || return 4
		return 5
	fi
	resolve_fence || resolve_failed=$((resolve_failed + 1))
	[ $resolve_failed -eq 0 ] || return 6
}

# resolve_dump_to_rootfs: one more target, for when all others have failed
resolve_dump_to_rootfs() {
	: >"$resolve_dir/ground"
	: >"$resolve_dir/target"
	if resolve_folder "${resolve_where:-/var/crash}"; then
		resolve_put rootfs yes
		resolve_commit
	else
		say 'failure_action dump_to_rootfs: will not be possible'
		resolve_failed=$((resolve_failed + 1))
	fi
}

# resolve_hooks NAME DIRECTIVE: programs to run, under their own names in the image
resolve_hooks() {
	conf_get "$2" | while read -r program; do
		[ -n "$program" ] || continue
		case $program in
		*[!A-Za-z0-9._/+@:-]*)
			say "$2: $program: blanks or odd characters in its name"
			exit 1
			;;
		esac
		if ! [ -f "${KDUMP_ROOT:-}$program" ] || ! [ -x "${KDUMP_ROOT:-}$program" ]; then
			say "$2: $program: no such program, or it may not be executed"
			exit 1
		fi
		resolve_program "${KDUMP_ROOT:-}$program" "$program"
		printf '%s %s\n' "$1" "$program" >>"$resolve_dir/general"
	done
}

# resolve_program FILE NAME: a script goes as it is, with what it is run by
resolve_program() {
	read -r line 2>/dev/null <"$1" || line=
	case $line in
	'#!'*)
		printf '0755 %s %s\n' "$2" "$2" >>"$resolve_dir/files"
		# shellcheck disable=SC2086  # words on purpose
		set -- ${line#??}
		# others are found by who builds the image
		case ${1##*/} in
		env) command -v "${2:-sh}" >>"$resolve_dir/programs" ;;
		esac
		;;
	*) printf '%s\n' "$2" >>"$resolve_dir/programs" ;;
	esac
}

# resolve_extra PROGRAM: where one lies that may be named without a folder; who builds the
# image says if there is none
resolve_extra() {
	case $1 in
	/*) resolve_at=$1 ;;
	*)
		for resolve_at in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
			resolve_at=$resolve_at/$1
			[ ! -x "${KDUMP_ROOT:-}$resolve_at" ] || break
		done
		;;
	esac
	printf '%s\n' "$resolve_at"
}

# resolve_general: what has nothing to do with targets
resolve_general() {
	printf 'format 1\n' >"$resolve_dir/general"
	for name in host layout dump_options allow_raw failure_action final_action keep \
		keep_free time_limit watchdog; do
		value=$(conf_get "$name")
		[ -z "$value" ] || printf '%s %s\n' "$name" "$value" >>"$resolve_dir/general"
	done
	resolve_hooks pre kdump_pre && resolve_hooks post kdump_post &&
		resolve_hooks emergency kdump_emergency || return
	for name in $(conf_get extra_bins); do
		resolve_extra "$name" >>"$resolve_dir/programs"
	done
	for name in $(conf_get extra_modules); do
		printf '%s\n' "$name" >>"$resolve_dir/modules.found"
	done
}

# resolve_address: by which machines that have no name are told apart; that of the first way
# to a server
resolve_address() {
	sed -n 's,^target [0-9]* net \(last\|address\) [^ ]* \([0-9a-f.:]*\)/.*,address \2,p' \
		"$resolve_dir/targets" | head -n 1 >>"$resolve_dir/general"
}

# resolve_known KVER: names of the modules that kernel has, built in or not; nothing
# where that is not known
resolve_known() {
	for resolve_at in lib usr/lib; do
		[ ! -d "${KDUMP_ROOT:-}/$resolve_at/modules/$1" ] || break
	done
	cat "${KDUMP_ROOT:-}/$resolve_at/modules/$1/modules.dep" \
		"${KDUMP_ROOT:-}/$resolve_at/modules/$1/modules.builtin" 2>/dev/null |
		sed 's/:.*//; s|.*/||; s/\.ko.*//; s/-/_/g'
}

# resolve_modules KVER: each once; those with a question mark only if there are such
resolve_modules() {
	sed 's/-/_/g' "$resolve_dir/modules.found" | awk '!seen[$1]++' >"$resolve_dir/modules.wanted"
	resolve_known "$1" >"$resolve_dir/known"
	if [ -s "$resolve_dir/known" ]; then
		awk -v list="$resolve_dir/known" '
			BEGIN { while ((getline line < list) > 0) known[line] = 1 }
			{ name = $1; sub(/\?$/, "", name) }
			(name in known || name == $1) && !seen[name]++ { print name }
		' "$resolve_dir/modules.wanted" >"$resolve_dir/modules"
	else
		sed 's/?$//' "$resolve_dir/modules.wanted" | awk '!seen[$1]++' >"$resolve_dir/modules"
	fi
}

# resolve_hosts: names of servers are looked up now, not in the capture kernel
resolve_hosts() {
	[ -s "$resolve_dir/hosts.found" ] || return 0
	{
		printf '127.0.0.1 localhost\n::1 localhost\n'
		awk '!seen[$0]++' "$resolve_dir/hosts.found"
	} >"$resolve_dir/hosts"
	printf 'hosts: files dns\n' >"$resolve_dir/nsswitch.conf"
	printf '0644 %s/%s /etc/%s\n' "$resolve_dir" hosts hosts \
		"$resolve_dir" nsswitch.conf nsswitch.conf >>"$resolve_dir/files"
}

# resolve_config DIRECTORY KVER: write capture.conf, files, modules and programs for a
# capture kernel KVER. The configuration was read by conf_read. 0; 6 when a target could
# not be resolved, but another could; when none could 4 if that may change (a server's
# name is not found), otherwise 5, and no capture.conf is left. resolve_later is 1 where what
# could not be may change.
resolve_config() {
	resolve_dir=$1 resolve_later=0
	rm -f "$1/capture.conf"
	for resolve_file in files modules.found programs targets hosts.found hosts nsswitch.conf; do
		: >"$1/$resolve_file" || return 5
	done
	resolve_general || {
		resolve_clean
		return 5
	}
	resolve_targets
	resolve_status=$?
	case $resolve_status in
	0 | 6)
		resolve_hosts
		resolve_address
		resolve_modules "$2"
		for resolve_file in programs files; do
			awk '!seen[$0]++' "$1/$resolve_file" >"$1/lines"
			cat "$1/lines" >"$1/$resolve_file"
		done
		cat "$1/general" "$1/targets" >"$1/capture.conf" || resolve_status=5
		;;
	esac
	[ -s "$1/hosts" ] || rm -f "$1/hosts" "$1/nsswitch.conf"
	resolve_clean
	return $resolve_status
}

resolve_clean() (
	cd "$resolve_dir" && rm -f modules.found modules.wanted ground target targets \
		hosts.found lines known address send general
)
