/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that hold without any file. */
#ifndef RULES_BUILTIN_H
#define RULES_BUILTIN_H

#include "rules.h"

struct builtin_rule {
	enum rule_verb verb;
	const char *text, *why;
	const char *arch;	/* NULL: all of them */
};

/* ends with a text that is NULL; first what is removed, then what is added */
extern const struct builtin_rule rules_builtins[];

#endif
