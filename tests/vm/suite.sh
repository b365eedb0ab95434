# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # lists: see below
#
# suite.sh - packages of another Debian suite, for scripts to include
#
# The archives are those that this machine's apt is set up for, asked for another
# suite; the machine's own lists stay as they are. The script that includes this has
# die(), and sets lists to the folder where the suite's lists are kept, and arch when
# the packages are another machine's.

arch=
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# archives: "URI SUITE" of each archive this machine is set up for
archives() {
	apt-get update --print-uris |
		sed -n "s|^'\(.*\)/dists/\([^']*\)/InRelease'.*|\1 \2|p"
}

# source_lines SUITE: the machine's archives, asked for another suite
source_lines() {
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release | tr -d '"')
	signed=
	[ ! -s $keyring ] || signed="[signed-by=$keyring] "
	archives | while read -r uri name; do
		case $name in
		"$codename" | stable | oldstable | testing | unstable | sid)
			printf 'deb %s%s %s main\n' "$signed" "$uri" "$1"
			;;
		*-security)
			[ "$1" = sid ] || printf 'deb %s%s %s-security main\n' "$signed" "$uri" "$1"
			;;
		esac
	done
}

# apt COMMAND...: apt-get or apt-cache with the suite's own lists
apt() {
	program=$1
	shift
	"$program" -q -oDir::Etc::sourcelist="$lists/sources.list" -oDir::Etc::sourceparts=- \
		-oDir::State::Lists="$lists/lists" -oDir::Cache="$lists/cache" \
		-oAPT::Sandbox::User=root -oAcquire::Languages=none -oAcquire::Retries=3 \
		${arch:+-oAPT::Architecture="$arch" -oAPT::Architectures="$arch"} "$@"
}

update_lists() {
	mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
	source_lines "$1" >"$lists/sources.list"
	[ -s "$lists/sources.list" ] || die 'no Debian archive in the configuration of apt'
	apt apt-get update >"$lists/log" 2>&1 || {
		tail -n 5 "$lists/log" >&2
		die "apt-get update for $1 failed"
	}
}
