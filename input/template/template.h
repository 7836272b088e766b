/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A template is a process that has done what is the same for each server, which
 * is all before its command line is read, and forks servers when a launcher
 * asks for them. They are children of the launcher, not of the template:
 *
 *	launcher		   template	      server
 *	  request, fds ──────────► clone() ─────────► waits
 *	  ◄──────────────────────────── its pid, or -errno
 *	  any byte ─────────────────────────────────► die with the launcher,
 *	  ◄── end of file, or -errno ──────────────── session, streams, fds,
 *	                                              limit, signals ─► main()
 *
 * The server's answers and the byte go through a socket of the request's
 * (TEMPLATE_TELL), which is closed if either dies. A template has nothing of
 * any server, and only the launcher can reach it.
 */
#ifndef VINPUT_TEMPLATE_H
#define VINPUT_TEMPLATE_H

/* A command line; the environment is environ. */
struct template_server {
	int argc;
	char **argv;
};

/*
 * Serve requests. fd: taken. Return: 0, in a server that is to be run; 1, in
 * the template, when the launcher has closed the socket; -errno, there as well,
 * logged.
 */
int template_run(int fd, struct template_server *server);

#endif
