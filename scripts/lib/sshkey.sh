# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # resolve_dir is of resolve.sh
#
# sshkey.sh - the key to log in with, and those to trust, for the image; to be sourced
# after say.sh. resolve_dir is the folder for made files.

# sshkey_identity FILE HOST: is it a private key that can be used without being asked?
sshkey_identity() {
	if [ ! -f "$1" ]; then
		say "$1: no such key for $2: make one with: kdump propagate"
		return 1
	fi
	case $(head -c 400 "$1" | head -n 1) in
	-----BEGIN*PRIVATE\ KEY*) ;;
	ssh-* | ecdsa-* | sk-*)
		say "$1: is a public key: sshkey wants the private one, without .pub"
		return 1
		;;
	*)
		say "$1: is not a private key"
		return 1
		;;
	esac
	case $(sed -n 2p "$1") in
	Proc-Type:*ENCRYPTED*) sshkey_locked "$1" ;;
	*)
		! grep -q 'BEGIN ENCRYPTED' "$1" || sshkey_locked "$1" || return 1
		command -v ssh-keygen >/dev/null || return 0
		# this one looks at permissions first: so it gets a copy
		(umask 077 && cat "$1" >"$resolve_dir/key") || return 1
		answer=$(ssh-keygen -y -P '' -f "$resolve_dir/key" 2>&1 </dev/null)
		status=$?
		rm -f "$resolve_dir/key"
		[ $status -ne 0 ] || return 0
		case $answer in
		*passphrase*) sshkey_locked "$1" ;;
		*) say "$1: cannot be used as a key: $(printf '%s\n' "$answer" | sed 's/^Load key .*: //; q')" ;;
		esac
		return 1
		;;
	esac
}

sshkey_locked() {
	say "$1: has a passphrase, which nobody can type in the capture kernel: use a key without"
	return 1
}

# sshkey_known HOST PORT FILE...: lines about the host from files of known hosts
sshkey_known() (
	host=$1 port=$2
	shift 2
	name=$host
	[ -z "$port" ] || [ "$port" = 22 ] || name="[$host]:$port"
	for file; do
		[ -r "$file" ] || continue
		if command -v ssh-keygen >/dev/null; then
			ssh-keygen -F "$name" -f "$file" 2>/dev/null | sed '/^#/d'
			[ "$name" = "$host" ] || ssh-keygen -F "$host" -f "$file" 2>/dev/null | sed '/^#/d'
		else
			sed '/^#/d; /^[ 	]*$/d' "$file"
		fi
	done | awk '!seen[$0]++'
)

# sshkey_home FILE: where the user whose key it is keeps known hosts
sshkey_home() {
	case $1 in
	*/.ssh/*) printf '%s/known_hosts\n' "${1%/*}" ;;
	*) printf '%s/root/.ssh/known_hosts\n' "${KDUMP_ROOT:-}" ;;
	esac
}

# sshkey_choose [FILE]: the configured key, or the usual ones of the user who dumps
sshkey_choose() {
	if [ -n "$1" ]; then
		printf '%s\n' "${KDUMP_ROOT:-}$1"
		return
	fi
	for name in kdump_id_ed25519 kdump_id_ecdsa kdump_id_rsa; do
		[ ! -f "${KDUMP_ROOT:-}/root/.ssh/$name" ] || break
	done
	printf '%s\n' "${KDUMP_ROOT:-}/root/.ssh/$name"
}

# sshkey_files N HOST PORT KEY KNOWN_HOSTS HOST_KEY: file lines for the image; dumpsend's
# options go to the file send. The last three may be empty.
sshkey_files() (
	key=$(sshkey_choose "$4")
	sshkey_identity "$key" "$2" || exit 1
	case $key in
	*[[:space:]]*)
		say "$key: blanks in its name"
		exit 1
		;;
	esac
	case $(stat -L -c %a "$key") in
	*00) ;;
	*) say "$key: others can read it: chmod 600 $key" ;;
	esac
	printf 'file 0600 %s /etc/crashpipe/key.%s\n' "${key#"${KDUMP_ROOT:-}"}" "$1"
	printf '%s' "--identity=/etc/crashpipe/key.$1 " >"$resolve_dir/send"
	if [ -n "$6" ]; then
		case $6 in
		SHA256:*[!A-Za-z0-9+/=:]* | *[!A-Za-z0-9+/=:]*)
			say "host_key $6: not SHA256:..."
			exit 1
			;;
		esac
		printf '%s\n' "--host-key=$6" >>"$resolve_dir/send"
		exit
	fi
	known=$resolve_dir/known_hosts.$1
	if [ -n "$5" ]; then
		sshkey_known "$2" "$3" "${KDUMP_ROOT:-}$5" >"$known"
	else
		sshkey_known "$2" "$3" "$(sshkey_home "$key")" \
			"${KDUMP_ROOT:-}/etc/ssh/ssh_known_hosts" >"$known"
	fi
	if [ ! -s "$known" ]; then
		rm -f "$known"
		say "$2: its host key is not known${5:+ in $5}: run: kdump propagate, or give host_key"
		exit 1
	fi
	printf 'file 0600 %s /etc/crashpipe/known_hosts.%s\n' "$known" "$1"
	printf '%s\n' "--known-hosts=/etc/crashpipe/known_hosts.$1" >>"$resolve_dir/send"
)
