/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that several ways of ending share. */
#ifndef STATE_H
#define STATE_H

struct attempt;
struct machine;

/* what was to be found out was not: 3 and 5 would say something about the machine */
int state_not_known(void);
/* machine_loaded() has failed; the exit status */
int state_unknown(void);
/* the last line after a failure: what is loaded now. */
void state_tell(const char *loaded);
/* lines that the kernel has written to its log since kmsg_mark() */
void state_log(int log);
/*
 * What this errno of the call means; a is NULL for an unload, before is the machine as it
 * was. Always -1, after fail().
 */
int state_cause(int errnum, const struct attempt *a, const struct machine *before);
/* the same, printed; the exit status */
int state_explain(int errnum, const struct attempt *a, const struct machine *before);

#endif
