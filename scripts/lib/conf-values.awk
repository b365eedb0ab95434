# SPDX-License-Identifier: GPL-2.0-or-later
#
# conf-values.awk - what a value in kdump.conf may look like
#
# Each check names the fault and what to write instead by fault(), of conf.awk. Values end
# in command lines of programs, in URLs and in lines of other files: what could be taken
# for something else there is refused here.

# as much of a hostile value as fits into a message
function shown(text) {
	return "\"" (length(text) > 60 ? substr(text, 1, 60) "..." : text) "\""
}

# "10m" in seconds; -1: not understood
function seconds(text,    unit) {
	if (text !~ /^[0-9]+[smhd]?$/ || length(text) > 8)
		return -1
	unit = index("smhd", substr(text, length(text)))
	return (text + 0) * (unit == 2 ? 60 : unit == 3 ? 3600 : unit == 4 ? 86400 : 1)
}

# "20G" in bytes; -1: not understood, or more than any disk has
function bytes(text,    unit, i, number) {
	if (text !~ /^[0-9]+[KMGTkmgt]?i?B?$/ || text ~ /[0-9]i/ || length(text) > 18)
		return -1
	number = text + 0
	sub(/i?B?$/, "", text)
	unit = index("KMGT", toupper(substr(text, length(text))))
	for (i = 0; i < unit; i++)
		number *= 1024
	return number < 4611686018427387904 ? number : -1
}

function duration(name, text,    n) {
	n = seconds(text)
	if (n < 0)
		fault(name ": " shown(text) ": write seconds, or a time like 90s, 10m, 2h")
	return sprintf("%.0f", n)
}

function size(name, text,    n) {
	n = bytes(text)
	if (n < 0)
		fault(name ": " shown(text) ": write bytes, or a size like 500M, 20G, 2T")
	return sprintf("%.0f", n)
}

function among(name, text, words) {
	if (text ~ /[ \t]/ || index(" " words " ", " " text " ") == 0) {
		gsub(/ /, ", ", words)
		fault(name ": " shown(text) ": write one of " words)
	}
}

# what no value may have that becomes a word of a command, or a part of a URL or a path
function plain(name, text) {
	if (text ~ /[ \t]/)
		fault(name ": " shown(text) ": no blanks are possible in it")
	else if (text ~ /["\047]/)
		fault(name ": " shown(text) ": write it without quotes in it")
	else if (text ~ /[`$\\;&|<>(){}*?!]/)
		fault(name ": " shown(text) ": nothing is expanded here: write it without " \
			"any of ` $ \\ ; & | < > ( ) { } * ? !")
	else if (text ~ /^-/)
		fault(name ": " shown(text) ": may not begin with -")
	else
		return 1
	return 0
}

function dotted(name, text) {
	if (("/" text "/") !~ /\/\.\.?\//)
		return 0
	fault(name ": " shown(text) ": write the path without . and ..")
	return 1
}

# a file of the running system
function absolute(name, text) {
	if (!plain(name, text) || dotted(name, text))
		return
	if (text !~ /^\//)
		fault(name ": " shown(text) ": write the whole path, from / on")
	else if (text ~ /\/$/)
		fault(name ": " shown(text) ": is a folder: name the file")
}

# a folder, with one slash between its parts
function folder(name, text) {
	if (!plain(name, text) || dotted(name, text))
		return text
	if (text !~ /^\//) {
		text = "/" text
		warn(name ": taken as " text)
	}
	gsub(/\/+/, "/", text)
	if (length(text) > 1)
		sub(/\/$/, "", text)
	return text
}

# words, each of which is a name or a path
function word_list(name, text, pattern, what,    n, i, words) {
	n = split(text, words, " ")
	for (i = 1; i <= n; i++) {
		if (words[i] !~ pattern)
			fault(name ": " shown(words[i]) ": " what ", with blanks between them")
		else
			dotted(name, words[i])
	}
	gsub(/[ \t]+/, " ", text)
	return text
}

# /dev/..., or KEY=VALUE; a label may be "/boot"
function device(name, text) {
	if (text ~ /^(UUID|LABEL|PARTUUID|PARTLABEL)="[^"]*"$/)
		gsub(/"/, "", text)
	if (!plain(name, text))
		return text
	if (text ~ /^\/dev\//) {
		dotted(name, text)
		if (text ~ /\/$/)
			fault(name ": " shown(text) ": is a folder: name a device")
	} else if (text !~ /^(UUID|LABEL|PARTUUID|PARTLABEL)=./)
		fault(name ": " shown(text) ": write /dev/NAME, UUID=, LABEL=, PARTUUID= or PARTLABEL=")
	return text
}

# letters, digits, . - _; or an address of version 6, which may have %INTERFACE
function is_host(text) {
	return length(text) <= 253 && text ~ /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$/
}

function is_address6(text) {
	return text ~ /^[0-9A-Fa-f]*:[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?$/
}

# HOST:/EXPORT; an address of version 6 in brackets
function nfs_spec(name, text,    at, host, export) {
	if (text ~ /^[a-z]+:\/\//) {
		fault(name ": " shown(text) ": write HOST:/EXPORT, not a URL")
		return
	}
	if (!plain(name, text) || dotted(name, text))
		return
	at = index(text, ":/")
	host = at ? substr(text, 1, at - 1) : ""
	export = at ? substr(text, at + 1) : ""
	if (!at || host == "")
		fault(name ": " shown(text) ": write HOST:/EXPORT")
	else if (host ~ /^\[.*\]$/ ? !is_address6(substr(host, 2, length(host) - 2)) : !is_host(host))
		fault(name ": " shown(text) ": " shown(host) " is no host: write a name, an " \
			"address, or [ADDRESS] for version 6")
}

# USER@HOST or USER@HOST:PORT; returned with brackets around an address of version 6
function ssh_spec(name, text,    at, i, user, host, port) {
	if (text ~ /^[a-z]+:\/\//) {
		fault(name ": " shown(text) ": write USER@HOST, not a URL")
		return text
	}
	if (!plain(name, text))
		return text
	for (i = 1; i <= length(text); i++)
		if (substr(text, i, 1) == "@")
			at = i
	if (!at) {
		fault(name ": " shown(text) ": write USER@HOST")
		return text
	}
	user = substr(text, 1, at - 1)
	host = substr(text, at + 1)
	if (is_address6(host))
		host = "[" host "]"
	if (match(host, /:[0-9]+$/) && host !~ /^\[[^]]*$/) {
		port = substr(host, RSTART + 1)
		host = substr(host, 1, RSTART - 1)
	}
	if (host ~ /:\// || host ~ /\// || host ~ /:$/)
		fault(name ": " shown(text) ": write USER@HOST; the folder goes into a line path")
	else if (user !~ /^[A-Za-z0-9_.][A-Za-z0-9._+@-]*$/)
		fault(name ": " shown(text) ": " shown(user) " is no user: letters, digits and . _ - + @ are possible")
	else if (host ~ /^\[.*\]$/ ? !is_address6(substr(host, 2, length(host) - 2)) : !is_host(host))
		fault(name ": " shown(text) ": " shown(host) " is no host: write a name, an " \
			"address, or [ADDRESS] for version 6")
	else if (port != "" && (length(port) > 5 || port < 1 || port > 65535))
		fault(name ": " shown(text) ": a port is 1 to 65535")
	return user "@" host (port != "" ? ":" port + 0 : "")
}

# auto, static, dhcp, none, or words as the kernel and dracut take them
function network(name, text,    n, i, words) {
	if (text ~ /^(auto|static|dhcp|none)$/)
		return text
	n = split(text, words, " ")
	for (i = 1; i <= n; i++)
		if (words[i] !~ "^(ip|ifname|bond|bridge|vlan|nameserver|rd[.]route)=[]A-Za-z0-9.:,%/=_+[-]+$") {
			fault(name ": " shown(words[i]) ": write auto, static, dhcp, none, or ip=... " \
				"with ifname=, bond=, bridge=, vlan=, nameserver=, rd.route=")
			return text
		}
	gsub(/[ \t]+/, " ", text)
	return text
}
