/* SPDX-License-Identifier: BSD-2-Clause */
/* What the file layer tells epoll. */
#ifndef WEIR_USER_EPOLL_H
#define WEIR_USER_EPOLL_H

#include "user/file.h"

/* The last descriptor of f is gone: every epitem on it goes too. */
void eventpoll_release_file(struct file *f);
/* The host's descriptor fd was closed by the program: epitems on it go. */
void eventpoll_host_closed(struct net *net, int fd);

#endif
