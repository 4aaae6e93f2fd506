/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tapmove: what a TAP and the host's kernel behind it can do. Moves frames as
 * large as the TAP takes them (IFF_VNET_HDR, TSO) and does nothing else: no
 * stack, no copy to a reader. The kernel's end is netbench's bulk mode.
 *
 *	tapmove send DEV OWN PEER PORT SECONDS	to a bulk server at PEER
 *	tapmove receive DEV OWN PORT		from a bulk client
 *
 * So that the kernel's TCP takes part, there is the least of it: a handshake,
 * data within the peer's window (from the last acknowledged byte on when nothing
 * moves for 200 ms), an acknowledgement per frame that comes. Checksums are left to
 * the kernel (VIRTIO_NET_HDR_F_NEEDS_CSUM). It spins: waking it would cost more
 * than moving a frame. Prints one line of JSON, as netbench does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MSS		1460
#define LARGE		(44 * MSS)	/* payload of a large frame: below 64 KiB */
#define SCALE		8		/* of the window that we offer: 4 MiB */
#define WINDOW		16384
#define BURST		8		/* frames sent before acknowledgements are read */
#define STALLED		200000000ll	/* ns without progress: send again */
#define GIVE_UP		15000000000ll

struct head {
	struct virtio_net_hdr vnet;
	struct ether_header eth;
	struct iphdr ip;
	struct tcphdr tcp;
	uint8_t options[8];
} __attribute__((packed));

/* The connection. Sequence numbers in host order. */
static struct mover {
	int fd;
	struct head out;		/* of every frame; what stays the same is set */
	struct in_addr own, peer;
	uint32_t una, nxt, end;		/* ours: acknowledged, next, of the window */
	uint32_t expected;		/* the peer's next */
	unsigned int scale;		/* of the peer's window */
	bool knows_mac, syn, fin, reset;
	double received;
} m;

static uint8_t in[sizeof(struct head) + 65536], frame[sizeof(in)];
static const uint8_t own_mac[6] = { 2, 0, 0, 0, 0x7a, 0x70 };

static void die(const char *what)
{
	fprintf(stderr, "tapmove: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void open_tap(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	unsigned long offloads = TUN_F_CSUM | TUN_F_TSO4;

	m.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (m.fd < 0)
		die("/dev/net/tun");
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(m.fd, TUNSETIFF, &ifr) || ioctl(m.fd, TUNSETOFFLOAD, offloads))
		die(name);
}

static void put(const void *data, size_t len)
{
	while (write(m.fd, data, len) < 0)
		if (errno != EAGAIN && errno != EINTR)
			die("write");
}

/* --- ARP ------------------------------------------------------------------------ */

static void arp(uint16_t op, const uint8_t *mac)
{
	struct {
		struct virtio_net_hdr vnet;
		struct ether_header eth;
		struct ether_arp arp;
	} __attribute__((packed)) f = {
		.eth.ether_type = htons(ETHERTYPE_ARP),
		.arp.ea_hdr = { htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), 6, 4,
				htons(op) },
	};

	memset(f.eth.ether_dhost, 0xff, 6);
	if (mac) {
		memcpy(f.eth.ether_dhost, mac, 6);
		memcpy(f.arp.arp_tha, mac, 6);
	}
	memcpy(f.eth.ether_shost, own_mac, 6);
	memcpy(f.arp.arp_sha, own_mac, 6);
	memcpy(f.arp.arp_spa, &m.own, 4);
	memcpy(f.arp.arp_tpa, &m.peer, 4);
	put(&f, sizeof(f));
}

static void take_arp(const struct ether_arp *a)
{
	if (memcmp(a->arp_tpa, &m.own, 4))
		return;
	memcpy(&m.peer, a->arp_spa, 4);
	memcpy(m.out.eth.ether_dhost, a->arp_sha, 6);
	m.knows_mac = true;
	if (ntohs(a->ea_hdr.ar_op) == ARPOP_REQUEST)
		arp(ARPOP_REPLY, a->arp_sha);
}

/* --- segments out --------------------------------------------------------------- */

static uint32_t sum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t s = 0;

	for (; len > 1; p += 2, len -= 2)
		s += (uint32_t)p[0] << 8 | p[1];
	return s;
}

static uint16_t fold(uint32_t s)
{
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)((s & 0xffff) + (s >> 16));
}

static void open_head(uint16_t own_port, uint16_t peer_port)
{
	struct head *h = &m.out;

	h->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->vnet.csum_start = sizeof(h->eth) + sizeof(h->ip);
	h->vnet.csum_offset = 16;
	memcpy(h->eth.ether_shost, own_mac, 6);
	h->eth.ether_type = htons(ETHERTYPE_IP);
	h->ip.version = 4;
	h->ip.ihl = 5;
	h->ip.ttl = 64;
	h->ip.protocol = IPPROTO_TCP;
	h->ip.frag_off = htons(IP_DF);
	h->ip.saddr = m.own.s_addr;
	h->ip.daddr = m.peer.s_addr;
	h->tcp.source = own_port;
	h->tcp.dest = peer_port;
	h->tcp.window = htons(WINDOW);
}

/* Of `len` bytes payload, from seq on; what they are does not matter. */
static void segment(uint32_t seq, uint16_t flags, size_t len)
{
	static const uint8_t syn_options[8] = { 2, 4, MSS >> 8, MSS & 0xff,
						1, 3, 3, SCALE };
	size_t options = flags & TH_SYN ? 8 : 0;
	size_t tcp_len = sizeof(struct tcphdr) + options + len;
	struct head *h = &m.out;

	h->vnet.gso_type = len > MSS ? VIRTIO_NET_HDR_GSO_TCPV4 :
			   VIRTIO_NET_HDR_GSO_NONE;
	h->vnet.gso_size = len > MSS ? MSS : 0;
	h->vnet.hdr_len = sizeof(h->eth) + sizeof(h->ip) + sizeof(h->tcp);
	h->ip.tot_len = htons((uint16_t)(sizeof(h->ip) + tcp_len));
	h->ip.check = 0;
	h->ip.check = htons((uint16_t)~fold(sum(&h->ip, sizeof(h->ip))));
	h->tcp.seq = htonl(seq);
	h->tcp.ack_seq = flags & TH_ACK ? htonl(m.expected) : 0;
	h->tcp.doff = (5 + options / 4) & 15;
	h->tcp.th_flags = (uint8_t)flags;
	h->tcp.check = htons(fold(sum(&h->ip.saddr, 8) + IPPROTO_TCP +
				  (uint32_t)tcp_len));
	memcpy(h->options, syn_options, options);
	memcpy(frame, h, sizeof(*h) - 8 + options);
	put(frame, sizeof(*h) - 8 + options + len);
}

/* --- segments in ---------------------------------------------------------------- */

static void take_syn(const struct tcphdr *t)
{
	const uint8_t *o = (const uint8_t *)(t + 1), *end;

	m.syn = true;
	m.expected = ntohl(t->seq) + 1;
	m.scale = 0;
	for (end = (const uint8_t *)t + t->doff * 4; o < end && *o;
	     o += *o == 1 ? 1 : o[1] ? o[1] : 1)
		if (*o == 3 && o + 2 < end)
			m.scale = o[2];
}

static void take_tcp(const struct iphdr *ip)
{
	const struct tcphdr *t = (const void *)((const uint8_t *)ip + ip->ihl * 4);
	uint32_t len = ntohs(ip->tot_len) - (uint32_t)(ip->ihl + t->doff) * 4;
	uint32_t ack = ntohl(t->ack_seq);

	if (m.out.tcp.dest ? t->source != m.out.tcp.dest ||
			     t->dest != m.out.tcp.source :
			     !(t->th_flags & TH_SYN))
		return;			/* of an earlier connection */
	if (t->th_flags & TH_RST) {
		m.reset = true;
		return;
	}
	if (t->th_flags & TH_SYN) {
		if (!m.out.tcp.dest)
			open_head(t->dest, t->source);
		take_syn(t);
	}
	if (t->th_flags & TH_ACK && (int32_t)(ack - m.una) >= 0) {
		m.una = ack;
		if ((int32_t)(m.nxt - ack) < 0)
			m.nxt = ack;
		m.end = ack + ((uint32_t)ntohs(t->window) <<
			       (t->th_flags & TH_SYN ? 0 : m.scale));
	}
	if (!len && !(t->th_flags & TH_FIN))
		return;
	if (ntohl(t->seq) == m.expected && m.syn) {
		m.expected += len;
		m.received += len;
		if (t->th_flags & TH_FIN) {
			m.expected++;
			m.fin = true;
		}
	}
	segment(m.nxt, TH_ACK, 0);
}

/* One frame, if there is one. */
static bool take(void)
{
	const struct head *h = (const void *)in;
	const void *packet = in + offsetof(struct head, ip);
	ssize_t n = read(m.fd, in, sizeof(in));

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		die("read");
	if (n < (ssize_t)(sizeof(h->vnet) + sizeof(h->eth) + 20))
		return n > 0;
	if (h->eth.ether_type == htons(ETHERTYPE_ARP))
		take_arp(packet);
	else if (h->eth.ether_type == htons(ETHERTYPE_IP) &&
		 h->ip.protocol == IPPROTO_TCP &&
		 h->ip.daddr == m.own.s_addr)
		take_tcp(packet);
	return true;
}

/* Takes frames until *what; asks for it now and then. */
static void until(const bool *what, void (*ask)(void), const char *name)
{
	int64_t end = now_ns() + GIVE_UP, next = 0;

	while (!*what) {
		int64_t t = now_ns();

		if (ask && t >= next) {
			ask();
			next = t + STALLED;
		}
		if (t > end) {
			errno = ETIMEDOUT;
			die(name);
		}
		take();
	}
}

/* --- both ways ------------------------------------------------------------------- */

static void ask_mac(void)
{
	arp(ARPOP_REQUEST, NULL);
}

/* From another port each time: an earlier answer may have been "refused". */
static void ask_connection(void)
{
	static uint16_t port;

	if (!port)
		port = (uint16_t)(now_ns() / 1000);
	m.out.tcp.source = htons((uint16_t)(20000 + port++ % 20000));
	m.reset = false;
	m.una = m.nxt = (uint32_t)now_ns();
	segment(m.nxt++, TH_SYN, 0);
}

static void ask_end(void)
{
	segment(m.una, TH_FIN | TH_ACK, 0);
	m.nxt = m.una + 1;
}

/* Large frames as long as the window has room. */
static void send_some(void)
{
	int i;

	for (i = 0; i < BURST && (int32_t)(m.end - m.nxt) >= LARGE; i++) {
		segment(m.nxt, TH_ACK, LARGE);
		m.nxt += LARGE;
	}
	/* The window is smaller than that: what fits, once all is known. */
	if (m.nxt == m.una && (int32_t)(m.end - m.nxt) >= MSS) {
		segment(m.nxt, TH_ACK, MSS);
		m.nxt += MSS;
	}
}

static double send_for(double seconds)
{
	int64_t t = now_ns(), end = t + (int64_t)(seconds * 1e9), moved = t;
	uint32_t una = m.una;
	double bytes = 0;

	while ((t < end || m.una != m.nxt) && !m.reset) {
		if (t < end)
			send_some();
		while (take())
			;
		t = now_ns();
		if (m.una != una) {
			bytes += m.una - una;
			una = m.una;
			moved = t;
		} else if (t - moved > STALLED) {
			m.nxt = m.una;
			moved = t;
			if (t >= end)
				break;
		}
	}
	return bytes;
}

static void send_all(uint16_t port, double seconds)
{
	double cpu, bytes, took;
	int64_t start;

	until(&m.knows_mac, ask_mac, "the peer's answer to ARP");
	open_head(0, htons(port));
	until(&m.syn, ask_connection, "the server");
	segment(m.nxt, TH_ACK, 0);
	cpu = cpu_seconds();
	start = now_ns();
	bytes = send_for(seconds);
	until(&m.fin, ask_end, "the server's end");
	took = (double)(now_ns() - start) * 1e-9;
	segment(m.nxt, TH_RST | TH_ACK, 0);
	printf("{\"cpu_s\": %.6f, \"rate\": %.1f}\n", cpu_seconds() - cpu,
	       bytes / took);
}

static void receive_all(void)
{
	double cpu;

	until(&m.syn, NULL, "the client");
	m.una = m.nxt = (uint32_t)now_ns();
	segment(m.nxt++, TH_SYN | TH_ACK, 0);
	cpu = cpu_seconds();
	while (!m.fin && !m.reset)
		take();
	segment(m.nxt, TH_ACK | TH_PUSH, 1);	/* the server's word */
	m.nxt++;
	for (int64_t end = now_ns() + STALLED; !m.reset && m.una != m.nxt &&
	     now_ns() < end;)
		take();
	printf("{\"cpu_s\": %.6f, \"bytes\": %.0f}\n", cpu_seconds() - cpu,
	       m.received);
}

int main(int argc, char **argv)
{
	bool sends = argc == 7 && !strcmp(argv[1], "send");

	if (!sends && (argc != 5 || strcmp(argv[1], "receive")))
		goto usage;
	if (inet_pton(AF_INET, argv[3], &m.own) != 1 ||
	    (sends && inet_pton(AF_INET, argv[4], &m.peer) != 1))
		goto usage;
	open_tap(argv[2]);
	if (sends)
		send_all((uint16_t)atoi(argv[5]), atof(argv[6]));
	else
		receive_all();
	return 0;

usage:
	fprintf(stderr, "usage: tapmove send DEV OWN PEER PORT SECONDS\n"
		"       tapmove receive DEV OWN PORT\n");
	return 1;
}
