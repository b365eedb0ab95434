/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STATUS_H
#define STATUS_H

struct request;

/* --status: is a panic kernel loaded, and which? 0: yes, 3: no, 5: no memory is reserved */
int status_show(const struct request *rq);

#endif
