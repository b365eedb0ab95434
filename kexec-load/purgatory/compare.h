/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMPARE_H
#define COMPARE_H

struct told;

/* compares what told describes with what it was, and reports; returns in any case */
void compare(const struct told *told);

#endif
