/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lwip: two lwIP stacks in one process, joined by a wire that copies, driven by
 * one thread through lwIP's raw callbacks. What bench/inproc.c does on weir.
 *
 *	lwip bulk SECONDS	bytes per second that arrived
 *	lwip rr SECONDS		64-byte round trips per second
 *
 * lwIP keeps its state in globals, so Debian's library is loaded twice, each
 * time into a name space of its own (dlmopen). It is built with checksums made
 * and checked in software; that is why inproc.c has weir do the same. A frame
 * is copied once from stack to stack; in between it waits in a ring, so that no
 * stack is called from inside the other.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#define MESSAGE		64
#define PORT		7000
#define CHUNK		65536
#define RING		1024	/* frames under way, one direction */

/* lwIP's functions in one of the two copies. */
struct lib {
	__typeof__(&lwip_init) init;
	__typeof__(&netif_add) netif_add;
	__typeof__(&netif_set_up) netif_set_up;
	__typeof__(&netif_set_link_up) netif_set_link_up;
	__typeof__(&etharp_output) etharp_output;
	__typeof__(&ethernet_input) ethernet_input;
	__typeof__(&sys_check_timeouts) check_timeouts;
	__typeof__(&pbuf_alloc) pbuf_alloc;
	__typeof__(&pbuf_free) pbuf_free;
	__typeof__(&pbuf_take) pbuf_take;
	__typeof__(&tcp_new) tcp_new;
	__typeof__(&tcp_bind) tcp_bind;
	__typeof__(&tcp_listen_with_backlog) listen;
	__typeof__(&tcp_accept) tcp_accept;
	__typeof__(&tcp_connect) tcp_connect;
	__typeof__(&tcp_arg) tcp_arg;
	__typeof__(&tcp_recv) tcp_recv;
	__typeof__(&tcp_sent) tcp_sent;
	__typeof__(&tcp_recved) tcp_recved;
	__typeof__(&tcp_write) tcp_write;
	__typeof__(&tcp_output) tcp_output;
};

struct stack {
	struct lib l;
	struct netif netif;
	struct stack *peer;
	struct pbuf *ring[RING];	/* ours, received, not yet input */
	unsigned int head, tail;
	struct tcp_pcb *pcb;
	uint64_t bytes, messages;
	int connected;
	void (*work)(struct stack *s);	/* may send more */
};

static char data[CHUNK];

static void die(const char *what, const char *why)
{
	fprintf(stderr, "lwip: %s: %s\n", what, why);
	exit(4);
}

static void *symbol(void *lib, const char *name)
{
	void *p = dlsym(lib, name);

	if (!p)
		die(name, "not in liblwip");
	return p;
}

/* The functions of a fresh copy of the library. */
static void load(struct lib *l)
{
	void *h = dlmopen(LM_ID_NEWLM, "liblwip.so.0", RTLD_NOW);

	if (!h)
		die("liblwip.so.0", dlerror());
	l->init = symbol(h, "lwip_init");
	l->netif_add = symbol(h, "netif_add");
	l->netif_set_up = symbol(h, "netif_set_up");
	l->netif_set_link_up = symbol(h, "netif_set_link_up");
	l->etharp_output = symbol(h, "etharp_output");
	l->ethernet_input = symbol(h, "ethernet_input");
	l->check_timeouts = symbol(h, "sys_check_timeouts");
	l->pbuf_alloc = symbol(h, "pbuf_alloc");
	l->pbuf_free = symbol(h, "pbuf_free");
	l->pbuf_take = symbol(h, "pbuf_take");
	l->tcp_new = symbol(h, "tcp_new");
	l->tcp_bind = symbol(h, "tcp_bind");
	l->listen = symbol(h, "tcp_listen_with_backlog");
	l->tcp_accept = symbol(h, "tcp_accept");
	l->tcp_connect = symbol(h, "tcp_connect");
	l->tcp_arg = symbol(h, "tcp_arg");
	l->tcp_recv = symbol(h, "tcp_recv");
	l->tcp_sent = symbol(h, "tcp_sent");
	l->tcp_recved = symbol(h, "tcp_recved");
	l->tcp_write = symbol(h, "tcp_write");
	l->tcp_output = symbol(h, "tcp_output");
}

/* --- the wire ------------------------------------------------------------------ */

static err_t linkoutput(struct netif *n, struct pbuf *p)
{
	struct stack *s = n->state, *to = s->peer;
	struct pbuf *q;

	if (to->head - to->tail == RING)
		return ERR_BUF;
	q = to->l.pbuf_alloc(PBUF_RAW, p->tot_len, PBUF_RAM);
	if (!q)
		return ERR_MEM;
	/* LWIP_NETIF_TX_SINGLE_PBUF: it is in one piece. */
	to->l.pbuf_take(q, p->payload, p->tot_len);
	to->ring[to->head++ % RING] = q;
	return ERR_OK;
}

static err_t wire_init(struct netif *n)
{
	struct stack *s = n->state;

	n->name[0] = 'e';
	n->name[1] = 't';
	n->mtu = 1500;
	n->hwaddr_len = 6;
	n->hwaddr[0] = 2;
	n->hwaddr[5] = s < s->peer ? 1 : 2;
	n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
		   NETIF_FLAG_ETHERNET;
	n->output = s->l.etharp_output;
	n->linkoutput = linkoutput;
	return ERR_OK;
}

static void start(struct stack *s, unsigned int host)
{
	ip4_addr_t addr, mask, gw;

	s->l.init();
	IP4_ADDR(&addr, 10, 0, 0, host);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	IP4_ADDR(&gw, 0, 0, 0, 0);
	s->l.netif_add(&s->netif, &addr, &mask, &gw, s, wire_init,
		       s->l.ethernet_input);
	s->l.netif_set_up(&s->netif);
	s->l.netif_set_link_up(&s->netif);
}

/* Everything that waits for s, and its timers now and then. */
static void step(struct stack *s)
{
	while (s->tail != s->head) {
		struct pbuf *p = s->ring[s->tail++ % RING];

		if (s->netif.input(p, &s->netif) != ERR_OK)
			s->l.pbuf_free(p);
	}
}

/* --- the work ------------------------------------------------------------------ */

static void send_message(struct stack *s)
{
	if (s->l.tcp_write(s->pcb, data, MESSAGE, TCP_WRITE_FLAG_COPY) ||
	    s->l.tcp_output(s->pcb))
		die("tcp_write", "refused");
}

static void fill(struct stack *s)
{
	u16_t room;

	while ((room = tcp_sndbuf(s->pcb)) >= TCP_MSS) {
		if (s->l.tcp_write(s->pcb, data, room, TCP_WRITE_FLAG_COPY))
			break;
	}
	s->l.tcp_output(s->pcb);
}

/* The application's copy, as recv() would make it. */
static void take(struct pbuf *p)
{
	static char sink[CHUNK];
	size_t at = 0;

	for (; p; p = p->next) {
		if (at + p->len > sizeof(sink))
			at = 0;
		memcpy(sink + at, p->payload, p->len);
		at += p->len;
	}
	__asm__ volatile("" : : "r"(sink) : "memory");
}

static err_t received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct stack *s = arg;

	if (!p)
		return ERR_OK;
	take(p);
	s->bytes += p->tot_len;
	s->l.tcp_recved(pcb, p->tot_len);
	s->l.pbuf_free(p);
	if (s->work == send_message) {
		s->messages++;
		send_message(s);
	}
	return ERR_OK;
}

static err_t sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	struct stack *s = arg;

	if (s->work == fill)
		fill(s);
	return ERR_OK;
}

static void attach(struct stack *s, struct tcp_pcb *pcb)
{
	s->pcb = pcb;
	tcp_nagle_disable(pcb);
	s->l.tcp_arg(pcb, s);
	s->l.tcp_recv(pcb, received);
	s->l.tcp_sent(pcb, sent);
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
	attach(arg, pcb);
	return ERR_OK;
}

static err_t connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct stack *s = arg;

	s->connected = 1;
	return ERR_OK;
}

static void meet(struct stack *client, struct stack *server)
{
	struct tcp_pcb *l = server->l.tcp_new();
	ip_addr_t to = IPADDR4_INIT_BYTES(10, 0, 0, 2);
	ip_addr_t any = IPADDR4_INIT(0);

	if (!l || server->l.tcp_bind(l, &any, PORT))
		die("server", "no pcb");
	l = server->l.listen(l, 8);
	server->l.tcp_arg(l, server);
	server->l.tcp_accept(l, accepted);
	attach(client, client->l.tcp_new());
	if (client->l.tcp_connect(client->pcb, &to, PORT, connected))
		die("client", "no connection");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void turn(struct stack *a, struct stack *b, unsigned int times)
{
	while (times--) {
		step(b);
		step(a);
	}
	a->l.check_timeouts();
	b->l.check_timeouts();
}

int main(int argc, char **argv)
{
	static struct stack client, server;
	double seconds = argc > 2 ? atof(argv[2]) : 0, begin, end;
	int rr = argc > 1 && !strcmp(argv[1], "rr");
	uint64_t bytes, messages;

	if (argc != 3 || seconds <= 0 || (!rr && strcmp(argv[1], "bulk"))) {
		fprintf(stderr, "usage: lwip bulk|rr SECONDS\n");
		return 1;
	}
	client.peer = &server;
	server.peer = &client;
	load(&client.l);
	load(&server.l);
	start(&client, 1);
	start(&server, 2);
	meet(&client, &server);
	for (end = now() + 10; !client.connected || !server.pcb;) {
		turn(&client, &server, 1);
		if (now() > end)
			die("client", "not connected after 10 s");
	}
	client.work = rr ? send_message : fill;
	server.work = rr ? send_message : NULL;
	client.work(&client);
	turn(&client, &server, 1000);
	bytes = server.bytes;
	messages = client.messages;
	for (begin = now(); (end = now()) < begin + seconds;)
		turn(&client, &server, 1000);
	printf("%.0f\n", (double)(rr ? client.messages - messages :
				       server.bytes - bytes) / (end - begin));
	return 0;
}
