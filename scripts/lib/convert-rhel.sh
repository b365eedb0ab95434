# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with kdump and the other parts of it
#
# convert-rhel.sh - RHEL's and Fedora's kdump.conf, which is read as it is; to be sourced
# after convert.sh

# convert_rhel: the file, with a remark above each line that has something to it; lines
# with a fault become remarks
convert_rhel() {
	convert_status=0
	conf_parse "$work/convert" >"$work/lint" || return 5
	convert_at=$(sed -n 's/^@ //p' "$work/lint")
	convert_core=$(sed -n 's/^= core_collector //p' "$work/lint")
	collector_where=@ convert_taken=
	if ! collector_options "$convert_core" >/dev/null 2>"$work/collector"; then
		convert_taken=$(convert_instead "$convert_core")
		sed "s/^[^ ]* @: /! $convert_at /" "$work/collector" >>"$work/lint"
	elif [ -s "$work/collector" ]; then
		sed "s/^[^ ]* @: /? $convert_at /" "$work/collector" >>"$work/lint"
	fi
	printf '# %s, read by kdump convert\n' "$(convert_shown "$convert_path")"
	awk -v at="$convert_at" -v taken="$convert_taken" '
	FNR == NR {
		if ($1 == "!" || $1 == "?") {
			text = $0
			sub(/^. [0-9]+ /, "", text)
			told[$2] = told[$2] "# kdump: " text "\n"
			if ($1 == "!")
				bad[$2] = 1
		}
		next
	}
	{
		sub(/\r$/, "")
		gsub(/[\001-\010\013-\037\177]/, "?")
		printf "%s", told[FNR]
		print (FNR in bad ? "# " : "") $0
		if (FNR == at && taken != "")
			print "core_collector " taken
	}' "$work/lint" "$work/convert"
	sed -n 's/^! \([0-9]*\) \(.*\)/\1 \2/p' "$work/lint" >"$work/refused"
	while read -r convert_number_of convert_rest; do
		say "$convert_path:$convert_number_of: $convert_rest"
		convert_status=6
	done <"$work/refused"
	return $convert_status
}
