/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "err.h"
#include "filter.h"
#include "log.h"
#include "names.h"

/* the words between commas; each is given to take(), which returns -1 for one that is none */
static int each_word(const char *list, void *to, int take(void *to, const char *word, size_t len))
{
	for (;;) {
		size_t len = strcspn(list, ",");

		if (take(to, list, len))
			return fail(ERR_USAGE, "\"%.*s\"", (int)len, list);
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

static int take_level(void *to, const char *word, size_t len)
{
	struct filter *f = to;
	bool lesser = len > 0 && word[0] == '+', worse = len > 0 && word[len - 1] == '+';
	int level;

	if (lesser) {
		word++;
		len--;
	}
	if (worse && len > 0)
		len--;
	level = level_of_name(word, len);
	if (level < 0 || (lesser && worse))
		return -1;
	if (worse)
		f->levels |= (2U << level) - 1;
	else if (lesser)
		f->levels |= 0xffU << level & 0xff;
	else
		f->levels |= 1U << level;
	return 0;
}

static int take_facility(void *to, const char *word, size_t len)
{
	struct filter *f = to;
	int facility = facility_of_name(word, len);

	if (facility < 0)
		return -1;
	f->facilities |= UINT32_C(1) << facility;
	return 0;
}

int filter_levels(struct filter *f, const char *list)
{
	if (each_word(list, f, take_level) == 0)
		return 0;
	return fail(ERR_USAGE, "%s is no level: emerg, alert, crit, err, warn, notice, info or "
		    "debug; err+ is that and worse, +err that and lesser", err_text());
}

int filter_facilities(struct filter *f, const char *list)
{
	if (each_word(list, f, take_facility) == 0)
		return 0;
	return fail(ERR_USAGE, "%s is no facility: kern, user, mail, daemon, auth, syslog, lpr, "
		    "news, uucp, cron, authpriv, ftp, local0 to local7", err_text());
}

static bool is_in_time(const struct filter *f, const struct record *r)
{
	uint64_t ns = r->ts_nsec;

	/* a time before the boot is before all records */
	if (f->has_since && f->since > 0 && ns < (uint64_t)f->since)
		return false;
	return !f->has_until || (f->until >= 0 && ns <= (uint64_t)f->until);
}

bool filter_wants(const struct filter *f, const struct record *r)
{
	if (r->loss)
		return true;
	if (f->levels && !(f->levels >> (r->level & 7) & 1))
		return false;
	if (f->facilities && !(r->facility < 32 && f->facilities >> r->facility & 1))
		return false;
	if (f->since_clear && r->cleared)
		return false;
	/* without a time nobody knows: better too much than too little */
	return !r->timed || is_in_time(f, r);
}
