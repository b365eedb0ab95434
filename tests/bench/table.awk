# SPDX-License-Identifier: GPL-2.0-or-later
#
# table.awk - what tests/bench/send measured, as a table
#
# usage: awk -v bytes=N -v delays="D1 D2..." -f table.awk RESULTS FS='|' ROWS
#
# RESULTS has a line for each run: label, delay, seconds passed, processor seconds, KiB.
# ROWS has one for each line of the table; the first field says which:
#   head|TITLE
#   both|WORDS|LABEL            throughput and processor seconds
#   time|WORDS|LABEL            seconds passed
#   speed|WORDS|GOAL|A|B[|C]    throughput of A to B's; B is at most C's on the first delay
#   steady|WORDS|GOAL|A|B|TA|TB the same, without the seconds that a tiny file takes (TA, TB)
#   cost|WORDS|GOAL|A|B         processor seconds of A to B's
# Throughput and seconds passed are the best of the runs, processor seconds the median.

BEGIN {
	n = split(delays, delay, " ")
}

function best(label, d) {
	return fastest[label, d]
}

function speed(label, d) {
	return best(label, d) ? bytes / best(label, d) / 1e6 : 0
}

# processor seconds for each GiB
function cost(label, d,    m, i, j, t, v) {
	m = runs[label, d]
	for (i = 1; i <= m; i++)
		v[i] = cpu[label, d, i]
	for (i = 1; i <= m; i++)
		for (j = i + 1; j <= m; j++)
			if (v[j] < v[i]) {
				t = v[i]
				v[i] = v[j]
				v[j] = t
			}
	return v[int((m + 1) / 2)] / bytes * 1073741824
}

function ratio(a, b) {
	return b ? sprintf("%.2f", a / b) : "-"
}

function least(a, b) {
	return b && b < a ? b : a
}

# one line: words, left and right columns, goal
function row(words, left, right, goal,    i) {
	printf "%-43s", words
	for (i = 1; i <= n; i++)
		printf " %6s", left[i]
	printf " |"
	for (i = 1; i <= n; i++)
		printf " %5s", right[i]
	printf "%s\n", goal ? "  goal: " goal : ""
	for (i = 1; i <= n; i++)
		left[i] = right[i] = ""
}

FS != "|" {
	r = ++runs[$1, $2]
	cpu[$1, $2, r] = $4
	if (r == 1 || $3 < fastest[$1, $2])
		fastest[$1, $2] = $3
	next
}

$1 == "head" {
	printf "\n"
	for (i = 1; i <= n; i++)
		left[i] = right[i] = delay[i]
	row($2 ": MB/s | CPU s/GiB, at round trips of ms", left, right)
}

$1 == "both" {
	for (i = 1; i <= n; i++) {
		left[i] = sprintf("%.1f", speed($3, delay[i]))
		right[i] = sprintf("%.2f", cost($3, delay[i]))
	}
	row($2, left, right)
}

$1 == "time" {
	for (i = 1; i <= n; i++)
		left[i] = sprintf("%.2f", best($3, delay[i]))
	row($2, left, right)
}

$1 == "speed" {
	for (i = 1; i <= n; i++)
		left[i] = ratio(speed($4, delay[i]),
				least(speed($5, delay[i]), $6 ? speed($6, delay[1]) : 0))
	row($2, left, right, $3)
}

$1 == "steady" {
	for (i = 1; i <= n; i++)
		left[i] = ratio(best($5, delay[i]) - best($7, delay[i]),
				best($4, delay[i]) - best($6, delay[i]))
	row($2, left, right, $3)
}

$1 == "cost" {
	for (i = 1; i <= n; i++)
		right[i] = ratio(cost($4, delay[i]), cost($5, delay[i]))
	row($2, left, right, $3)
}
