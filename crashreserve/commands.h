/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The questions crashreserve answers. Each has a command line of its own: argv are the
 * words behind the command's name; the result is the exit status. They alone print.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

int cmd_show(char **argv);
int cmd_eval(char **argv);
int cmd_estimate(char **argv);
int cmd_shrink(char **argv);

#endif
