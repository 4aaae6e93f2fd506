/* SPDX-License-Identifier: BSD-2-Clause */
/* The receive parser and the Toeplitz hash; see hw/rss.h. */
#include "hw/rss.h"
#include "hw/e82576_regs.h"
#include "base/uapi.h"

#define ETH_HDR		14u
#define VLAN_TAG	4u

/* 32 bits of the key from bit `bit` on. */
static u32 key_window(const u8 *key, u32 bit)
{
	u32 byte = bit / 8, shift = bit % 8, i;
	u64 w = 0;

	for (i = 0; i < 5; i++)
		w = w << 8 | (byte + i < RSS_KEY_BYTES ? key[byte + i] : 0);
	return (u32)(w >> (8 - shift));
}

void rss_key_ready(struct rss_key *k)
{
	u32 nibble, value, bit;

	k->last_addrs = k->last_ports = k->last_hash = 0;
	for (nibble = 0; nibble < RSS_MAX_INPUT * 2; nibble++)
		for (value = 0; value < 16; value++) {
			u32 h = 0;

			for (bit = 0; bit < 4; bit++)
				if (value & 8u >> bit)
					h ^= key_window(k->key,
							nibble * 4 + bit);
			k->table[nibble][value] = h;
		}
}

static inline u32 toeplitz_byte(const struct rss_key *k, u32 i, u8 byte)
{
	return k->table[2 * i][byte >> 4] ^ k->table[2 * i + 1][byte & 15];
}

u32 rss_toeplitz(const struct rss_key *k, const u8 *input, u32 n)
{
	u32 h = 0, i;

	for (i = 0; i < n; i++)
		h ^= toeplitz_byte(k, i, input[i]);
	return h;
}

static void parse_l4(struct hw_parsed *p, u8 proto, u32 off, u32 end)
{
	u32 need = proto == IPPROTO_TCP ? 20 : 8;

	if ((proto != IPPROTO_TCP && proto != IPPROTO_UDP) || off + need > end)
		return;
	p->l4 = proto;
	p->l4_off = (u16)off;
	p->l4_len = end - off;
	p->packet_type |= proto == IPPROTO_TCP ? RXD_PKT_TCP : RXD_PKT_UDP;
}

static void parse_ipv4(struct hw_parsed *p, const u8 *data, u32 off, u32 len)
{
	const u8 *ip = data + off;
	u32 ihl, total;

	if (off + 20 > len || ip[0] >> 4 != 4)
		return;
	ihl = (ip[0] & 15u) * 4;
	total = get_unaligned_be16(ip + 2);
	if (ihl < 20 || total < ihl || off + total > len)
		return;
	p->l3 = 4;
	p->l3_off = (u16)off;
	p->packet_type = ihl > 20 ? RXD_PKT_IPV4_EXT : RXD_PKT_IPV4;
	if (!(get_unaligned_be16(ip + 6) & 0x3fff))
		parse_l4(p, ip[9], off + ihl, off + total);
}

/* Extension headers end the hardware's interest. */
static void parse_ipv6(struct hw_parsed *p, const u8 *data, u32 off, u32 len)
{
	const u8 *ip = data + off;
	u32 total;

	if (off + 40 > len || ip[0] >> 4 != 6)
		return;
	total = 40 + get_unaligned_be16(ip + 4);
	if (off + total > len)
		return;
	p->l3 = 6;
	p->l3_off = (u16)off;
	p->packet_type = RXD_PKT_IPV6;
	parse_l4(p, ip[6], off + 40, off + total);
}

/* IPv4 without options or fragments, right behind the Ethernet header. */
static bool parse_usual(struct hw_parsed *p, const u8 *data, u32 len)
{
	u32 total;
	bool tcp;

	if (len < ETH_HDR + 28 ||
	    get_unaligned_be16(data + 12) != ETH_P_IP || data[14] != 0x45 ||
	    get_unaligned_be16(data + 20) & 0x3fff)
		return false;
	total = get_unaligned_be16(data + 16);
	tcp = data[23] == IPPROTO_TCP;
	if ((!tcp && data[23] != IPPROTO_UDP) || total < (tcp ? 40 : 28) ||
	    ETH_HDR + total > len)
		return false;
	*p = (struct hw_parsed){
		.l3_off = ETH_HDR, .l4_off = ETH_HDR + 20, .l4_len = total - 20,
		.l3 = 4, .l4 = data[23],
		.packet_type = tcp ? RXD_PKT_IPV4 | RXD_PKT_TCP :
				     RXD_PKT_IPV4 | RXD_PKT_UDP,
	};
	return true;
}

void hw_parse(struct hw_parsed *p, const u8 *data, u32 len)
{
	u32 off = ETH_HDR;
	u16 type;

	if (likely(parse_usual(p, data, len)))
		return;
	*p = (struct hw_parsed){ 0 };
	if (len < ETH_HDR)
		return;
	type = get_unaligned_be16(data + 12);
	if (type == ETH_P_8021Q && len >= ETH_HDR + VLAN_TAG) {
		type = get_unaligned_be16(data + 16);
		off += VLAN_TAG;
	}
	if (type == ETH_P_IP)
		parse_ipv4(p, data, off, len);
	else if (type == ETH_P_IPV6)
		parse_ipv6(p, data, off, len);
}

static u8 rss_type(u32 mrqc, const struct hw_parsed *p)
{
	bool v4 = p->l3 == 4;

	if (p->l4 == IPPROTO_TCP && mrqc & (v4 ? MRQC_TCPV4 : MRQC_TCPV6))
		return v4 ? RSS_TCPV4 : RSS_TCPV6;
	if (p->l4 == IPPROTO_UDP && mrqc & (v4 ? MRQC_UDPV4 : MRQC_UDPV6))
		return v4 ? RSS_UDPV4 : RSS_UDPV6;
	if (mrqc & (v4 ? MRQC_IPV4 : MRQC_IPV6))
		return v4 ? RSS_IPV4 : RSS_IPV6;
	return RSS_NONE;
}

/* Addresses and ports of IPv4: the usual frame. */
static u32 hash_ipv4_ports(struct rss_key *k, const u8 *addrs, const u8 *ports)
{
	u64 a;
	u32 p, h;

	memcpy(&a, addrs, 8);
	memcpy(&p, ports, 4);
	if (likely(a == k->last_addrs && p == k->last_ports))
		return k->last_hash;
	h = rss_toeplitz(k, addrs, 8);
	h ^= toeplitz_byte(k, 8, ports[0]) ^ toeplitz_byte(k, 9, ports[1]) ^
	     toeplitz_byte(k, 10, ports[2]) ^ toeplitz_byte(k, 11, ports[3]);
	k->last_addrs = a;
	k->last_ports = p;
	k->last_hash = h;
	return h;
}

static u32 hash_ipv6_ports(const struct rss_key *k, const u8 *addrs,
			   const u8 *ports)
{
	u8 input[RSS_MAX_INPUT];

	memcpy(input, addrs, 32);
	memcpy(input + 32, ports, 4);
	return rss_toeplitz(k, input, sizeof(input));
}

u32 rss_hash_frame(struct rss_key *k, u32 mrqc, const struct hw_parsed *p,
		   const u8 *data, u8 *type)
{
	bool v4 = p->l3 == 4;
	const u8 *addrs = data + p->l3_off + (v4 ? 12 : 8);

	*type = RSS_NONE;
	if (!p->l3 || (mrqc & MRQC_ENABLE) != MRQC_RSS)
		return 0;
	*type = rss_type(mrqc, p);
	switch (*type) {
	case RSS_NONE:
		return 0;
	case RSS_IPV4:
	case RSS_IPV6:
		return rss_toeplitz(k, addrs, v4 ? 8 : 32);
	}
	return v4 ? hash_ipv4_ports(k, addrs, data + p->l4_off) :
		    hash_ipv6_ports(k, addrs, data + p->l4_off);
}
