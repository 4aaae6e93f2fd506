/* SPDX-License-Identifier: BSD-2-Clause */
/* ioctl on sockets of AF_INET: time stamps, queue lengths (the transport's
 * answer), devices (dev_ioctl.c). */
#include "sock/inet_common.h"

#include "cpu/cpu.h"

/* socket(7): of the last packet given to the program. The first question turns
 * stamping on and has no answer. */
static int get_stamp(struct sock *sk, bool ns, void *arg)
{
	ktime_t t = READ_ONCE(sk->stamp);
	struct timespec ts;
	struct timeval tv;

	sock_set_flag(sk, SOCK_TIMESTAMP);
	if (t == -1)
		return -ENOENT;
	if (!t) {
		t = ktime_get_real();
		WRITE_ONCE(sk->stamp, t);
	}
	ts.tv_sec = t / NSEC_PER_SEC;
	ts.tv_nsec = t % NSEC_PER_SEC;
	if (ns) {
		memcpy(arg, &ts, sizeof(ts));
		return 0;
	}
	tv.tv_sec = ts.tv_sec;
	tv.tv_usec = ts.tv_nsec / NSEC_PER_USEC;
	memcpy(arg, &tv, sizeof(tv));
	return 0;
}

int inet_ioctl(struct socket *s, unsigned long cmd, void *arg)
{
	struct sock *sk = s->sk;
	int err, v;

	switch (cmd) {
	case SIOCGSTAMP:
	case SIOCGSTAMPNS:
		return get_stamp(sk, cmd == SIOCGSTAMPNS, arg);
	default:
		err = dev_ioctl(s->net, cmd, arg);
		if (err != -ENOTTY || !sk->sk_prot->ioctl)
			return err;
		err = sk->sk_prot->ioctl(sk, cmd, &v);
		if (!err)
			memcpy(arg, &v, sizeof(v));
		return err;
	}
}
