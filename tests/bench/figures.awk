# SPDX-License-Identifier: GPL-2.0-or-later
#
# figures.awk - what tests/bench/run measured, as tables
#
# usage: awk -f figures.awk RESULTS
#
# RESULTS has lines WHAT|WHO|KIND|VALUE; of several of the same, the median counts.

BEGIN {
	FS = "|"
}

{
	value[$1, $2, $3, ++n[$1, $2, $3]] = $4
}

function median(what, who, kind,    m, i, j, t, v) {
	m = n[what, who, kind]
	if (!m)
		return ""
	for (i = 1; i <= m; i++)
		v[i] = value[what, who, kind, i] + 0
	for (i = 2; i <= m; i++)
		for (j = i; j > 1 && v[j] < v[j - 1]; j--) {
			t = v[j]
			v[j] = v[j - 1]
			v[j - 1] = t
		}
	return m % 2 ? v[(m + 1) / 2] : (v[m / 2] + v[m / 2 + 1]) / 2
}

function ratio(a, b) {
	return a != "" && b ? sprintf("%.2f", a / b) : "-"
}

function seconds(v) {
	return v == "" ? "-" : sprintf("%.2f", v)
}

function one(codec,    what, ours, peer, low) {
	what = "one " codec
	if (!n[what, "ours", "used"])
		return
	ours = median(what, "ours", "used")
	peer = median(what, "peer", "used")
	low = median(what, "floor", "used")
	printf "| %s | %s | %s | %s | %s | %s | %s |\n", codec, seconds(ours), seconds(peer),
		seconds(low), ratio(peer, ours), ratio(ours, low),
		ratio(median(what, "ours", "bytes"), median(what, "peer", "bytes"))
}

function two(codec,    file1, file2, pipe1, pipe2) {
	if (!n["file " codec, 1, "passed"])
		return
	file1 = median("file " codec, 1, "passed")
	file2 = median("file " codec, 2, "passed")
	pipe1 = median("pipe " codec, 1, "passed")
	pipe2 = median("pipe " codec, 2, "passed")
	printf "| %s | %s | %s | %s | %s | %s | %s |\n", codec, seconds(file1), seconds(file2),
		ratio(file1, file2), seconds(pipe1), seconds(pipe2), ratio(pipe1, pipe2)
}

function scan(name,    what, one_thread, two_threads, peer, bytes) {
	what = "scan " name
	if (!n[what, 1, "passed"])
		return
	one_thread = median(what, 1, "passed")
	two_threads = median(what, 2, "passed")
	peer = median(what, "peer", "passed")
	bytes = median(what, 1, "bytes")
	printf "| %s | %.3f | %.3f | %s | %.2f | %.2f | %s | %s | %s |\n", name, one_thread,
		two_threads, peer == "" ? "-" : sprintf("%.3f", peer), bytes / one_thread / 1e9,
		bytes / two_threads / 1e9, peer == "" ? "-" : sprintf("%.2f", bytes / peer / 1e9),
		ratio(peer, one_thread), ratio(peer, two_threads)
}

END {
	print "\n-d 31, one thread, processor seconds:\n"
	print "| codec | dumpfilter | makedumpfile | floor | makedumpfile / ours | ours / floor | our size / its |"
	print "|---|---|---|---|---|---|---|"
	one("-l")
	one("-p")
	one("-z")
	one("-c")
	print "\n-d 31, seconds passed with one thread and with two:\n"
	print "| codec | file, 1 | file, 2 | 1 / 2 | pipe, 1 | pipe, 2 | 1 / 2 |"
	print "|---|---|---|---|---|---|---|"
	two("-l")
	two("-p")
	two("-z")
	two("-c")
	print "\nfinding the pages to keep, seconds passed and GB of struct pages a second:\n"
	print "| machine | 1 thread | 2 threads | makedumpfile | GB/s, 1 | GB/s, 2 | its GB/s | ratio, 1 | ratio, 2 |"
	print "|---|---|---|---|---|---|---|---|---|"
	scan("fragmented")
	scan("loaded")
	scan("huge")
	print "\nthe whole dump of the large machine, seconds passed:\n"
	print "| | dumpfilter -j 2 | makedumpfile | ratio |"
	print "|---|---|---|---|"
	if (n["huge -l", "ours", "passed"])
		printf "| -l | %s | %s | %s |\n", seconds(median("huge -l", "ours", "passed")),
			seconds(median("huge -l", "peer", "passed")),
			ratio(median("huge -l", "peer", "passed"), median("huge -l", "ours", "passed"))
	print "\ngreatest RssAnon, MiB:\n"
	print "| | dumpfilter | makedumpfile |"
	print "|---|---|---|"
	for (i = 1; i <= split("loaded huge", names, " "); i++)
		for (k = 1; k <= split("-j 1,-j 2,-j 8,--memory 1M", modes, ","); k++) {
			what = "memory " names[i] " -z " modes[k]
			if (!n[what, "ours", "KiB"])
				continue
			peer = median(what, "peer", "KiB")
			printf "| %s -z %s | %.1f | %s |\n", names[i], modes[k],
				median(what, "ours", "KiB") / 1024,
				peer == "" ? "-" : sprintf("%.1f", peer / 1024)
		}
}
