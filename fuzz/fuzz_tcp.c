/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TCP peer that does anything at any time, against a listening socket and a
 * connecting one, with a program that reads, writes and closes meanwhile.
 *
 * Input: records of { u8 op, arguments }, see enum op. Sequence numbers are
 * given as distances from what would be right, so that most segments are near
 * the window's edges and not far outside.
 */
#include "fuzz/fuzz_world.h"

#include "buf/wire/ip.h"
#include "buf/wire/tcp.h"
#include "user/sys.h"

enum op { OP_SEGMENT, OP_TIME, OP_WRITE, OP_READ, OP_ACCEPT, OP_SHUTDOWN, OP_CLOSE,
	  OP_CONNECT, OP_OPTION, OP_NR };

/* Our end of the connection. */
struct peer {
	u16 port, stack_port;
	u32 snd_nxt, rcv_nxt;
	u32 ts_seen;
};

struct tcp_fuzz {
	struct fuzz_world *w;
	struct peer peer;
	int fd;				/* -1: none */
	struct fuzz_input in;
};

/* What the stack sent tells what to acknowledge. */
static void peer_sees(void *arg, const u8 *f, u32 len)
{
	struct peer *p = arg;
	const struct iphdr *iph = (const struct iphdr *)(f + ETH_HLEN);
	const struct tcphdr *th;
	u32 hlen, end;

	if (len < ETH_HLEN + 40 || f[12] != 8 || f[13] ||
	    iph->protocol != IPPROTO_TCP)
		return;
	hlen = iph_len(iph);
	th = (const struct tcphdr *)((const u8 *)iph + hlen);
	if (tcp_doff(th) + hlen > be16_to_cpu(iph->tot_len) ||
	    be16_to_cpu(th->dest) != p->port)
		return;
	end = be32_to_cpu(th->seq) + be16_to_cpu(iph->tot_len) - hlen -
	      tcp_doff(th) + tcp_has(th, TCPHDR_SYN) + tcp_has(th, TCPHDR_FIN);
	if (tcp_has(th, TCPHDR_SYN) || (s32)(end - p->rcv_nxt) > 0)
		p->rcv_nxt = end;
	p->stack_port = be16_to_cpu(th->source);
	if (tcp_doff(th) >= 32)		/* usual place of the timestamp */
		p->ts_seen = get_unaligned_be32((const u8 *)th + 24);
}

static u32 put_options(struct tcp_fuzz *t, u8 *o, u8 how)
{
	if (how & 1) {			/* a good timestamp */
		memcpy(o, "\1\1\10\12", 4);
		put_unaligned_be32(1000 + fuzz_u8(&t->in), o + 4);
		put_unaligned_be32(t->peer.ts_seen, o + 8);
		return 12;
	}
	if (how & 2) {			/* SACK, distances from what we know */
		memcpy(o, "\1\1\5\12", 4);
		put_unaligned_be32(t->peer.rcv_nxt - fuzz_u16(&t->in), o + 4);
		put_unaligned_be32(t->peer.rcv_nxt - fuzz_u16(&t->in), o + 8);
		return 12;
	}
	return 0;
}

static void segment(struct tcp_fuzz *t)
{
	u8 p[2048] __aligned(4) = { 0 };
	struct iphdr *iph = (struct iphdr *)p;
	struct tcphdr *th = (struct tcphdr *)(p + 20);
	u8 flags = fuzz_u8(&t->in), how = fuzz_u8(&t->in);
	s16 dseq = how & 4 ? (s16)fuzz_u16(&t->in) : 0;
	s16 dack = how & 8 ? (s16)fuzz_u16(&t->in) : 0;
	u32 olen, plen;

	iph_set_len(iph, 20);
	iph->ttl = 64;
	iph->tos = how & 16 ? 3 : 0;
	iph->protocol = IPPROTO_TCP;
	iph->saddr = cpu_to_be32(FUZZ_PEER_ADDR);
	iph->daddr = cpu_to_be32(FUZZ_STACK_ADDR);
	th->source = cpu_to_be16(t->peer.port);
	th->dest = cpu_to_be16(t->peer.stack_port);
	th->seq = cpu_to_be32(t->peer.snd_nxt + (u32)dseq);
	th->ack_seq = cpu_to_be32(t->peer.rcv_nxt + (u32)dack);
	th->flags = flags;
	th->window = cpu_to_be16(fuzz_u16(&t->in));
	olen = put_options(t, p + 40, how);
	if (how & 32)			/* any options */
		olen = fuzz_bytes(&t->in, p + 40, fuzz_u8(&t->in) & 40u) & ~3u;
	tcp_set_doff(th, 20 + olen);
	plen = how & 64 ? fuzz_u16(&t->in) % 1461 : 0;
	th->urg_ptr = cpu_to_be16(flags & TCPHDR_URG ? fuzz_u8(&t->in) : 0);
	th->check = csum_tcpudp_magic(iph->saddr, iph->daddr, 20 + olen + plen,
				      IPPROTO_TCP,
				      csum_partial(th, 20 + olen + plen, 0));
	if (!dseq)
		t->peer.snd_nxt += plen + !!(flags & TCPHDR_SYN) +
				   !!(flags & TCPHDR_FIN);
	fuzz_packet(t->w, p, 40 + olen + plen, true);
}

static void connect_to_peer(struct tcp_fuzz *t)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd;

	if (t->fd >= 0)
		return;
	fd = sys_socket(t->w->net, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	put_unaligned_be16(t->peer.port, &a.sin_port);
	put_unaligned_be32(FUZZ_PEER_ADDR, &a.sin_addr);
	sys_connect(t->w->net, fd, (struct sockaddr *)&a, sizeof(a));
	t->fd = fd;
}

static void set_option(struct tcp_fuzz *t)
{
	static const u8 level[] = { SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP };
	u8 l = fuzz_u8(&t->in) % 3, name = fuzz_u8(&t->in) % 80;
	int value = (int)fuzz_u32(&t->in);
	u32 len = sizeof(value);

	if (t->fd < 0)
		return;
	sys_setsockopt(t->w->net, t->fd, level[l], name, &value, len);
	sys_getsockopt(t->w->net, t->fd, level[l], name, &value, &len);
}

static void one_op(struct tcp_fuzz *t, enum op op)
{
	struct net *net = t->w->net;
	char buf[4096] = { 0 };

	switch (op) {
	case OP_SEGMENT:
		segment(t);
		break;
	case OP_TIME:
		fake_advance(t->w->fp, (1LL << (fuzz_u8(&t->in) % 37)));
		break;
	case OP_WRITE:
		sys_sendto(net, t->fd, buf, fuzz_u16(&t->in) % sizeof(buf),
			   MSG_DONTWAIT | MSG_NOSIGNAL | fuzz_u8(&t->in), NULL, 0);
		break;
	case OP_READ:
		sys_recvfrom(net, t->fd, buf, fuzz_u16(&t->in) % sizeof(buf),
			     MSG_DONTWAIT | (fuzz_u8(&t->in) & 3), NULL, NULL);
		break;
	case OP_ACCEPT:
		if (t->fd < 0)
			t->fd = sys_accept4(net, t->w->listener, NULL, NULL,
					    SOCK_NONBLOCK);
		break;
	case OP_SHUTDOWN:
		sys_shutdown(net, t->fd, fuzz_u8(&t->in) % 3);
		break;
	case OP_CLOSE:
		sys_close(net, t->fd);
		t->fd = -1;
		break;
	case OP_CONNECT:
		connect_to_peer(t);
		break;
	case OP_OPTION:
		set_option(t);
		break;
	case OP_NR:
		break;
	}
	fake_run(t->w->fp);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tcp_fuzz t = {
		.w = fuzz_world_begin(),
		.peer = { .port = 4000, .stack_port = FUZZ_TCP_PORT,
			  .snd_nxt = 1000 },
		.fd = -1,
		.in = { data, size },
	};

	t.w->sent = peer_sees;
	t.w->sent_arg = &t.peer;
	for (int n = 0; t.in.left && n < 200; n++)
		one_op(&t, fuzz_u8(&t.in) % OP_NR);
	if (t.fd >= 0)
		sys_close(t.w->net, t.fd);
	fuzz_world_end(t.w);
	return 0;
}
