/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault.c - what shall go wrong, and when; numbers of the command line */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proxy.h"

bool parse_bytes(const char *text, uint64_t *value, const char **end)
{
	static const char units[] = "kMG";
	const char *unit;
	char *after;
	uint64_t times = 1;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &after, 10);
	if (errno)
		return false;
	unit = *after ? strchr(units, *after) : NULL;
	if (unit) {
		uint64_t base = after[1] == 'i' ? 1024 : 1000;

		for (ptrdiff_t i = 0; i <= unit - units; i++)
			times *= base;
		after += base == 1024 ? 2 : 1;
	}
	*end = after;
	return !__builtin_mul_overflow(*value, times, value);
}

bool parse_seconds(const char *text, int64_t *ns)
{
	char *after;
	double seconds = strtod(text, &after);

	if (after == text || *after || !(seconds >= 0 && seconds < 1e9))
		return false;
	*ns = seconds * 1e9 + 0.5;
	return true;
}

/* what follows the number of a fault: ":SECONDS", ":BIT" or nothing */
static bool parse_more(struct fault *f, const char *more)
{
	if (!*more)
		return true;
	if (*more++ != ':')
		return false;
	if (f->kind == FAULT_STALL)
		return parse_seconds(more, &f->duration);
	if (f->kind != FAULT_FLIP || *more < '0' || *more > '7' || more[1])
		return false;
	f->bit = *more - '0';
	return true;
}

bool fault_add(struct way ways[2], const char *text)
{
	static const struct {
		const char *name;
		enum fault_kind kind;
		bool every;
	} names[] = {
		{ "cut=", FAULT_CUT, false }, { "cut-every=", FAULT_CUT, true },
		{ "stall=", FAULT_STALL, false }, { "flip=", FAULT_FLIP, false },
	};
	bool back = strncmp(text, "back-", 5) == 0;
	struct way *way = &ways[back ? BACK : THERE];
	const char *word = back ? text + 5 : text, *more;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i].name);
		struct fault f = { .kind = names[i].kind, .duration = NEVER };

		if (strncmp(word, names[i].name, len) != 0)
			continue;
		if (way->nfaults == MAX_FAULTS || !parse_bytes(word + len, &f.at, &more))
			return false;
		if (names[i].every)
			f.every = f.at;
		if ((names[i].every && !f.at) || !parse_more(&f, more))
			return false;
		way->faults[way->nfaults++] = f;
		return true;
	}
	return false;
}

const struct fault *fault_due(struct way *way, bool byte_ready)
{
	for (size_t i = 0; i < way->nfaults; i++) {
		struct fault *f = &way->faults[i];

		if (f->done || way->moved < f->at)
			continue;
		/* before the first byte there is no transfer yet to be cut */
		if (!byte_ready && (f->kind == FAULT_FLIP || f->at == 0))
			continue;
		f->done = f->every == 0;
		f->at += f->every;
		return f;
	}
	return NULL;
}

uint64_t fault_distance(const struct way *way)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < way->nfaults; i++) {
		const struct fault *f = &way->faults[i];

		if (!f->done && f->at > way->moved && f->at - way->moved < least)
			least = f->at - way->moved;
	}
	return least;
}
