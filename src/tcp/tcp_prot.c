/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP's entry in the table of transports. */
#include "tcp/tcp_out.h"

static int prot_init(struct sock *sk)
{
	tcp_init_sock(sk);
	return 0;
}

const struct proto tcp_prot = {
	.name = "TCP",
	.obj_size = sizeof(struct tcp_sock),
	.protocol = IPPROTO_TCP,
	.type = SOCK_STREAM,
	.connection_based = true,
	.init = prot_init,
	.destroy = tcp_destroy,
	.free_mini = tcp_proto_free_mini,
	.close = tcp_close,
	.connect = tcp_v4_connect,
	.disconnect = tcp_disconnect,
	.accept = tcp_accept,
	.listen = tcp_listen_start,
	.ioctl = tcp_ioctl,
	.shutdown = tcp_shutdown,
	.stamp_base = tcp_stamp_base,
	.stamp_stats = tcp_stamp_stats,
	.keepalive = tcp_set_keepalive,
	.setsockopt = tcp_setsockopt,
	.getsockopt = tcp_getsockopt,
	.sendmsg = tcp_sendmsg,
	.recvmsg = tcp_recvmsg,
	.loan_returned = tcp_loan_returned,
	.poll = tcp_poll,
	.backlog_rcv = tcp_v4_do_rcv,
	.release_cb = tcp_release_cb,
	.hash = inet_hash,
	.unhash = inet_unhash,
	.get_port = inet_csk_get_port,
	.mem_index = SK_MEM_TCP,
};
