/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stddef.h>

#include "commands.h"
#include "err.h"
#include "judge.h"
#include "look.h"
#include "opt.h"
#include "say.h"
#include "show.h"

enum { OPT_JSON = 256, OPT_ROOT };

static const struct opt opts[] = {
	{ OPT_JSON, "json", NULL, "print one line of JSON" },
	{ OPT_ROOT, "root", "DIR", "look at the /proc, /sys... saved in DIR" },
	OPT_COMMON,
	{ 0 },
};

static int show(const char *root, bool as_json)
{
	struct judgement jd;
	struct state st;

	if (look(&st, root)) {
		look_close(&st);
		return say_failure();
	}
	judge(&jd, &st);
	int status = jd.verdict;

	if (jd.verdict != VERDICT_UNKNOWN || as_json)
		for (unsigned i = 0; i < st.nnotes; i++)
			warn("%s", st.notes[i]);
	else
		for (unsigned i = 0; i < st.nnotes; i++)
			complain("%s", st.notes[i]);
	if (as_json)
		show_json(&jd, &st);
	else if (!say_is_quiet())
		show_text(&jd, &st);
	look_close(&st);
	return say_flush() ? 1 : status;
}

int cmd_show(char **argv)
{
	struct cmdline cl = {
		.synopsis = "[show] [-q] [--json] [--root=DIR]",
		.about = "Say whether a crash of this machine would be captured.",
		.opts = opts,
		.argv = argv,
	};
	const char *root = NULL;
	bool as_json = false;
	int key;

	while ((key = opt_next(&cl)) > 0) {
		if (key == OPT_JSON)
			as_json = true;
		if (key == OPT_ROOT)
			root = cl.arg;
	}
	if (key == 0 && opt_count(&cl) > 0)
		key = fail(ERR_USAGE, "\"%s\": show takes no operand, and a command comes first",
			   cl.argv[0]);
	return key < 0 ? opt_usage(&cl) : show(root, as_json);
}
