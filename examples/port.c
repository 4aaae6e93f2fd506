/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Your code as the network: packets made by hand go into a host through a
 * port (a device without link-layer headers), and what the host answers comes
 * out of it. Here a SYN to a port that listens, and one to a port that does
 * not; the answers are printed.
 */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <weir/sim.h>

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
};

static uint32_t add_words(uint32_t sum, const void *from, size_t len)
{
	const uint8_t *p = from;

	for (; len >= 2; len -= 2, p += 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* A SYN from 10.0.0.9:1000 to 10.0.0.1:port. */
static struct segment make_syn(uint16_t port)
{
	struct segment s = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = 6,
			.tot_len = htons(sizeof(s)),
			.saddr = inet_addr("10.0.0.9"),
			.daddr = inet_addr("10.0.0.1") },
		.tcp = { .source = htons(1000), .dest = htons(port),
			 .seq = htonl(1), .doff = 5, .syn = 1,
			 .window = htons(1000) },
	};

	s.ip.check = folded(add_words(0, &s.ip, sizeof(s.ip)));
	/* the pseudo header: both addresses, protocol, length */
	s.tcp.check = folded(add_words(add_words(6 + sizeof(s.tcp),
						 &s.ip.saddr, 8),
				       &s.tcp, sizeof(s.tcp)));
	return s;
}

/* Sends the SYN and prints what comes back within a virtual second. Its
 * flags; -1: nothing. */
static int try(struct weir_sim *s, struct weir_sim_port *p, uint16_t port)
{
	struct segment syn = make_syn(port), answer;
	uint8_t packet[1500];
	int64_t when;

	weir_sim_port_input(p, &syn, sizeof(syn));
	weir_sim_pass(s, 1000000000);
	if (weir_sim_port_next(p, packet, sizeof(packet), &when) < 0)
		return -1;
	memcpy(&answer, packet, sizeof(answer));
	printf("port %d: %s%s%s, ack %u\n", port, answer.tcp.syn ? "SYN " : "",
	       answer.tcp.rst ? "RST " : "", answer.tcp.ack ? "ACK" : "",
	       ntohl(answer.tcp.ack_seq));
	while (weir_sim_port_next(p, packet, sizeof(packet), &when) >= 0)
		;			/* retransmitted SYN ACKs */
	return answer.tcp.syn ? TH_SYN : answer.tcp.rst ? TH_RST : 0;
}

int main(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct weir_sim *s = weir_sim_create(NULL, NULL, 0);
	struct weir *h = weir_sim_host(s, "h", NULL, NULL, 0);
	struct weir_sim_port *p = weir_sim_port(h, NULL, NULL, 0);
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);

	weir_addr_add(h, "tun0", "10.0.0.1/24", NULL, 0);
	weir_bind(h, fd, (struct sockaddr *)&at, sizeof(at));
	weir_listen(h, fd, 5);
	if (try(s, p, 80) != TH_SYN || try(s, p, 81) != TH_RST)
		return 1;
	return weir_sim_destroy(s) != 0;
}
