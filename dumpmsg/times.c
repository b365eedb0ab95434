/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "err.h"
#include "num.h"
#include "times.h"

#define NSEC INT64_C(1000000000)
enum { MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 7 * DAY };

static const struct { const char *name; int64_t sec; } units[] = {
	{ "s", 1 }, { "sec", 1 }, { "secs", 1 }, { "second", 1 }, { "seconds", 1 },
	{ "m", MINUTE }, { "min", MINUTE }, { "mins", MINUTE }, { "minute", MINUTE },
	{ "minutes", MINUTE }, { "h", HOUR }, { "hr", HOUR }, { "hrs", HOUR }, { "hour", HOUR },
	{ "hours", HOUR }, { "d", DAY }, { "day", DAY }, { "days", DAY }, { "w", WEEK },
	{ "week", WEEK }, { "weeks", WEEK },
};

/* false: what is there is no unit, or more than one */
static bool read_unit(const char *text, size_t len, int64_t *sec)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strlen(units[i].name) == len && strncasecmp(units[i].name, text, len) == 0) {
			*sec = units[i].sec;
			return true;
		}
	return false;
}

/*
 * A number with or without up to nine digits after the point, at the start of text: how
 * long it is, 0 if there is none that fits. In billionths; *unit is one of its last digit,
 * but not more than a microsecond, which is how logs are printed.
 */
static size_t read_number(const char *text, int64_t *value, int64_t *unit)
{
	size_t whole = strspn(text, "0123456789"), rest = 0;
	uint64_t n, part = 0;

	if (whole == 0 || !num_parse(text, whole, 10, &n) || n > INT64_MAX / NSEC / 2)
		return 0;
	*unit = NSEC;
	if (text[whole] == '.') {
		const char *digits = text + whole + 1;

		rest = strspn(digits, "0123456789");
		if (rest == 0 || rest > 9 || !num_parse(digits, rest, 10, &part))
			return 0;
		for (size_t i = 0; i < rest; i++)
			*unit /= 10;
		part *= (uint64_t)*unit;
		rest++;
	}
	if (*unit > 1000)
		*unit = 1000;
	*value = (int64_t)n * NSEC + (int64_t)part;
	return whole + rest;
}

static const char *skip_space(const char *text, const char *end)
{
	while (text < end && *text == ' ')
		text++;
	return text;
}

/* "10min", "1h30min", "2 hours": how much that is; false: something else */
static bool read_span(const char *text, size_t len, int64_t *nsec)
{
	const char *end = text + len;
	bool any = false;

	*nsec = 0;
	while (text < end) {
		int64_t n, unit, sec, part;
		size_t digits = read_number(text, &n, &unit), word;

		if (digits == 0)
			return false;
		text = skip_space(text + digits, end);
		for (word = 0; text + word < end && isalpha((unsigned char)text[word]); word++)
			;
		if (text > end || !read_unit(text, word, &sec) ||
		    __builtin_mul_overflow(n, sec, &part) ||
		    __builtin_add_overflow(*nsec, part, nsec))
			return false;
		text = skip_space(text + word, end);
		any = true;
	}
	return any && text == end;
}

/* "-10min", "10 minutes ago", "now" */
static bool parse_back(struct moment *m, const char *text)
{
	size_t len = strlen(text);

	*m = (struct moment){ .clock = CLOCK_OF_CRASH, .unit = 1 };
	if (strcasecmp(text, "now") == 0)
		return true;
	if (text[0] == '-' && read_span(text + 1, len - 1, &m->nsec)) {
		m->nsec = -m->nsec;
		return true;
	}
	if (len > 4 && strcasecmp(text + len - 4, " ago") == 0) {
		for (len -= 4; len > 0 && text[len - 1] == ' '; len--)
			;
		if (read_span(text, len, &m->nsec)) {
			m->nsec = -m->nsec;
			return true;
		}
	}
	return false;
}

/* "10:15" or "10:15:30" and nothing else */
static bool read_hours(const char *text, struct tm *tm)
{
	int n = 0;

	tm->tm_sec = 0;
	if (!isdigit((unsigned char)text[0]))
		return false;
	if (sscanf(text, "%2d:%2d%n", &tm->tm_hour, &tm->tm_min, &n) < 2 || n == 0)
		return false;
	if (text[n] == ':') {
		int more = 0;

		if (!isdigit((unsigned char)text[n + 1]) ||
		    sscanf(text + n, ":%2d%n", &tm->tm_sec, &more) < 1)
			return false;
		n += more;
	}
	return text[n] == '\0' && tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 &&
	       tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

/* takes ".123456" from the end of the seconds: billionths, and one of the last digit */
static bool cut_fraction(char *text, int64_t *nsec, int64_t *unit)
{
	char *point = strrchr(text, '.'), *colon = strrchr(text, ':');
	char number[16];

	*nsec = 0;
	*unit = 1;
	if (!point)
		return true;
	/* only "10:15:30" has seconds to be divided */
	if (!colon || colon == strchr(text, ':') || point < colon || strlen(point) > 10)
		return false;
	snprintf(number, sizeof number, "0%s", point);
	*point = '\0';
	return read_number(number, nsec, unit) == strlen(number);
}

/* "2026-11-22", "2026-11-22 10:15", "2026-11-22T10:15:30", "2026-11-22T10:15:30.123456Z" */
static bool parse_date(struct moment *m, const char *text)
{
	struct tm tm = { .tm_isdst = -1 };
	int64_t nsec, unit;
	char copy[40];
	size_t len = strlen(text);
	int n = 0, day;
	bool utc;
	time_t at;

	if (len == 0 || len >= sizeof copy)
		return false;
	utc = text[len - 1] == 'Z';
	snprintf(copy, sizeof copy, "%.*s", (int)(len - utc), text);
	if (!cut_fraction(copy, &nsec, &unit) ||
	    sscanf(copy, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &n) < 3 ||
	    n == 0 || tm.tm_year < 1970)
		return false;
	if ((copy[n] == ' ' || copy[n] == 'T' || copy[n] == 't') ?
	    !read_hours(copy + n + 1, &tm) : copy[n] != '\0')
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	day = tm.tm_mday;
	if (tm.tm_mon < 0 || tm.tm_mon > 11)
		return false;
	at = utc ? timegm(&tm) : mktime(&tm);
	/* the 31st of a month with 30 days would be another day */
	if (at == -1 || tm.tm_mday != day)
		return false;
	*m = (struct moment){ CLOCK_OF_WALL, 0, unit };
	/* after 2262: later than all that has happened */
	if (__builtin_mul_overflow((int64_t)at, NSEC, &m->nsec) ||
	    __builtin_add_overflow(m->nsec, nsec, &m->nsec))
		m->nsec = INT64_MAX;
	return true;
}

static bool parse_day(struct moment *m, const char *text)
{
	struct tm tm = { 0 };

	*m = (struct moment){ .clock = CLOCK_OF_CRASH_DAY, .unit = 1 };
	if (strcasecmp(text, "today") == 0)
		return true;
	if (strcasecmp(text, "yesterday") == 0) {
		m->nsec = -(int64_t)DAY * NSEC;
		return true;
	}
	if (!read_hours(text, &tm))
		return false;
	m->nsec = (tm.tm_hour * (int64_t)HOUR + tm.tm_min * MINUTE + tm.tm_sec) * NSEC;
	return true;
}

static bool parse_number(struct moment *m, const char *text)
{
	bool wall = text[0] == '@';
	size_t len;

	text += wall;
	len = read_number(text, &m->nsec, &m->unit);
	if (len == 0 || text[len])
		return false;
	m->clock = wall ? CLOCK_OF_WALL : CLOCK_OF_BOOT;
	return true;
}

int moment_parse(struct moment *m, const char *text)
{
	if (parse_number(m, text) || parse_date(m, text) || parse_day(m, text) ||
	    parse_back(m, text))
		return 0;
	return fail(ERR_USAGE, "\"%s\" is no time: 12.5 (seconds since boot), @1700000000, "
		    "2026-11-22, \"2026-11-22 10:15\", 10:15:30, yesterday, -10min, "
		    "\"2 hours ago\"", text);
}

bool moment_needs_wall(const struct moment *m)
{
	return m->clock == CLOCK_OF_WALL || m->clock == CLOCK_OF_CRASH_DAY;
}

/*
 * So long after midnight, in this machine's time zone, of the day of the crash: nanoseconds
 * since 1970. By the clock on the wall: some days have 23 hours, or 25.
 */
static bool find_on_day(const struct clocks *c, int64_t after, int64_t *wall)
{
	int64_t crash;
	struct tm tm;
	time_t sec;

	if (__builtin_add_overflow(c->boot_nsec, c->crash_nsec, &crash))
		return false;
	sec = (time_t)(crash / NSEC);
	if (!localtime_r(&sec, &tm))
		return false;
	after /= NSEC;
	tm.tm_mday += (int)(after / DAY);
	tm.tm_hour = (int)(after % DAY / HOUR);
	tm.tm_min = (int)(after % HOUR / MINUTE);
	tm.tm_sec = (int)(after % MINUTE);
	tm.tm_isdst = -1;
	sec = mktime(&tm);
	return sec != -1 && !__builtin_mul_overflow((int64_t)sec, NSEC, wall);
}

bool moment_find(const struct moment *m, const struct clocks *c, int64_t *since_boot)
{
	int64_t wall = m->nsec;

	switch (m->clock) {
	case CLOCK_OF_BOOT:
		*since_boot = m->nsec;
		return true;
	case CLOCK_OF_CRASH:
		return c->has_crash &&
		       !__builtin_add_overflow(c->crash_nsec, m->nsec, since_boot);
	case CLOCK_OF_CRASH_DAY:
		if (!c->has_crash || !c->has_boot || !find_on_day(c, m->nsec, &wall))
			return false;
		break;
	case CLOCK_OF_WALL:
		break;
	}
	return c->has_boot && !__builtin_sub_overflow(wall, c->boot_nsec, since_boot);
}
