/* SPDX-License-Identifier: Apache-2.0 */
/* Tells a service manager how we are: sd_notify(3) without its library. */
#ifndef VINPUT_LAUNCH_NOTIFY_H
#define VINPUT_LAUNCH_NOTIFY_H

/* Send "READY=1" or the like to $NOTIFY_SOCKET, if there is one. */
void launch_notify(const char *text);

#endif
