# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-propagate.sh - a key of our own for the SSH target, known at both ends

need lock arm probe sshkey

help_propagate() {
	cat <<-'EOF'
		usage: kdump propagate [--yes] [N]

		For target N (the first that is ssh): makes the key sshkey if there is none
		(ed25519; in FIPS mode ecdsa), fetches the server's host key, shows its
		fingerprint and asks whether it is the right one, adds it to the known hosts, puts
		the public key on the server by ssh-copy-id, and tries it as the capture would.
		What cannot be done here is printed, to be typed elsewhere.

		  --yes  trust the host key without asking

		exit: 0 a dump would arrive; 1 not; 4 the server does not answer; 2 usage
	EOF
}

# fips: may only approved algorithms be used?
fips() {
	[ "$(cat "$KDUMP_ROOT/proc/sys/crypto/fips_enabled" 2>/dev/null)" = 1 ]
}

# propagate_pick [N]: sets number, and user, host and port of that target
propagate_pick() {
	number=${1:-1}
	if [ -z "${1:-}" ]; then
		while propagate_kind=$(conf_target "$number" kind 2>/dev/null) && [ -n "$propagate_kind" ] &&
			[ "$propagate_kind" != ssh ]; do
			number=$((number + 1))
		done
	fi
	[ "$(conf_target "$number" kind 2>/dev/null)" = ssh ] || {
		say '/etc/kdump.conf: no target is ssh'
		return 1
	}
	spec=$(conf_target "$number" spec)
	user=${spec%@*}
	host=${spec##*@}
	[ "$user" != "$spec" ] || user=root
	port=22
	case $host in
	\[*\]:*) port=${host##*:} host=${host%:*} ;;
	\[*\]) ;;
	*:*:*) ;;
	*:*) port=${host#*:} host=${host%:*} ;;
	esac
	host=${host#\[}
	host=${host%\]}
	key=$(sshkey_choose "$(conf_target "$number" sshkey)")
	if [ -z "$(conf_target "$number" sshkey)" ] && [ ! -e "$key" ]; then
		key=$KDUMP_ROOT/root/.ssh/kdump_id_ed25519
		! fips || key=$KDUMP_ROOT/root/.ssh/kdump_id_ecdsa
	fi
	known=$(conf_target "$number" known_hosts)
	known=${known:+$KDUMP_ROOT$known}
	known=${known:-$(sshkey_home "$key")}
}

# propagate_key: makes it if it is not there
propagate_key() {
	if [ -e "$key" ]; then
		inform "$key: there already"
		[ -e "$key.pub" ] || ! command -v ssh-keygen >/dev/null ||
			ssh-keygen -y -P '' -f "$key" </dev/null >"$key.pub" 2>/dev/null || rm -f "$key.pub"
		[ -e "$key.pub" ] || say "$key.pub: not there"
		return 0
	fi
	key_type=ed25519
	! fips || key_type='ecdsa -b 256'
	propagate_do "make $key" ssh-keygen -q -t "$key_type" -N "''" -C "kdump@$(uname -n)" -f "$key" || return
	mkdir -p "${key%/*}"
	set -- -q -N '' -C "kdump@$(uname -n)" -f "$key"
	# shellcheck disable=SC2086  # type and size
	ssh-keygen -t $key_type "$@" </dev/null || return 1
	inform "$key: made ($key_type)"
}

# propagate_do WHAT PROGRAM ARGUMENT...: may PROGRAM be run? Otherwise says what to type
propagate_do() {
	propagate_what=$1
	shift
	if [ -n "$dry_run" ]; then
		say "would $propagate_what: $*"
		return 1
	fi
	command -v "$1" >/dev/null && return 0
	say "$1: not found: to $propagate_what, type: $*"
	return 1
}

# known_name: of the server in a file of known hosts
known_name() {
	if [ "$port" = 22 ]; then
		printf '%s\n' "$host"
	else
		printf '[%s]:%s\n' "$host" "$port"
	fi
}

# host_is_known
host_is_known() {
	[ -n "$(conf_target "$number" host_key)" ] && return 0
	[ -e "$known" ] && command -v ssh-keygen >/dev/null &&
		ssh-keygen -F "$(known_name)" -f "$known" >/dev/null 2>&1
}

# answer_is_yes: asked on the terminal only
answer_is_yes() {
	[ -z "$yes" ] || return 0
	if ! [ -t 0 ]; then
		say 'not trusted without being asked: --yes does that'
		return 1
	fi
	printf 'Is that the right one? (yes/no) ' >&2
	read -r propagate_answer || return 1
	[ "$propagate_answer" = yes ]
}

# propagate_host: fetch the host key, ask, and add it. 4 when the server does not answer
propagate_host() {
	if host_is_known; then
		inform "$(known_name): its host key is known"
		return 0
	fi
	propagate_do 'fetch the host key' ssh-keyscan -p "$port" -T 10 "$host" '>>' "$known" || return 1
	work_folder
	# a key that the capture can use: libssh2 before 1.11 does not check RSA
	ssh-keyscan -p "$port" -T 10 -t ed25519,ecdsa "$host" 2>/dev/null | grep -v '^#' >"$work/scan"
	[ -s "$work/scan" ] ||
		ssh-keyscan -p "$port" -T 10 -t rsa "$host" 2>/dev/null | grep -v '^#' >"$work/scan"
	[ -s "$work/scan" ] || {
		say "$(known_name): no host key: the server does not answer"
		return 4
	}
	ssh-keygen -l -f "$work/scan" | while IFS= read -r propagate_line; do
		say "$(known_name): host key $propagate_line"
	done
	answer_is_yes || return 1
	mkdir -p "${known%/*}"
	# behind a last line without an end
	[ ! -s "$known" ] || [ -z "$(tail -c 1 "$known")" ] || printf '\n' >>"$known"
	cat "$work/scan" >>"$known" || return 1
	inform "$known: $(wc -l <"$work/scan") host keys added"
}

# propagate_public: put the key there, unless it is accepted already
propagate_public() {
	set -- -o Port="$port" -o UserKnownHostsFile="$known" -o StrictHostKeyChecking=yes
	propagate_do 'put the key there' ssh-copy-id -i "$key.pub" "$@" "$user@$host" || return 1
	ssh-copy-id -i "$key.pub" "$@" "$user@$host" 9>&- >"$work/copy" 2>&1 && return 0
	grep -i -e ERROR -e denied -e refused "$work/copy" | tail -n 2 | while IFS= read -r propagate_line; do
		say "ssh-copy-id: $propagate_line"
	done
	say "add this line to authorized_keys of $user on $host:"
	printf '%s\n' "$(cat "$key.pub")"
	return 1
}

# propagate_works: as the capture would
propagate_works() {
	arm_resolve
	[ "$resolve_result" -eq 0 ] && probe_target "$number"
}

# propagate_tried: sets accepted when the server takes the key already; 4 when it does not
# answer
propagate_tried() {
	propagate_works 2>"$work/tried"
	case $? in
	0)
		inform "target $number: the server takes the key already"
		accepted=yes
		;;
	4)
		cat "$work/tried" >&2
		return 4
		;;
	esac
}

verb_propagate() {
	accepted='' yes='' propagate_number=''
	for propagate_option; do
		case $propagate_option in
		--yes | -y) yes=yes ;;
		[1-9] | [1-9][0-9]) propagate_number=$propagate_option ;;
		*)
			say "propagate: no argument $propagate_option"
			usage
			;;
		esac
	done
	[ -n "$dry_run" ] || lock_take propagate
	arm_settings || [ $? -eq 1 ] || return 5
	work_folder
	propagate_pick "$propagate_number" || return
	propagate_key || { [ -n "$dry_run" ] || return 1; }
	propagate_host || {
		propagate_status=$?
		[ -n "$dry_run" ] || return "$propagate_status"
	}
	[ -n "$dry_run" ] || propagate_tried || return
	[ -n "$accepted" ] || propagate_public || { [ -n "$dry_run" ] || return 1; }
	[ -z "$dry_run" ] || return 0
	[ -n "$accepted" ] || propagate_works
}
