# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# place.sh - where the files of a crash go, and how they are called; to be sourced after ask.sh
#
#	layout rhel	HOST-YYYY-MM-DD-HH:MM:SS/vmcore, vmcore-dmesg.txt
#	layout debian	STAMP/dump.STAMP, dmesg.STAMP, kexec_cmd; STAMP is YYYYMMDDHHMM.
#			On servers the folder is HOST-STAMP
#	layout plain	vmcore, dmesg in the folder itself: what is given on the command line
#
# What an earlier crash has left is never touched: a folder that is there gets -1, -2, ...
# behind its name; with layout plain it is a folder 1, 2, ... in it. A server tells by
# refusing a name.
#
# What is known of a target is kept in remembered, as lines "N NAME VALUE".

remembered='
'

# remember N NAME VALUE
remember() {
	remembered=$remembered"$1 $2 $3"'
'
}

# recall N NAME: the last that was remembered, in value; 1 if nothing was
recall() {
	case $remembered in
	*"$nl$1 $2 "*)
		value=${remembered##*"$nl$1 $2 "}
		value=${value%%"$nl"*}
		;;
	*)
		value=
		return 1
		;;
	esac
}

# name_crash: folder, stamp and the names of its files, of host, crash_time and layout
name_crash() {
	stamp=$crash_time
	for mark in - - - : :; do
		stamp=${stamp%%"$mark"*}${stamp#*"$mark"}
	done
	stamp=${stamp%??}
	folder=$host-$crash_time
	log_name=vmcore-dmesg.txt dump_name=vmcore raw_name=vmcore.raw
	case $layout in
	debian)
		folder=$host-$stamp
		name_files "$stamp"
		;;
	plain) folder='' log_name=dmesg ;;
	esac
}

# name_files STAMP: layout debian has it in the names of files, too
name_files() {
	[ "$layout" != debian ] || log_name=dmesg.$1 dump_name=dump.$1 raw_name=vmcore.$1
}

# target_read N: what capture.conf says of it, in kind, shown, needs, target_limit,
# max_size, send; and in base its folder or in url its URL, of which the query is in query
target_read() {
	target=$1
	ask_target "$1" kind none
	kind=$value
	ask_target "$1" shown "target $1"
	shown=$value
	ask_target "$1" needs nothing
	needs=$value
	ask_target "$1" send
	send=$value
	# dumpsend has not understood it
	! recall "$1" send || send=
	ask_number "target $1 time_limit"
	target_limit=$value
	ask_number "target $1 max_size"
	max_size=$value
	base='' url='' query=''
	case $kind in
	disk)
		ask_target "$1" dir /
		base=$places/$1/${value#/}
		;;
	folder)
		ask_target "$1" dir .
		base=$value
		;;
	nfs | ssh)
		ask_target "$1" url
		url=${value%%\?*}
		[ "$url" = "$value" ] || query=\?${value#*\?}
		;;
	esac
	case $base$url in
	/) ;;
	*/)
		base=${base%/}
		url=${url%/}
		;;
	esac
	recall "$1" place
	place=$value
	recall "$1" stamp || value=$stamp
	name_files "$value"
}

# is_local: is the target of target_read a folder of this machine?
is_local() {
	[ -n "$base" ]
}

# place_url NAME: the URL of this file in the place, in where
place_url() {
	where=$place/$1$query
}

# place_server [MORE]: the folder on a server, with MORE behind its name; nothing is made
place_server() {
	case $layout$1 in
	plain) place=$url ;;
	# whoever gave this URL did not say how folders are called
	plain-1) place=$url/%h-%t ;;
	plain*) place=$url/%h-%t$1 ;;
	*) place=$url/$folder$1 ;;
	esac
	remember "$target" place "$place"
}

# occupied DIRECTORY: does it hold what an earlier run, or anybody else, has called as we do?
# (layout plain)
occupied() {
	for file in "$1"/vmcore* "$1/dmesg" "$1/dmesg-incomplete" "$1/capture.log" "$1/README.txt" \
		"$1/kdump-record" "$1/kexec-dmesg.log"; do
		[ ! -e "$file" ] && [ ! -L "$file" ] || return 0
	done
	return 1
}

# make_plain: place, in base
make_plain() {
	place=$base
	number=0
	while occupied "$place"; do
		number=$((number + 1))
		place=$base/$number
	done
	mkdir -p "$place" && [ -w "$place" ]
}

# make_folder: place, in base: the first free name; its stamp, if that has a number behind it
make_folder() {
	[ -d "$base" ] || mkdir -p "$base" || return
	name=$folder
	[ "$layout" != debian ] || name=$stamp
	more=
	until mkdir "$base/$name$more" 2>/dev/null; do
		[ -e "$base/$name$more" ] || [ -L "$base/$name$more" ] || {
			mkdir "$base/$name$more"
			return
		}
		[ "${more:-0}" -gt -100 ] || return
		more=$((${more:-0} - 1))
	done
	place=$base/$name$more
	[ "$layout" != debian ] || [ -z "$more" ] || {
		place_stamp=$name$more
		name_files "$place_stamp"
	}
}

# place_local: make the place of a local target
place_local() {
	place_stamp=
	case $layout in
	plain) make_plain ;;
	*) make_folder ;;
	esac
}
