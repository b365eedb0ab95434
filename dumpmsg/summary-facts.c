/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For shells: NAME=VALUE lines that need no quotes. A value has only letters, digits and
 * . _ : + @ - and does not begin with '-'; what is not known is "unknown".
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "summary-state.h"

enum { FACT_MAX = 64 };

static bool is_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._:+@-", c));
}

/* others become '-', several one; none at the beginning or end */
static void fact(FILE *to, const char *name, const char *text, const char *also_bad)
{
	char value[FACT_MAX + 1];
	size_t n = 0;

	for (; *text && n < FACT_MAX; text++) {
		char c = is_safe(*text) && !strchr(also_bad, *text) ? *text : '-';

		if (c != '-' || (n > 0 && value[n - 1] != '-'))
			value[n++] = c;
	}
	while (n > 0 && (value[n - 1] == '-' || value[n - 1] == '.'))
		n--;
	value[n] = '\0';
	/* a folder called so would be hidden, or another one */
	for (size_t i = 0; i < n && value[i] == '.'; i++)
		value[i] = '_';
	fprintf(to, "%s=%s\n", name, n > 0 ? value : "unknown");
}

/* what happened in a few words, without the numbers that differ each time */
static void short_title(const struct summary *s, char *text, size_t size)
{
	static const char *const heads[] = {
		"Kernel panic - not syncing: ", "watchdog: ", "BUG: ", "INFO: ", "rcu: ",
		"NMI watchdog: ", "mce: ", "Oops: ",
	};
	/* who asked for the memory that there was none of is chance */
	const struct report *r = s->cause && s->cause->kind == KIND_OOM ? s->end : s->cause;
	const char *at = r ? r->title : "";
	const char *end;
	size_t used = 0;

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (strncmp(at, heads[i], strlen(heads[i])) == 0)
			at += strlen(heads[i]);
	/* the kernel puts what differs behind these: an address, a processor, a task */
	if (r && r->kind == KIND_HUNG_TASK && strncmp(at, "task ", 5) == 0)
		at = "task blocked";	/* its name and number differ */
	end = strstr(at, ", ");
	if (!end)
		end = strstr(at, " - ");
	if (!end)
		end = at + strlen(at);
	while (at < end && used + 1 < size) {
		size_t n = strcspn(at, " ,");
		size_t digits = strspn(at, "0123456789abcdefx");

		/* addresses: what comes behind them differs as well */
		if (digits >= 8 && digits + 1 >= n)
			break;
		if (n > size - used - 2)
			n = size - used - 2;
		memcpy(text + used, at, n);
		used += n;
		text[used++] = ' ';
		at += n;
		at += strspn(at, " ,");
		if (used + 2 >= size)
			break;
	}
	text[used] = '\0';
}

static void number(FILE *to, const char *name, bool known, uint64_t value)
{
	if (known)
		fprintf(to, "%s=%" PRIu64 "\n", name, value);
	else
		fprintf(to, "%s=unknown\n", name);
}

void summary_facts(const struct summary *s, FILE *to)
{
	char text[FACT_MAX + 2], stamp[SUMMARY_TIME] = "", signature[SIGNATURE_TEXT];
	time_t t = (time_t)s->crash_time;
	struct tm tm;
	uint32_t cpu = 0;
	bool has_cpu = summary_cpu(s, &cpu);

	if (s->crash_time > 0 && gmtime_r(&t, &tm))
		strftime(stamp, sizeof stamp, "%Y-%m-%d-%H:%M:%S", &tm);
	short_title(s, text, sizeof text);
	signature[0] = '\0';
	/* it would be another one than that of all that can be known */
	if (!s->brief)
		summary_signature(s, signature);
	fact(to, "HOST", strcmp(s->node, "(none)") == 0 ? "" : s->node, ":+@");
	fact(to, "TIME", stamp, "");
	number(to, "EPOCH", s->crash_time > 0, (uint64_t)s->crash_time);
	fact(to, "RELEASE", s->release, ":@");
	fact(to, "PANIC", text, ":@");
	fact(to, "KIND", kind_name(summary_kind(s)), "");
	fact(to, "SIGNATURE", signature, "");
	number(to, "CPU", has_cpu, cpu);
	fact(to, "ARCH", summary_arch(s), "");
	fact(to, "COMPLETE", s->complete ? "yes" : "no", "");
}
